"""One-time passwords, for people who have no e-mail by which they could choose one themselves."""

import secrets
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import queries
from accounts.actions.logins import end_logins
from accounts.actions.outside import end_links
from accounts.models import FormerPassword, User
from audit.log import record
from audit.transitions import Refused

# Read from paper and typed on a phone: no capitals, and of each pair that looks alike neither (0 o, 1 l i, 2 z, 5 s, 8 b, u v).
ALPHABET = "acdefghjkmnpqrtwxy34679"
LENGTH = 12  # 54 bits; five failures close the account's door for a quarter of an hour
VALID = timedelta(days=14)


def draw():
    """A random password that can be read from paper."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


@transaction.atomic
def issue_password(person, *, by, on):
    """Give a person a random password that her next sign-in must change; the answer is the only place where it can be read."""
    password = draw()
    _give(person, make_password(password), by=by, on=on)
    return password


def issue_slips(people, *, by, on, print_):
    """Give each of the people a one-time password and print them all; what `print_` makes of [(person, password)] is the answer.

    Hashed and printed before anything is written, for both take their time; nothing is written if it cannot be printed or
    if one of them may not be given any more.
    """
    drawn = [(person, draw()) for person in people]
    hashes = [make_password(password) for _person, password in drawn]
    printed = print_(drawn)
    with transaction.atomic():
        for (person, _password), encoded in sorted(
            zip(drawn, hashes, strict=True), key=lambda one: one[0][0].pk
        ):
            _give(person, encoded, by=by, on=on, slip=True)
    return printed


def _give(person, encoded, *, by, on, **told):
    person = User.objects.select_for_update().get(pk=person.pk)
    if reason := queries.why_not_issue(person, by=by, on=on):
        raise Refused(_(reason))
    is_reset = person.has_usable_password()
    person.must_change_password, person.issued_until = True, timezone.now() + VALID
    person.save(update_fields=["must_change_password", "issued_until"])
    _choose(person, encoded)
    end_logins(person)
    if links := end_links(person):  # whoever begins anew links anew
        told["links_ended"] = links
    record("password.issued", person, by=by, reset=is_reset, **told)


@transaction.atomic
def choose_password(person, password):
    """Give a person this password and keep the hash of the one before."""
    _choose(person, make_password(password))


def _choose(person, encoded):
    if person.has_usable_password():
        FormerPassword.objects.create(person_id=person.pk, encoded=person.password)
    person.password, person.password_set_at = encoded, timezone.now()
    person.save(update_fields=["password", "password_set_at"])


@transaction.atomic
def keep_password(user):
    """Note that a person has chosen a password of her own; without an issued one there is nothing to note."""
    if user.must_change_password:
        user.must_change_password, user.issued_until = False, None
        user.save(update_fields=["must_change_password", "issued_until"])
        record("password.chosen", user, by=user)


@transaction.atomic
def drop_issued(user):
    """End an issued password whose owner came in by another way; that she chooses one of her own is still asked of her."""
    if user.must_change_password and user.has_usable_password():
        user.set_unusable_password()
        user.issued_until = None
        user.save(update_fields=["password", "issued_until"])
        record("password.dropped", user, by=user)
