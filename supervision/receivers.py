"""What this floor does when the exam floor rings its bells."""

from django.dispatch import receiver
from django.utils.translation import gettext as _

from audit.transitions import Refused
from exams.models import Attempt
from exams.signals import seats_changed, termination_reversed
from supervision.actions import notices
from supervision.actions import sittings as acts
from supervision.actions.checks import locked
from supervision.engine.verdict import verdict
from supervision.models import Examinee, Outcome
from supervision.queries import sittings


@receiver(seats_changed, dispatch_uid="supervision.tell_seats")
def tell_seats(sender, registrations, why, by, **kwargs):
    """Who was told another seat gets the next version of her notice, with the reason."""
    notices.seats_moved(registrations, by=by, why=notices.MOVED.format(why=why or notices.SEATED))


@receiver(termination_reversed, dispatch_uid="supervision.amend_the_outcome")
def amend_the_outcome(attempt, by, why, **_more):
    """A cancelled outcome becomes what the score says; before the check is concluded there is none to change."""
    examinee = (
        Examinee.objects.filter(registration=attempt.registration_id).select_related("check_of").first()
    )
    if examinee is None:
        return
    examinee.check_of = locked(examinee.check_of)  # who concludes at this moment is waited for, or waits
    outcome = sittings.outcomes_of([examinee]).get(examinee.pk)
    if (
        outcome is None
        or outcome.attempt_id != attempt.pk
        or outcome.conclusion != Outcome.Conclusion.CANCELLED
    ):
        return
    if attempt.state == Attempt.State.VOIDED:
        raise Refused(_("抽查考核已经登记结果，不能作废重考；可以撤销终止，按已有作答计成绩。"))
    result = attempt.current_result
    acts.amend(
        examinee,
        by=by,
        why=_("撤销终止：%(why)s") % {"why": why[:180]},
        conclusion=verdict(result),
        points=result.points,
        max_points=result.max_points,
        percent=result.percent,
    )
