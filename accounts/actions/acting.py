"""Beginning to act for another, and ending it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import acting_for
from audit.log import record
from audit.transitions import Refused


@transaction.atomic
def begin_for(person, *, by, reason, now):
    """Write down that somebody acts for a person from now; give what her session is to keep."""
    reason = reason.strip()
    if len(reason) < acting_for.SHORTEST_REASON:
        raise Refused(_("请写明理由，至少 4 个字。"))
    if why := acting_for.why_not(by, person, timezone.localdate(now)):
        raise Refused(why)
    until = now + acting_for.span()
    begun = record(
        "acting.begun", person, by=by, on_behalf=person, why=reason, until=until.isoformat(timespec="seconds")
    )
    return acting_for.kept(person, reason=reason, until=until, begun=begun.pk)


def end_for(found, *, why=""):
    """Write down that it is over."""
    told = {"begun": found.begun} | ({"why": why} if why else {})
    record("acting.ended", found.represented, by=found.real, on_behalf=found.represented, **told)
