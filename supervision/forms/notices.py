"""Forms of notices, of another time or place, and of absences."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PaperField
from supervision.forms.checks import SessionForm
from supervision.models.notices import Addressee


class IssueForm(forms.Form):
    """What a notice says besides what the case knows."""

    bring = forms.CharField(
        label=_("请携带"),
        max_length=300,
        initial=_("本人有效身份证件、通知书（纸质或手机出示）"),
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("请写明应携带什么。")},
    )
    contact = forms.CharField(
        label=_("联系人和电话"), max_length=120, error_messages={"required": _("请写明联系人和电话。")}
    )
    why = forms.CharField(
        label=_("变更的理由"),
        max_length=200,
        required=False,
        help_text=_("第一次发出时不必填写；已发出的通知内容有变时必填。"),
    )


class RescheduleForm(SessionForm):
    """Another time or place, and why."""

    place = forms.CharField(label=_("地点"), max_length=120, required=False)
    why = forms.CharField(
        label=_("理由"), max_length=200, error_messages={"required": _("请写明改期或改地点的理由。")}
    )
    papers_wanted = is_held = None


class AbsenceForm(forms.Form):
    """Why somebody cannot come, and what proves it."""

    side = forms.ChoiceField(label=_("申请人"), choices=Addressee.choices, widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("不能参加的理由"),
        max_length=200,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("请写明不能参加的理由。")},
    )
    file = PaperField(label=_("证明材料"), required=False)

    def __init__(self, *args, sides, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["side"].choices = [(side.value, side.label) for side in sides]
        if len(sides) > 1:
            self.fields["side"].widget = forms.RadioSelect(choices=self.fields["side"].choices)
        self.initial.setdefault("side", sides[0].value if sides else None)


class DecideForm(forms.Form):
    """Granted or not, and why."""

    answer = forms.ChoiceField(choices=[("grant", _("准予缓考")), ("refuse", _("不准予"))])
    why = forms.CharField(
        label=_("理由"), max_length=200, error_messages={"required": _("请写明准予或不准予的理由。")}
    )
