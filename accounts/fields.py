"""Form fields of this floor."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import identifiers

LEAST = {2: gettext_lazy("请至少写 2 个字。"), 4: gettext_lazy("请至少写 4 个字。")}
REASON = gettext_lazy("理由")
LOGGED = gettext_lazy("理由、时间和您的姓名将写入审计记录。")


def checked(kind):
    """The attributes by which identifiers.js checks a field as one leaves it, with the sentences that the server would say."""
    says = {f"data-say-{code}": gettext_lazy(said) for code, said in identifiers.SAYS[kind].items()}
    return {"data-check": kind, **says}


class ReasonField(forms.CharField):
    """Why somebody does what is written into the log of acts: words, not a dot."""

    def __init__(self, *, label=REASON, max_length=200, min_length=4, help_text=LOGGED):
        super().__init__(
            label=label,
            max_length=max_length,
            min_length=min_length,
            error_messages={"min_length": LEAST[min_length]},
            help_text=help_text,
        )


class PhoneField(forms.CharField):
    """A mobile number in any usual spelling, cleaned to the one under which it is kept."""

    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", **checked("phone")})

    def clean(self, value):
        """The eleven digits, or the reason why not."""
        text = super().clean(value)
        if text and (reason := identifiers.why_not_phone(text)):
            raise forms.ValidationError(_(reason))
        return identifiers.normalise_phone(text) if text else ""


class IdNumberField(forms.CharField):
    """An ID number in any usual spelling, cleaned to the one under which it is kept."""

    widget = forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false", **checked("id")})

    def clean(self, value):
        """The eighteen characters, or the reason why not."""
        text = super().clean(value)
        if text and (reason := identifiers.why_not_id_number(text)):
            raise forms.ValidationError(_(reason))
        return identifiers.normalise_id_number(text) if text else ""
