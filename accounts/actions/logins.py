"""Ending what browsers are signed in with."""

import hashlib

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import acting_for
from accounts.models import Login, User
from audit.log import record
from audit.transitions import Refused


def handle_of(login):
    """How a page names a login: its key itself would let whoever reads it in."""
    return hashlib.sha256(f"login:{login.session_key}".encode()).hexdigest()[:16]


def end_logins(person, *, keep=None):
    """Sign a person out everywhere but in the browser to keep; give how many browsers that were."""
    return Login.objects.filter(person_id=person.pk).exclude(session_key=keep or "").delete()[0]


def end_actings(person, *, why):
    """Write down that it is over for whom a person acts in any of her browsers, which are about to be signed out."""
    for login in Login.objects.filter(person_id=person.pk, expire_date__gt=timezone.now()):
        if kept := login.get_decoded().get(acting_for.KEY):
            represented = User.objects.get(pk=kept["for"])
            told = {"begun": kept["begun"], "why": why}
            record("acting.ended", represented, by=person, on_behalf=represented, **told)


@transaction.atomic
def end_login(person, handle, *, by):
    """Sign one browser of a person out."""
    login = next((one for one in Login.objects.filter(person_id=person.pk) if handle_of(one) == handle), None)
    if login is None:
        raise Refused(_("这台设备已经退出。"))
    login.delete()
    record("login.ended", person, by=by, browser=login.browser)


@transaction.atomic
def end_other_logins(person, *, keep, by):
    """Sign a person out everywhere else; give how many browsers that were."""
    ended = end_logins(person, keep=keep)
    if ended:
        record("login.others_ended", person, by=by, count=ended)
    return ended
