"""The end of a course: a row, a line in the personnel file, and the way into the exam."""

from django.utils import timezone

from accounts import records
from accounts.models import RecordKind
from audit.transitions import Refused, move
from courses.models import Completion, Enrolment
from courses.queries.progress import progress_of
from exams.actions import sessions
from exams.models import Registration


def settle(enrolment, *, now):
    """Complete an enrolment whose lessons are all done, inside the act that finished the last one; else nothing happens."""
    if enrolment.state != Enrolment.State.ACTIVE:
        return None
    progress = progress_of([enrolment])[enrolment.pk]
    if not progress.is_complete:
        return None
    registration, why_not = _register(enrolment, now)
    made = Completion.objects.create(
        enrolment=enrolment,
        seconds=progress.seconds,
        registration=registration,
        why_not=why_not[:200],
        at=now,
    )
    move(
        enrolment,
        to=Enrolment.State.COMPLETED,
        by=enrolment.person,
        facts={"seconds": progress.seconds, "edition": enrolment.edition.number},
        completed_at=now,
    )
    records.enter(
        enrolment.person,
        f"course:{enrolment.pk}",
        kind=RecordKind.TRAINING,
        occurred_on=timezone.localdate(now),
        title=enrolment.edition.name,
        facts={
            "course": enrolment.course.code,
            "name": enrolment.edition.name,
            "edition": enrolment.edition.number,
            "minutes": progress.minutes,
            "lessons": [step.revision.title for step in progress.steps],
            "enterprise": enrolment.post.enterprise.unit.name,
            "post": enrolment.post.get_kind_display(),
            "begun_on": timezone.localdate(enrolment.enrolled_at).isoformat(),
        },
        by=None,
    )
    return made


def _register(enrolment, now):
    """The registration for the exam to which the course leads, or why there is none: eligibility is a row."""
    session = enrolment.course.session
    if session is None:
        return None, ""
    try:
        made = sessions.register(
            session, enrolment.post, by=enrolment.person, source=Registration.Source.COURSE, now=now
        )
    except Refused as refused:
        return None, str(refused).removeprefix(f"{enrolment.person}：")
    return made, ""
