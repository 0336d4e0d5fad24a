"""One-time passwords, for people who have no e-mail by which they could choose one themselves."""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import queries
from accounts.models import User
from audit.log import record
from audit.transitions import Refused

# Read from paper and typed on a phone: no capitals, and of each pair that looks alike neither (0 o, 1 l i, 2 z, 5 s, 8 b, u v).
ALPHABET = "acdefghjkmnpqrtwxy34679"
LENGTH = 12  # 54 bits; five failures close the account's door for five minutes


@transaction.atomic
def issue_password(person, *, by, on):
    """Give a person a random password that her next sign-in must change; the answer is the only place where it can be read."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if reason := queries.why_not_issue(person, by=by, on=on):
        raise Refused(_(reason))
    is_reset = person.has_usable_password()
    password = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    record("password.issued", person, by=by, reset=is_reset)
    return password


@transaction.atomic
def keep_password(user):
    """Note that a person has chosen a password of her own; without an issued one there is nothing to note."""
    if user.must_change_password:
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])
        record("password.chosen", user, by=user)
