"""What is filled in after a fail or an absence, by the organ and by the enterprise."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm, WithPaper
from accounts.inputs import WHEN, DayField, MomentField
from supervision.models import Decision, Rectification, Service

LEAST_LESSONS, MOST_LESSONS = 3, 10


def _text(label, most=2000, **more):
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea({"rows": 4}), **more)


class RectificationFilter(FilterForm):
    """Which notices."""

    q = forms.CharField(label=_("姓名或企业"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[ALL, ("open", _("未销号")), ("groundless", _("待撤销")), *Rectification.State.choices],
    )


class IssueForm(forms.Form):
    """What a notice says."""

    facts = _text(_("查明的情况"))
    demands = _text(_("整改要求"))
    contact = forms.CharField(label=_("联系人及电话"), max_length=80)


class ServeForm(WithPaper):
    """How, when and to whom a notice was given."""

    how = forms.ChoiceField(label=_("送达方式"), choices=Service.How.choices)
    served_at = MomentField(label=_("送达时间"))
    receiver = forms.CharField(
        label=_("收件人"), max_length=60, required=False, help_text=_("留置送达时可以不填。")
    )
    receiver_role = forms.CharField(label=_("收件人身份"), max_length=60, required=False)
    witness = forms.CharField(
        label=_("见证人及身份"), max_length=80, required=False, help_text=_("留置送达时必填。")
    )
    note = forms.CharField(
        label=_("说明"),
        max_length=200,
        required=False,
        help_text=_("例如：邮件号码、拒收的理由、送达地点。"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["how"].choices = [
            pair for pair in Service.How.choices if pair[0] != Service.How.SYSTEM
        ]  # only the enterprise itself can say that it has read
        self.initial.setdefault("served_at", timezone.localtime().strftime(WHEN))


class ReportForm(WithPaper):
    """What the enterprise did: measures, and the lessons of the topics that were missed."""

    measures = _text(_("整改措施"))

    def __init__(self, *args, topics=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("多份材料请合并为一个 PDF，不超过 8 MB。")
        self.lessons = max(LEAST_LESSONS, min(len(topics), MOST_LESSONS))
        for n in range(1, self.lessons + 1):
            self.fields[f"topic_{n}"] = forms.CharField(label=_("补训内容"), max_length=120, required=False)
            self.fields[f"on_{n}"] = DayField(label=_("补训日期"), required=False)
            self.fields[f"hours_{n}"] = forms.DecimalField(
                label=_("学时"), min_value=0, max_value=200, decimal_places=1, required=False
            )
            self.fields[f"teacher_{n}"] = forms.CharField(label=_("授课人"), max_length=60, required=False)
            if n <= len(topics):
                self.initial.setdefault(f"topic_{n}", topics[n - 1])

    def rows(self):
        """The fields of each lesson."""
        names = ("topic", "on", "hours", "teacher")
        return [[self[f"{name}_{n}"] for name in names] for n in range(1, self.lessons + 1)]

    def clean(self):
        """A lesson that was begun is written to its end; a topic alone is no lesson."""
        data = super().clean()
        for n in range(1, self.lessons + 1):
            told = [data.get(f"{name}_{n}") for name in ("on", "hours", "teacher")]
            if any(told) and not (all(told) and data.get(f"topic_{n}")):
                self.add_error(f"topic_{n}", _now("请把这一次补训的内容、日期、学时和授课人写全。"))
            if told[0] and told[0] > timezone.localdate():
                self.add_error(f"on_{n}", _now("补训日期不能在今天之后。"))
        return data

    def training(self):
        """The lessons as the report keeps them."""
        data = self.cleaned_data
        return [
            {
                "topic": data[f"topic_{n}"],
                "on": data[f"on_{n}"].isoformat(),
                "hours": str(data[f"hours_{n}"]),
                "teacher": data[f"teacher_{n}"],
            }
            for n in range(1, self.lessons + 1)
            if data[f"on_{n}"]
        ]


class RecheckForm(forms.Form):
    """What was found when looking after a report."""

    found = _text(_("复查意见"), 500)
    is_accepted = forms.TypedChoiceField(
        label=_("结论"),
        choices=[("1", _("通过")), ("0", _("退回，重新提交"))],
        coerce=lambda value: value == "1",
    )


class TimeForm(forms.Form):
    """Until when more time is asked for, and why."""

    until = DayField(label=_("申请延至"))
    why = forms.CharField(label=_("理由"), max_length=300)


class RulingForm(forms.Form):
    """Whether more time is given, and why."""

    is_granted = forms.TypedChoiceField(
        label=_("决定"),
        choices=[("1", _("同意")), ("0", _("不同意"))],
        coerce=lambda value: value == "1",
    )
    why = forms.CharField(label=_("理由"), max_length=300)


class RevokeForm(forms.Form):
    """Why a notice is revoked."""

    why = _text(_("撤销的理由"), 300, error_messages={"required": _("请写明撤销的理由。")})


class RetakeForm(forms.Form):
    """When and where the retake is."""

    opens_at = MomentField(label=_("开始时间"))
    closes_at = MomentField(label=_("截止时间"))
    place = forms.CharField(
        label=_("地点"), max_length=120, required=False, help_text=_("空着则与首次考核相同。")
    )

    def clean(self):
        """The end lies after the beginning and in the future."""
        data = super().clean()
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and (closes <= opens or closes <= timezone.now()):
            self.add_error("closes_at", _now("截止时间应晚于开始时间和现在。"))
        return data


class DecisionForm(forms.Form):
    """What is decided about somebody who did not pass in the end."""

    measure = forms.ChoiceField(label=_("措施"), choices=Decision.Measure.choices)
    why = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args, standing=None, **kwargs):
        super().__init__(*args, **kwargs)
        if standing and not standing.is_owed:
            closing = Decision.Measure.EXCUSED
            self.fields["measure"].choices = [one for one in Decision.Measure.choices if one[0] != closing]
