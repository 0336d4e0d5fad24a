"""Results become known: to the candidate, to the personnel file, to the floors above."""

from django.db import transaction
from django.utils import timezone

from accounts import records
from accounts.models import RecordKind
from exams.engine.disclosure import JUST_AFTER, shown
from exams.models import Attempt, Exam
from exams.signals import result_released


def is_due(attempt):
    """Whether the terms let the result be known as soon as the attempt is over."""
    session = attempt.registration.session
    return session.exam.kind == Exam.Kind.SELF_TRAINING and "score" in shown(session.disclosure, JUST_AFTER)


@transaction.atomic
def release(attempt):
    """Enter the result into the personnel file and ring the bell; safe to repeat, and repeated by whoever finds it undone."""
    # The lock makes two pages that find it undone at the same moment take turns; the second changes nothing.
    attempt = Attempt.objects.select_for_update(of=("self",)).select_related(
        "registration__session__exam__category",
        "registration__candidate",
        "registration__post__enterprise__unit",
        "current_result",
    ).get(pk=attempt.pk)  # fmt: skip
    if attempt.released_at or attempt.state != Attempt.State.SUBMITTED or not is_due(attempt):
        return attempt
    enter(attempt)
    result_released.send(sender=Attempt, attempt=attempt)
    attempt.released_at = timezone.now()
    Attempt.objects.filter(pk=attempt.pk).update(released_at=attempt.released_at)
    return attempt


def enter(attempt):
    """The line of the personnel file that tells of an attempt's present result."""
    registration, result = attempt.registration, attempt.current_result
    session, post = registration.session, registration.post
    return records.enter(
        registration.candidate,
        f"attempt:{attempt.pk}",
        kind=RecordKind.RESULT,
        occurred_on=timezone.localdate(attempt.submitted_at),
        title=session.name,
        facts={
            "exam": session.exam.name,
            "exam_kind": session.exam.kind,
            "points": str(result.points),
            "max_points": str(result.max_points),
            "percent": str(result.percent),
            "passed": result.passed,
            "attempt_number": attempt.number,
            "enterprise": post.enterprise.unit.name,
            "uscc": post.enterprise.uscc,
            "post_kind": post.kind,
        },
    )
