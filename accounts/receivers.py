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
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver

from accounts import actions, backends
from accounts.queries import find_person
from audit.log import record

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


@receiver(user_login_failed, dispatch_uid="accounts.failed")
def sign_in_failed(sender, credentials, **kwargs):
    """At whose door somebody failed; of a name that nobody has only a fingerprint, for people type passwords there too."""
    typed = backends.typed_name(credentials)
    record(
        "account.sign_in_failed", backends.whose_door(backends.account_of(typed) or find_person(typed), typed)
    )


@receiver([password_changed, password_reset, password_set])
def password_chosen(sender, user, **kwargs):
    """Whoever chose a password herself is free to go on."""
    actions.keep_password(user)
