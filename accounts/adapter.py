"""How allauth meets our people: no open sign-up, phones kept encrypted and found by their hash."""

from time import time

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.backends import account_of, too_many_failures, typed_name
from accounts.fields import PhoneField
from accounts.identifiers import normalise_phone
from accounts.models import User

JUST_NOW = 300  # seconds
BY_PHONE_CODE = "phone_code"  # how a session says that it began with a code
OTHER_WAYS = {  # to confirm that it is oneself, in the words of the other pages
    "reauthenticate": _("用密码确认"),
    "mfa_reauthenticate": _("用验证码或恢复码确认"),
    "mfa_reauthenticate:webauthn": _("用通行密钥确认"),
}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by import or by an administrator; a person signs in with what she knows of herself."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "issued_password_is_over": _(
            "这个一次性密码已过有效期。请用手机验证码登录，或请企业管理员、监管机构重新发放。"
        ),
        "username_password_mismatch": _("用户名或密码不正确，请核对。"),
        "email_password_mismatch": _("邮箱或密码不正确，请核对。"),
        "phone_password_mismatch": _("手机号或密码不正确，请核对。"),
        "incorrect_password": _("密码不正确。"),
        "enter_current_password": _("当前密码不正确，请重新输入。"),
        "too_many_login_attempts": _("尝试次数过多，请过一会儿再试。"),
    }

    def is_open_for_signup(self, request):
        """Nobody signs up: a person exists because an enterprise or an organ entered her."""
        return False

    def get_password_change_redirect_url(self, request):
        """Back to one's own page, where the change was begun."""
        return reverse("people:me")

    def set_password(self, user, password):
        """Keep the new password, and remember the one before."""
        actions.choose_password(user, password)

    def is_reauthentication_required(self, *, app, **kwargs):
        """Whoever signed in a moment ago need not say so again."""
        if (request := self.request) is not None and request.user.is_authenticated:
            records = get_authentication_records(request, request.user)
            if records and time() - records[-1]["at"] < JUST_NOW:
                return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_reauthentication_methods(self, user):
        """allauth's, in our words."""
        ways = super().get_reauthentication_methods(user)
        return [way | {"description": str(OTHER_WAYS[way["id"]])} for way in ways]

    def phone_form_field(self, **kwargs):
        """Numbers as people here write them; allauth's own field wants the country code."""
        return PhoneField(**kwargs)

    def clean_phone(self, phone):
        """The spelling under which phones are kept."""
        return normalise_phone(phone)

    def pre_authenticate(self, request, **credentials):
        """Turn away who failed too often. allauth's own count locks a row for everybody behind one address; ours only reads."""
        typed = typed_name(credentials)
        request.signing_in = account_of(typed)  # the backend, next in line, asks for her again
        if too_many_failures(request.signing_in, typed):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request, **credentials):
        """allauth's; a one-time password that is over is told apart from a wrong one."""
        person = super().authenticate(request, **credentials)
        if person is None and getattr(request, "issued_is_over", False):
            raise self.validation_error("issued_password_is_over")
        return person

    def login(self, request, user):
        """Open the session. Whoever came in by her phone needs the issued password no more, nor does whoever found the slip."""
        if any(one["method"] == BY_PHONE_CODE for one in get_authentication_records(request, user)):
            actions.drop_issued(user)
        super().login(request, user)

    def get_login_stages(self):
        """Without the stage that asks for a verified phone: it turns away whoever has none, the first administrator among them."""
        stages = super().get_login_stages()
        return [stage for stage in stages if stage != "allauth.account.stages.PhoneVerificationStage"]

    def get_phone(self, user):
        """The phone and whether it was verified; entered by the enterprise, so taken as verified."""
        return (user.phone, True) if user.phone_hash else None

    def set_phone(self, user, phone, verified):
        """Keep a new phone."""
        user.phone = phone
        user.save(update_fields=["phone_sealed", "phone_hash", "phone_mask"])

    def set_phone_verified(self, user, phone):
        """Nothing to keep: see get_phone."""

    def get_user_by_phone(self, phone):
        """The person with this phone."""
        return User.objects.by_phone(phone)
