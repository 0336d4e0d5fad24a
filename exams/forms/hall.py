"""Forms at the door of a held session."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exams.models import Arrival

DOOR = [(code, label) for code, label in Arrival.Outcome.choices if code != Arrival.Outcome.WRONG_SESSION]


class NoteForm(forms.Form):
    """One note about one person, from a plain form."""

    outcome = forms.ChoiceField(choices=DOOR)
    why = forms.CharField(
        label=_("说明"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"placeholder": _("身份不符时必填")}),
    )


class CodeForm(forms.Form):
    """The code on the wall, as a candidate types it."""

    code = forms.CharField(
        label=_("现场口令"),
        max_length=20,
        widget=forms.TextInput(
            {
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": _("6 位，不分大小写"),
            }
        ),
        error_messages={"required": _("请输入现场公布的口令。")},
    )
