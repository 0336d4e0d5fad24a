"""What was refused of a page stands in the log, a line a minute for each attempt, device and reason, however often it is sent."""

from django.core.cache import cache

from audit.log import record
from audit.models import Outcome
from exams.actions.saving import Behind, Closed, Waiting
from exams.models import Attempt

ONCE_IN = 60  # seconds


def note(pk, refusal, *, by, device, answers):
    """Write down that answers to a candidate's own attempt, or its hand-in, were refused, and why; one that came early is no refusal."""
    if isinstance(refusal, Waiting) and refusal.why == "early":
        return
    attempt = Attempt.objects.of(by).filter(pk=pk).defer("layout").first()
    why = _why(refusal, attempt)
    if attempt is None or not why or not cache.add(f"refused:{pk}:{why}:{device}", 1, ONCE_IN):
        return
    record(
        "attempt.write_refused",
        attempt,
        by=by,
        outcome=Outcome.REFUSED,
        why=why,
        answers=answers,
        device=device[:8],
    )


def _why(refusal, attempt):
    """The reason as a word."""
    if isinstance(refusal, Behind):
        return "stale"
    if isinstance(refusal, Waiting):
        return refusal.why
    if isinstance(refusal, Closed) and attempt is not None:
        return "terminated" if attempt.ended_by == Attempt.EndedBy.TERMINATED else "over"
    return ""
