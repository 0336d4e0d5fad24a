"""What happens to accounts: each event leaves its line in the log, and a password of one's own ends the issued one."""

from allauth.account.signals import (
    email_added,
    email_changed,
    email_removed,
    password_changed,
    password_reset,
    password_set,
    user_logged_in,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_in as session_begun
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from accounts import acting_for, actions, backends, privacy
from accounts.devices import browser_of, masked_address
from accounts.middleware import NOTICE_OWED
from accounts.models import User
from accounts.queries import find_person
from audit.log import record
from audit.middleware import address_of
from audit.models import Outcome

EVENTS = {
    user_logged_in: "account.signed_in",
    user_logged_out: "account.signed_out",
    password_changed: "account.password_changed",
    password_reset: "account.password_reset",
    password_set: "account.password_set",
    email_added: "account.email_added",
    email_changed: "account.email_changed",
    email_removed: "account.email_removed",
}


@receiver(list(EVENTS), dispatch_uid="accounts.event")
def account_event(signal, sender, user, **kwargs):
    """That it happened, to whom and from where; neither passwords nor addresses of any kind."""
    if user is not None:  # whoever was never signed in can still sign out
        record(EVENTS[signal], user, by=user)


@receiver(session_begun, dispatch_uid="accounts.notice")
def notice_owed(sender, request, user, **kwargs):
    """Whoever signs in, in whatever way, is shown the notice in force if she does not know it yet."""
    owed = privacy.owed_by(user)
    if owed:
        request.session[NOTICE_OWED] = owed


@receiver(user_login_failed, dispatch_uid="accounts.failed")
def sign_in_failed(sender, credentials, **kwargs):
    """At whose door somebody failed; of a name that nobody has only a fingerprint, for people type passwords there too."""
    typed = backends.typed_name(credentials)
    record(
        "account.sign_in_failed",
        backends.whose_door(backends.account_of(typed) or find_person(typed), typed),
        outcome=Outcome.REFUSED,
    )


@receiver([password_changed, password_reset, password_set])
def password_chosen(sender, user, request, **kwargs):
    """Whoever chose a password herself is free to go on, in this browser; all others are signed out."""
    actions.keep_password(user)
    actions.end_logins(user, keep=request.session.session_key)


@receiver(session_begun, dispatch_uid="accounts.session_begun")
def session_begun_in(sender, request, **kwargs):
    """What the list of one's devices shows of this browser."""
    now = timezone.now()
    request.session.pop(acting_for.KEY, None)
    request.session.noted = {
        "began_at": now,
        "seen_at": now,
        "browser": browser_of(request.META.get("HTTP_USER_AGENT", "")),
        "address": masked_address(address_of(request)),
    }


@receiver([post_save, post_delete], sender=Authenticator, dispatch_uid="accounts.authenticator")
def authenticator_changed(sender, instance, **kwargs):
    """Whether somebody has a second factor stands with her, so that asking costs nothing; recovery codes alone are none."""
    has = Authenticator.objects.filter(user=instance.user_id).exclude(type=Authenticator.Type.RECOVERY_CODES)
    User.objects.filter(pk=instance.user_id).update(has_second_factor=has.exists())


SECOND_FACTOR_EVENTS = {
    authenticator_added: "factor.added",
    authenticator_removed: "factor.removed",
    authenticator_reset: "factor.renewed",
    authenticator_used: "account.second_factor_used",
    authentication_failed: "account.second_factor_failed",
}


@receiver(list(SECOND_FACTOR_EVENTS), dispatch_uid="accounts.second_factor")
def second_factor_event(signal, sender, user, authenticator, **kwargs):
    """That it happened, and with what kind of thing."""
    outcome = Outcome.REFUSED if signal is authentication_failed else Outcome.DONE
    record(SECOND_FACTOR_EVENTS[signal], user, by=user, outcome=outcome, kind=authenticator.type)


@receiver(authenticator_added, dispatch_uid="accounts.second_factor_added")
def second_factor_added(sender, user, request, **kwargs):
    """Browsers that were signed in with the password alone are signed out."""
    actions.end_logins(user, keep=request.session.session_key)
