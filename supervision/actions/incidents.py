"""Noting what goes wrong while people sit; nothing that was noted changes, it is corrected by a further note."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused
from supervision import rules
from supervision.actions import evidence
from supervision.actions.checks import locked
from supervision.models import Incident


@transaction.atomic
def note(
    check,
    *,
    category,
    text,
    by,
    examinee=None,
    act=None,
    happened_at=None,
    papers=(),
    corrects=None,
    now=None,
):
    """Note what happened, with its photographs; gives the incident. A correction names what it corrects, which is corrected once."""
    now, check, text = now or timezone.now(), locked(check), text.strip()
    if reason := rules.why_not_note_incident(check):
        raise Refused(reason)
    if not text:
        raise Refused(_("请写明事件经过。"))
    happened_at = happened_at or now
    if happened_at > now:
        raise Refused(_("发生时间不能晚于现在。"))
    if act and (examinee is None or act.attempt.registration_id != examinee.registration_id):
        raise Refused(_("所选措施不属于这名应考人员。"))
    if corrects and Incident.objects.filter(corrects=corrects).exists():
        raise Refused(_("这条记录已经更正过，请更正最新的一条。"))
    last = (
        Incident.objects.filter(check_of=check).order_by("-number").values_list("number", flat=True).first()
    )
    row = Incident.objects.create(
        check_of=check,
        number=(last or 0) + 1,
        examinee=examinee,
        category=category,
        text=text[:2000],
        happened_at=happened_at,
        act=act,
        corrects=corrects,
        by=by,
        at=now,
    )
    more = {"corrects": corrects.number} if corrects else {}
    record("incident.noted", row, by=by, category=str(row.category), number=row.number, **more)
    if papers:
        evidence.attach(check, row, papers, by=by)
    return row
