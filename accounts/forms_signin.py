"""Forms of the second factor: allauth's, in our words, and codes by our count of failures.

A passkey answers a challenge with its key: there is nothing to guess, and failed codes must not keep its owner out.
"""

import re

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.forms import ReauthenticateForm as ReauthenticateByPassword
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import second_factor
from accounts.forms import SaidOnce

CODE = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}


class Code(forms.Form):
    """A code of the app, or one of the recovery codes."""

    help_text = _("身份验证器应用上的 6 位数字；手机不在身边时，可填一个恢复码。")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label=_("验证码"), max_length=20, widget=forms.TextInput(CODE), help_text=self.help_text
        )

    def clean_code(self):
        """Right, and for the first time; failures are counted."""
        second_factor.in_turn(self.user)
        if second_factor.too_many_codes(self.user):
            raise account_adapter().validation_error("too_many_login_attempts")
        code = super().clean_code()
        is_totp = self.authenticator.type == Authenticator.Type.TOTP
        if is_totp and not second_factor.is_first_use(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(Code, AuthenticateForm):
    """When signing in."""


class CodeAgainForm(Code, ReauthenticateForm):
    """Before what concerns the account itself."""


class PasswordAgainForm(SaidOnce, ReauthenticateByPassword):
    """The password before what concerns the account itself."""


class ActivateForm(ActivateTOTPForm):
    """The first code of a new app."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label=_("应用上显示的 6 位验证码"),
            max_length=20,
            widget=forms.TextInput(CODE | {"inputmode": "numeric"}),
        )

    @property
    def secret_in_groups(self):
        """The secret as it is typed by hand: four characters at a time."""
        return " ".join(re.findall(".{1,4}", self.secret))


def _or_incorrect(check):
    """What `check` gives; whatever a strange answer makes the library stumble over is a wrong answer, and no error of ours."""
    try:
        return check()
    except forms.ValidationError:
        raise
    except (
        Exception
    ) as stumbled:  # KeyError, TypeError and errors of the decoder: the answer comes from anybody
        raise get_adapter().validation_error("incorrect_code") from stumbled


class PasskeyForm(AuthenticateWebAuthnForm):
    """A passkey when signing in."""

    def clean_credential(self):
        """The passkey that answered."""
        return _or_incorrect(super().clean_credential)


class PasskeyAgainForm(ReauthenticateWebAuthnForm):
    """A passkey before what concerns the account itself."""

    def clean_credential(self):
        """The passkey that answered."""
        return _or_incorrect(super().clean_credential)


class AddPasskeyForm(AddWebAuthnForm):
    """A new passkey and its name."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(label=_("名称"), max_length=60, required=False)

    def clean(self):
        """What the browser made of it."""
        return _or_incorrect(super().clean)


class EditPasskeyForm(EditWebAuthnForm):
    """Another name."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(label=_("名称"), max_length=60)
