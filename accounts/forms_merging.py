"""Forms of duplicates and merges."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import ReasonField


class ReasonForm(forms.Form):
    """Why."""

    reason = ReasonField()


class MergeForm(ReasonForm):
    """Why two files become one, and on what it rests that a different ID number is an error."""

    number_reason = ReasonField(
        label=_("证件号码不一致的说明"),
        help_text=_("写明依据，例如：已核对身份证原件，并入账号的号码录入有误。"),
    )

    def __init__(self, *args, asks_number, **kwargs):
        super().__init__(*args, **kwargs)
        if not asks_number:
            del self.fields["number_reason"]
