"""Results become known: to the candidate, to the personnel file, to the floors above."""

import logging

from django.db import transaction
from django.utils import timezone

from accounts import records
from accounts.models import RecordKind
from exams.engine.disclosure import JUST_AFTER, shown
from exams.models import Attempt, Exam, Result
from exams.queries import hot, terminations
from exams.signals import result_released

logger = logging.getLogger(__name__)


def is_due(attempt):
    """Whether the terms let the result be known as soon as the attempt is over; of a terminated one nothing is."""
    session = attempt.registration.session
    return (
        session.exam.kind == Exam.Kind.SELF_TRAINING
        and "score" in shown(session.disclosure, JUST_AFTER)
        and terminations.in_force(attempt) is None
    )


def release_with(attempt):
    """Release a result in the transaction that closes its attempt. If that fails the attempt is closed all the same, and whoever
    looks at the result finds it undone and repeats it."""
    if not is_due(attempt):
        return
    try:
        with transaction.atomic():
            _release(attempt)
    except Exception:
        attempt.released_at = None
        logger.exception("the result of attempt %s could not be released", attempt.pk)


@transaction.atomic
def release(attempt):
    """Enter the result into the personnel file and ring the bell; safe to repeat, and repeated by whoever finds it undone."""
    attempt = _locked(attempt)
    if attempt.released_at or attempt.state != Attempt.State.SUBMITTED or not is_due(attempt):
        return attempt
    _release(attempt)
    return attempt


@transaction.atomic
def release_confirmed(attempt):
    """Release the result of an attempt that somebody had to confirm first, as of a spot check; safe to repeat."""
    attempt = _locked(attempt)
    is_whole = attempt.state == Attempt.State.SUBMITTED and attempt.current_result_id
    if is_whole and not attempt.released_at and terminations.in_force(attempt) is None:
        _release(attempt)
    return attempt


def _locked(attempt):
    # The lock makes two pages that find it undone at the same moment take turns; the second changes nothing.
    attempt = hot.LOCKED.one(pk=attempt.pk)
    # Who waited for the lock holds the joined result from before the wait; the pointer itself is what is true now.
    if attempt.current_result_id and attempt.current_result is None:
        attempt.current_result = Result.objects.get(pk=attempt.current_result_id)
    return attempt


def _release(attempt):
    enter(attempt)
    result_released.send(sender=Attempt, attempt=attempt)
    attempt.released_at = timezone.now()
    Attempt.objects.filter(pk=attempt.pk).update(released_at=attempt.released_at)


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
