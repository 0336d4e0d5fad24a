"""An absence asked for beforehand, and what the office answers."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused
from supervision import rules
from supervision.actions import evidence
from supervision.actions.checks import locked
from supervision.models import AbsenceDecision, AbsenceRequest
from supervision.queries import notices as queries


@transaction.atomic
def ask(examinee, *, by, side, why, papers=(), now=None):
    """Ask beforehand to be excused, as the examinee or her enterprise, with the reason and what proves it."""
    now, why = now or timezone.now(), why.strip()
    check = locked(examinee.check_of)
    before = queries.requests_of([examinee])
    if reason := rules.why_not_ask(examinee, before, now):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明不能参加的理由。"))
    row = AbsenceRequest.objects.create(
        examinee=examinee, number=len(before) + 1, side=side, why=why[:200], by=by, at=now
    )
    evidence.attach(check, row, papers, by=by)
    record("absence.asked", row, by=by, side=str(side), why=why)
    return row


@transaction.atomic
def decide(request, *, by, is_granted, why, now=None):
    """Grant or refuse it, with the reason, once. Who is excused and does not sit has that as her outcome."""
    now, why = now or timezone.now(), why.strip()
    locked(request.examinee.check_of)
    if reason := rules.why_not_rule_on_absence(request):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明准予或不准予的理由。"))
    row = AbsenceDecision.objects.create(request=request, is_granted=is_granted, why=why[:200], by=by, at=now)
    if is_granted:
        record("absence.granted", request, by=by, why=why)
    else:
        record("absence.refused", request, by=by, why=why)
    return row
