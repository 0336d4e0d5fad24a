"""Who signs in: the person with the name that was typed, looked up once, and turned away for a while after many failures."""

from datetime import timedelta

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import check_password
from django.db.models import CharField, DateTimeField
from django.db.models.functions import Upper
from django.utils import timezone

from accounts import identifiers, vault
from accounts.hashers import nobodys
from accounts.models import User
from accounts.prepared import Prepared, given
from audit.context import acting
from audit.log import name_of
from audit.models import AuditEvent

FAILED = "account.sign_in_failed"
FORGIVEN = ("account.password_reset", "password.issued")
SPAN = timedelta(minutes=15)
MOST_FROM_HERE = (
    5  # of one account from one address within the span; a name that nobody has is counted like an account
)
MOST_OF_ALL = (
    50  # of one account from everywhere; a low bound would let any stranger keep a candidate out of her exam
)
MOST_OF_AN_ADDRESS = (120, timedelta(minutes=1))  # a whole classroom shares one


def _whose(column):
    """The person whose column says what was typed, capitals aside; the table has an index for it."""
    typed = Upper(given("typed", CharField()))
    return Prepared(lambda: User.objects.alias(spelled=Upper(column)).filter(spelled=typed))


BY_USERNAME, BY_EMAIL = _whose("username"), _whose("email")
OF_ADDRESS = Prepared(
    lambda: (
        AuditEvent.objects.filter(
            action=FAILED, address=given("address", CharField()), at__gt=given("since", DateTimeField())
        )
        .order_by()
        .values_list("pk")[: MOST_OF_AN_ADDRESS[0]]
    )
)
OF_PERSON = Prepared(
    lambda: (
        AuditEvent.objects.filter(
            action__in=(FAILED, *FORGIVEN),
            target=given("target", CharField()),
            at__gt=given("since", DateTimeField()),
        )
        .order_by("pk")
        .values_list("action", "address")
    )
)


class Backend(AuthenticationBackend):
    """allauth's, asking the database once instead of once for every kind of name."""

    def _authenticate(self, request, **credentials):
        person = getattr(request, "signing_in", None) or account_of(typed_name(credentials))
        if person is not None and person.merged_into_id:
            return None  # like a name that nobody has, in the same time: that she was merged is told to nobody at the door
        found = self._check_password(person, credentials.get("password") or "")
        if found and found.issued_until and found.issued_until <= timezone.now():
            if request is not None:
                request.issued_is_over = True  # the adapter says so; whoever knows the password may know that
            return None
        return found

    def _mitigate_timing_attack(self, password):
        """Take as long for a name that nobody has."""
        check_password(password, nobodys())


def typed_name(credentials):
    """What was typed as a name, whichever kind the form took it for."""
    found = (credentials[name] for name in ("username", "email", "phone") if credentials.get(name))
    return next(found, "").strip()


def account_of(typed):
    """The person with this e-mail address, phone or username, or None."""
    if not typed:
        return None
    if "@" in typed:
        return BY_EMAIL.one(typed=typed)
    if not identifiers.why_not_phone(typed):
        return User.objects.by_phone(typed)
    return BY_USERNAME.one(typed=typed)


def whose_door(person, typed):
    """The row at whose door somebody failed: the person, or a stand-in for a name that nobody has, by its fingerprint only."""
    return person or User(pk=vault.fingerprint("login", typed.lower()) or "")


def too_many_failures(person, typed):
    """Whether this name or the visitor's address failed so often that it must wait; the log of acts is what remembers."""
    now, address = timezone.now(), acting().address
    most, span = MOST_OF_AN_ADDRESS
    if address and len(OF_ADDRESS.rows(address=address, since=now - span)) >= most:
        return True
    here = everywhere = 0
    for row in OF_PERSON.rows(target=name_of(whose_door(person, typed)), since=now - SPAN):
        if row.action == FAILED:
            here, everywhere = here + (row.address == address), everywhere + 1
        else:
            here = everywhere = 0
    return here >= MOST_FROM_HERE or everywhere >= MOST_OF_ALL
