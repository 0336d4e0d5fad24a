"""What is filled in to correct an outcome, and to say something to a correction."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import WithPaper
from supervision.models import Outcome


class AmendForm(WithPaper):
    """What the outcome should have been, and why; points only where somebody wrote on paper."""

    conclusion = forms.ChoiceField(label=_("更正后的结论"), choices=Outcome.Conclusion.choices)
    points = forms.DecimalField(
        label=_("更正后的得分"),
        required=False,
        min_value=0,
        max_digits=8,
        decimal_places=2,
        help_text=_("只在纸质成绩登错时填写；空着则不改。"),
    )
    why = forms.CharField(
        label=_("更正的理由"),
        max_length=180,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("写明原结果错在何处、依据什么查明；会写入记录表的新版本。"),
    )

    def __init__(self, *args, is_paper, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].label = _("证明材料")
        if not is_paper:
            del self.fields["points"]


class AmendRulingForm(forms.Form):
    """Whether a correction is confirmed, and what was found when looking at it."""

    answer = forms.ChoiceField(choices=[("confirm", _("确认")), ("decline", _("不予确认"))])
    why = forms.CharField(
        label=_("核对意见"),
        max_length=200,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("请写明核对意见。")},
    )

    def clean_answer(self):
        """Whether it is confirmed."""
        return self.cleaned_data["answer"] == "confirm"
