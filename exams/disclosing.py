"""What a candidate may see of her own attempt at this moment."""

from exams.actions import release
from exams.engine.disclosure import NOTHING, PUBLISHED, phase_of, shown
from exams.models import Attempt, Exam
from exams.queries import terminations


def seen(attempt, now):
    """The elements that the terms show now; none of a result that somebody must release first, or of a terminated attempt."""
    if terminations.in_force(attempt):
        return NOTHING
    session = attempt.registration.session
    handed_in = attempt.submitted_at if attempt.state != Attempt.State.IN_PROGRESS else None
    phase = phase_of(handed_in, now, session.opens_at, session.closes_at, session.released_at)
    nobodys = session.exam.kind == Exam.Kind.PRACTICE  # to release; it stands in no file
    is_known = nobodys or attempt.released_at is not None or phase == PUBLISHED or release.is_due(attempt)
    return shown(session.disclosure, phase) if is_known else NOTHING


def is_awaited(attempt, elements):
    """Whether the score is not among the elements yet and will be."""
    promised = shown(attempt.registration.session.disclosure, PUBLISHED)
    return attempt.state == Attempt.State.SUBMITTED and "score" in promised - elements
