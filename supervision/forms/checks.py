"""Forms of a spot check."""

from datetime import timedelta
from operator import attrgetter

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm
from accounts.inputs import DayField, MomentField
from accounts.models import Enterprise, PostKind
from accounts.queries import categories_of, districts_of
from exams.queries.sessions import blueprints_for
from supervision import universe
from supervision.models import RuleProfile, SpotCheck
from supervision.queries import checks as queries

MOST_FACTOR = 20
FACTOR_LABELS = {
    "high": _("权重：高风险企业"),
    "middle": _("权重：较高风险企业"),
    "never": _("权重：从未参加抽查考核"),
    "failed": _("权重：上次抽查考核不合格"),
}


def _several(label, choices=()):
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


def _factor(name, initial=1):
    return forms.IntegerField(
        label=FACTOR_LABELS[name], min_value=1, max_value=MOST_FACTOR, initial=initial, required=False
    )


class CheckFilter(FilterForm):
    """What the list of spot checks may be narrowed by."""

    q = forms.CharField(
        label=_("查找"), required=False, widget=forms.TextInput({"placeholder": _("名称或机构")})
    )
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[ALL, *SpotCheck.State.choices])
    year = forms.ChoiceField(label=_("年度"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        this = timezone.localdate().year
        self.fields["year"].choices = [ALL, *((str(y), str(y)) for y in range(this + 1, this - 4, -1))]


class PlanForm(forms.ModelForm):
    """The plan of a spot check: the terms, who may be drawn, the strata with their quotas, the weights."""

    u_unit = forms.ModelChoiceField(
        label=_("机构及其下级"), queryset=None, to_field_name="code", required=False
    )
    u_regions = _several(_("区"))
    u_categories = forms.MultipleChoiceField(
        label=_("产品类别"), required=False, widget=forms.SelectMultiple({"size": 6})
    )
    u_trade = forms.ChoiceField(label=_("生产或销售"), required=False)
    u_risks = _several(_("风险等级"), Enterprise.Risk.choices)
    u_sizes = _several(_("企业规模"), Enterprise.Size.choices)
    u_kinds = _several(_("岗位"), PostKind.choices)
    u_last = forms.ChoiceField(label=_("上次结果"), required=False)
    u_never = forms.BooleanField(label=_("只抽从未参加抽查考核的"), required=False)
    w_high, w_middle = _factor("high"), _factor("middle")
    w_never, w_failed = _factor("never"), _factor("failed")

    TERMS = (
        "unit", "name", "annual_plan", "profile", "blueprint", "mode", "place", "starts_on", "ends_on", "inspectors",
    )  # fmt: skip
    REACH = (
        "u_unit",
        "u_regions",
        "u_categories",
        "u_trade",
        "u_risks",
        "u_sizes",
        "u_kinds",
        "u_last",
        "u_never",
    )
    STRATA = ("strata_by", "reserves", "per_enterprise", "w_high", "w_middle", "w_never", "w_failed")

    class Meta:
        model = SpotCheck
        fields = [
            "unit", "name", "annual_plan", "profile", "blueprint", "mode", "place", "starts_on", "ends_on", "strata_by",
            "reserves", "per_enterprise", "inspectors",
        ]  # fmt: skip
        field_classes = {"starts_on": DayField, "ends_on": DayField}
        help_texts = {
            "name": _("会公开，不要写人员或企业的名称。"),
            "profile": _("题量、合格线、时长和各项期限按所选规则执行。"),
            "blueprint": _("只列出已发布的组卷蓝图。"),
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        organs = queries.organs_of(user)
        self.fields["unit"].queryset, self.fields["unit"].empty_label = organs, None
        self.fields["u_unit"].queryset, self.fields["u_unit"].empty_label = (
            queries.organs_below(user),
            _("全部"),
        )
        self.fields["u_regions"].choices = list(districts_of(user))
        self.fields["u_categories"].choices = categories_of(user)
        self.fields["u_trade"].choices = [("", _("不限")), *universe.TRADES.items()]
        self.fields["u_last"].choices = [("", _("不限")), *universe.LAST.items()]
        self.fields["annual_plan"].queryset = queries.annual_plans_for(user)
        self.fields["profile"].queryset = RuleProfile.objects.newest()
        self.fields["profile"].empty_label = None
        self.fields["blueprint"].queryset = blueprints_for(user)
        self.fields["blueprint"].label_from_instance = attrgetter("name")
        self.fields["profile"].label_from_instance = str
        self.fields["annual_plan"].empty_label = _("不属于年度计划")
        self.fields["blueprint"].empty_label = _("请选择")
        if self.instance.pk:
            del self.fields["unit"]  # it gave the number
            self.initial |= self._told(self.instance)
        else:
            day = timezone.localdate() + timedelta(days=14)
            usual = self.fields["profile"].queryset.filter(code="industrial").first()
            self.initial = {
                "starts_on": day,
                "ends_on": day,
                "u_kinds": ["director", "officer"],
                "profile": usual and usual.pk,
            } | self.initial

    def _told(self, check):
        told = {
            f"u_{name}": check.universe.get(name)
            for name in ("regions", "categories", "trade", "risks", "sizes", "kinds", "last", "never", "unit")
        }
        return told | {f"w_{name}": check.weights.get(name, 1) for name in universe.FACTORS}  # fmt: skip

    def quota_of(self, code):
        """What was typed, or is kept, as the quota of a stratum."""
        if self.is_bound:
            text = self.data.get(f"quota-{code}", "").strip()
            return int(text) if text.isdecimal() and len(text) < 6 else 0
        return self.instance.quotas.get(code, 0)

    def clean_inspectors(self):
        wanted = self.cleaned_data["inspectors"]
        if not 2 <= wanted <= 50:
            raise forms.ValidationError(_("检查人员为 2 至 50 名。"))
        return wanted

    def clean(self):
        data = super().clean()
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("结束日期不能早于开始日期。"))
        if starts and not 2023 <= starts.year <= 2199:
            self.add_error("starts_on", _("请核对年份。"))
        return data

    def plan(self):
        """The plan as far as it is filled in, unsaved; quotas are those of the strata that it has."""
        data = self.cleaned_data if self.is_bound else self.initial
        chosen = data.get("u_unit")
        found = {
            "unit": getattr(chosen, "code", chosen) or "",
            "regions": list(data.get("u_regions") or ()),
            "categories": list(data.get("u_categories") or ()),
            "trade": data.get("u_trade") or "",
            "risks": list(data.get("u_risks") or ()),
            "sizes": list(data.get("u_sizes") or ()),
            "kinds": list(data.get("u_kinds") or ()),
            "last": data.get("u_last") or "",
            "never": bool(data.get("u_never")),
        }
        unit = (
            self.instance.unit
            if self.instance.pk
            else data.get("unit") or self.fields["unit"].queryset.first()
        )
        return SpotCheck(
            unit=unit,
            universe={name: value for name, value in found.items() if value},
            weights={name: data.get(f"w_{name}") or 1 for name in universe.FACTORS},
            strata_by=data.get("strata_by") or self.instance.strata_by if not self.is_bound else data.get("strata_by") or "",
            per_enterprise=data.get("per_enterprise") or 0,
            reserves=data.get("reserves") or 0,
        )  # fmt: skip

    def fields_for(self, plan):
        """What the acts of planning take."""
        names = [name for name in self.Meta.fields if name in self.fields]
        return {name: self.cleaned_data[name] for name in names} | {
            "universe": plan.universe,
            "weights": plan.weights,
            "quotas": plan.quotas,
        }

    def group(self, names):
        """Some of the fields, bound, in their order."""
        return [self[name] for name in names if name in self.fields]

    @property
    def terms(self):
        """The first part."""
        return self.group(self.TERMS)

    @property
    def reach(self):
        """Who may be drawn."""
        return self.group(self.REACH)

    @property
    def strata(self):
        """Strata and weights."""
        return self.group(self.STRATA)


class WhyForm(forms.Form):
    """A reason."""

    why = forms.CharField(label=_("理由"), max_length=200, widget=forms.Textarea({"rows": 2}))


class PublicWhyForm(forms.Form):
    """A reason that everybody may read."""

    why = forms.CharField(
        label=_("理由"),
        max_length=200,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("理由会公开，不要写人员或企业的名称。"),
    )


class ExcludeForm(forms.Form):
    """Whom to leave out, and why."""

    who = forms.CharField(
        label=_("人员或企业"),
        max_length=100,
        help_text=_("写全称：姓名、用户名、企业名称或统一社会信用代码。"),
    )
    why = forms.CharField(label=_("理由"), max_length=200)


class FreezeForm(forms.Form):
    """By which public number of when the draw will be done."""

    source = forms.CharField(
        label=_("公开数来源"),
        max_length=120,
        help_text=_(
            "事先写明，任何人届时都能查到：例如“中国福利彩票双色球第 2026137 期开奖号码，按开奖公告次序”。"
        ),
    )
    source_at = MomentField(label=_("公开数产生时间"))


class RevealForm(forms.Form):
    """The public half."""

    public = forms.CharField(
        label=_("公开数"), max_length=200, help_text=_("按来源公布的次序原样录入，录入后不能更改。")
    )


class SessionForm(forms.Form):
    """When the exam is held."""

    opens_at = MomentField(label=_("开放时间"))
    closes_at = MomentField(label=_("截止时间"))
    papers_wanted = forms.IntegerField(label=_("预组试卷数"), min_value=1, max_value=200, initial=12)
    is_held = forms.BooleanField(
        label=_("现场签到后统一开考"),
        required=False,
        help_text=_("到场核对证件、输入现场口令后，由检查人员宣布开考；不勾选则到开放时间即可自行开始。"),
    )

    def clean(self):
        data = super().clean()
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("截止时间应晚于开放时间。"))
        elif closes and closes <= timezone.now():
            self.add_error("closes_at", _("截止时间已过。"))
        return data
