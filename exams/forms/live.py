"""Forms of the live page and of decisions about one attempt."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import FilterForm
from exams.engine.clock import MOST_MINUTES

EXTEND, PAUSE, RESUME = "extend", "pause", "resume"
TICKED, ALL = "ticked", "all"


class LiveFilter(FilterForm):
    """Whom the live page shows."""

    q = forms.CharField(
        label=_("查找"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"placeholder": _("姓名或企业")}),
    )


class ActForm(forms.Form):
    """What is to be done to which running attempts, and why; only attempts of the caller's session can be named."""

    act = forms.ChoiceField(
        label=_("办理"), choices=[(EXTEND, _("延长时间")), (PAUSE, _("暂停")), (RESUME, _("恢复"))]
    )
    minutes = forms.IntegerField(
        label=_("延长（分钟）"),
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
        widget=forms.NumberInput({"inputmode": "numeric"}),
        help_text=_("只用于延长时间。"),
    )
    whom = forms.ChoiceField(
        label=_("对谁"), choices=[(TICKED, _("勾选的考生")), (ALL, _("列表中的全部考生（各页都算）"))]
    )
    why = forms.CharField(label=_("原因"), max_length=200, help_text=_("写入操作日志和答卷的经过。"))
    attempts = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.MultipleHiddenInput)
    q = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, *args, keys=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["attempts"].choices = [(key, key) for key in keys]

    def clean(self):
        data = super().clean()
        if data.get("act") == EXTEND and not data.get("minutes") and "minutes" not in self.errors:
            self.add_error("minutes", _("请填写延长的分钟数。"))
        if data.get("whom") == TICKED and not data.get("attempts") and "attempts" not in self.errors:
            self.add_error(None, _("请至少勾选一人。"))
        return data

    def problem(self):
        """The first thing that is wrong, as one sentence."""
        for name, sentences in self.errors.items():
            label = self.fields[name].label if name in self.fields else ""
            return f"{label}：{sentences[0]}" if label else sentences[0]
        return ""


class DecideForm(forms.Form):
    """A decision about one attempt: why, and a tick that says she means it."""

    why = forms.CharField(label=_("原因"), max_length=200)
    sure = forms.BooleanField(label=_("已核对姓名、场次和次数，确认办理"))
