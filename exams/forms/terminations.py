"""What is filled in where an attempt is terminated."""

from django import forms
from django.utils.translation import gettext_lazy as _

COUNTS, VOIDS = "counts", "voids"


class StepForm(forms.Form):
    """One step of a termination: why, and a tick that says she means it."""

    why = forms.CharField(
        label=_("原因"), max_length=200, help_text=_("写入操作日志和答卷的经过，考生能看到。")
    )
    sure = forms.BooleanField(label=_("已核对姓名和场次，确认办理"))


class ReverseForm(StepForm):
    """The reversal, and what becomes of the attempt."""

    outcome = forms.ChoiceField(
        label=_("答卷的处理"),
        choices=[(COUNTS, _("按已有作答计成绩")), (VOIDS, _("作废这份答卷，允许重考（场次开放期间）"))],
        initial=COUNTS,
        widget=forms.RadioSelect,
    )
