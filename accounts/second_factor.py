"""The second factor: whose it must be, how its secrets rest, and how often a code may be tried."""

from datetime import timedelta

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import scope, vault
from accounts.models import Role, User
from audit.log import name_of
from audit.models import AuditEvent

OBLIGED = (Role.REGULATOR, Role.EDITOR, Role.REVIEWER, Role.ADMIN)
FAILED = "account.second_factor_failed"
FORGIVEN = ("account.second_factor_used", "factor.removed")
# Whoever is asked for a code has given the password already, so the bounds are low. They hold for the person from wherever
# the codes come, a success or a removal forgives: 30 tries at three codes of a million each are one chance in eleven thousand.
MOST, SPAN = 5, timedelta(minutes=15)
MOST_OF_A_DAY, DAY = 30, timedelta(days=1)
LIFE = 120  # seconds for which a code that was used is remembered; it would be right for 90


class Adapter(DefaultMFAAdapter):
    """allauth's, with secrets in the vault and our own words."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("验证码不正确，或刚刚已经用过。"),
        "cannot_generate_recovery_codes": _("还没有启用双重验证，不能生成恢复码。"),
    }

    def encrypt(self, text):
        """Sealed with the newest key."""
        return vault.encrypt(text)

    def decrypt(self, encrypted_text):
        """The secret again."""
        return vault.decrypt(encrypted_text)

    def get_totp_label(self, user):
        """An app shows the username; an e-mail address is nobody's business there."""
        return user.username

    def _get_user_identifier(self, user):
        return user.username

    def _get_site_name(self):
        return settings.MFA_TOTP_ISSUER

    def generate_authenticator_name(self, user, type):
        """What a passkey is called until its owner names it."""
        return str(_("通行密钥 %(day)s")) % {"day": timezone.localdate().isoformat()}


def is_owed(person) -> bool:
    """Whether the person must set up a second factor before anything else."""
    return settings.SECOND_FACTOR and not person.has_second_factor and scope.has_role(person, *OBLIGED)


def too_many_codes(person) -> bool:
    """Whether codes for this person failed so often that she must wait; the log of acts is what remembers."""
    now = timezone.now()
    rows = AuditEvent.objects.filter(action__in=(FAILED, *FORGIVEN), target=name_of(person), at__gt=now - DAY)
    failures = []
    for action, at in rows.order_by("pk").values_list("action", "at"):
        failures = [*failures, at] if action == FAILED else []
    return len(failures) >= MOST_OF_A_DAY or sum(at > now - SPAN for at in failures) >= MOST


def in_turn(person):
    """Codes for one person are tried one after another, so that none slips past the count; needs a transaction."""
    User.objects.select_for_update().get(pk=person.pk)


def is_first_use(person, code) -> bool:
    """Whether this code was not used just now; says so once."""
    digits = "".join(filter(str.isdigit, code))  # however it was spaced
    return cache.add(f"second-factor:{person.pk}:{digits}", 1, LIFE)
