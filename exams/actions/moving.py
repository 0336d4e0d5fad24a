"""Going on with a running attempt on another device, where whoever supervises agrees.

The new device is signed in as the candidate: it proves who sits there, and nothing is opened to anybody else. What the supervisor
scans or types is no key but the name of a wish; without her signature in the log the device reads nothing and answers nothing.
"""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.append import append
from audit.log import record
from audit.transitions import Refused
from exams import rules
from exams.actions import attempts, interventions
from exams.models import Attempt, MoveRequest

LASTS = timedelta(minutes=10)
MOST_WISHES = 5  # of one attempt while a code lasts


def live(session, now):
    """The wishes of a session that may still be agreed to, with the people behind them."""
    return MoveRequest.objects.filter(
        attempt__registration__session=session, attempt__state=Attempt.State.IN_PROGRESS, at__gt=now - LASTS
    )


def asked(pk, device, now):
    """The wish of this device that still stands, or None: nobody agrees to an old one, nor to one after which another device asked."""
    if not device:
        return None
    newest = MoveRequest.objects.filter(attempt=pk, at__gt=now - LASTS).order_by("-pk").first()
    return newest if newest and newest.device == device else None


@transaction.atomic
def ask(candidate, pk, *, device, now=None):
    """Ask to go on with one's own running attempt on this device; a second time gives the wish that stands."""
    now = now or timezone.now()
    attempt = Attempt.objects.of(candidate).select_for_update(of=("self",), no_key=True).get(pk=pk)
    if attempt.state != Attempt.State.IN_PROGRESS:
        raise Refused(_("答卷已交，不能再换设备作答。"))
    if attempt.device == device:
        return None
    if known := asked(pk, device, now):
        return known
    if MoveRequest.objects.filter(attempt=pk, at__gt=now - LASTS).count() >= MOST_WISHES:
        raise Refused(_("申请换机过于频繁，请联系监考人员。"))
    taken = set(live(attempt.registration.session_id, now).values_list("code", flat=True))
    code = next(one for one in iter(lambda: f"{secrets.randbelow(10**6):06d}", None) if one not in taken)
    (row,) = append([MoveRequest(attempt_id=pk, device=device, code=code, at=now)])
    record("attempt.move_asked", attempt, by=candidate, device=device[:8])
    return row


@transaction.atomic
def agree(wish, *, by, now=None):
    """Let the device go on that asked last; the one before can only be read from now on. A second time changes nothing."""
    now = now or timezone.now()
    attempt = attempts.locked(wish.attempt_id)  # nobody asks anew while this is decided
    if reason := rules.why_not_oneself(attempt, by):
        raise Refused(reason)
    if wish.at <= now - LASTS:
        raise Refused(_("换机码已过期，请考生在新设备上重新申请。"))
    if MoveRequest.objects.filter(attempt=wish.attempt_id, pk__gt=wish.pk).exists():
        raise Refused(_("考生又在另一台设备上申请了，请核对最新的换机码。"))
    return interventions.move_over(wish, by=by, now=now)
