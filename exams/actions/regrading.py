"""Score a finished attempt again: the next result, beside the ones before it."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused
from exams.actions import attempts, release, scoring
from exams.models import Attempt, Result
from exams.signals import result_released


@dataclass(frozen=True)
class Regraded:
    """The attempt with its new result, and the one that counted before."""

    attempt: Attempt
    before: Result

    @property
    def result(self):
        """What counts now."""
        return self.attempt.current_result

    @property
    def has_fallen(self):
        """Whether she passed before and does not any more; a certificate that was issued stays until somebody decides about it."""
        return self.before.passed and not self.result.passed


@transaction.atomic
def regrade(attempt, *, why, by):
    """Append the next result of a handed-in attempt, let it count, and make it known where the one before was known.

    A pass earns its certificate as after any release. A fall below the cut revokes nothing: the caller tells the person in
    charge (`has_fallen`), who decides with a reason of her own.
    """
    if not why.strip():
        raise Refused(_("请写明原因。"))
    attempt = attempts.locked(attempt.pk)
    if attempt.state != Attempt.State.SUBMITTED:
        raise Refused(_("只有已交卷且未作废的答卷可以重新评分。"))
    return again(attempt, why=why.strip()[:200], by=by)


def again(attempt, said=None, *, why, by):
    """Score a locked attempt that is over once more, from what counts or from what is `said` to count."""
    # Read after the lock: what came along with a locked row may be older than the row.
    before = Result.objects.filter(attempt=attempt).order_by("-number").first()
    after = before.seal or attempt.seal
    result, _scores = scoring.score(attempt, said, by=by, number=before.number + 1, why=why, after=after)
    attempt.current_result = result
    Attempt.objects.filter(pk=attempt.pk).update(current_result=result)
    record(
        "attempt.regraded",
        attempt,
        by=by,
        why=result.why,
        number=result.number,
        seal=result.seal,
        before=str(before.points),
        after=str(result.points),
        passed_before=before.passed,
        passed_after=result.passed,
    )
    if attempt.released_at:
        release.enter(attempt)
        result_released.send(sender=Attempt, attempt=attempt)
    return Regraded(attempt, before)
