"""Forms of outside training and of rules of hours."""

from decimal import Decimal
from operator import attrgetter

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm, WithPaper
from accounts.inputs import DayField
from accounts.models import Unit
from accounts.scope import within
from catalog.models import ProductCategory
from courses.models import HourRule, OutsideTraining
from courses.queries import shortfalls
from courses.queries.writing import provisions_on

MOST_HOURS = 1000


class OutsideFilter(FilterForm):
    """What the list of outside trainings may be narrowed by."""

    q = forms.CharField(
        label=_("查找"),
        required=False,
        widget=forms.TextInput({"placeholder": _("姓名、培训、举办单位或企业")}),
    )
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[ALL, *OutsideTraining.State.choices])


class OutsideForm(WithPaper):
    """What was learned elsewhere, and the file that shows it."""

    post = forms.ModelChoiceField(label=_("任职"), queryset=None, empty_label=None)
    organiser = forms.CharField(label=_("举办单位"), max_length=120)
    title = forms.CharField(label=_("培训名称"), max_length=120)
    begins_on = DayField(label=_("开始日期"))
    ends_on = DayField(label=_("结束日期"))
    hours = forms.DecimalField(
        label=_("学时（小时）"),
        min_value=Decimal("0.1"),
        max_value=MOST_HOURS,
        decimal_places=1,
        help_text=_("一个学时按 60 分钟填写；证书上按 45 分钟一课时的请折算。"),
    )

    def __init__(self, *args, posts, training=None, **kwargs):
        super().__init__(*args, initial=self._known(training) | kwargs.pop("initial", {}), **kwargs)
        self.fields["post"].queryset = posts
        self.fields["post"].label_from_instance = lambda post: (
            f"{post.person.name} · {post.get_kind_display()} · {post.enterprise.unit.name}"
        )
        self.fields["file"].label = _("证明材料")
        self.training = training
        if training is not None:
            del self.fields["post"]

    def clean(self):
        """A new entry has its evidence; one that is mended may keep what it has."""
        said = super().clean()
        if self.training is None and not said.get("file") and "file" not in self.errors:
            self.add_error("file", _("请上传证明材料。"))
        return said

    def _known(self, training):
        if training is None:
            return {}
        names = ("organiser", "title", "begins_on", "ends_on")
        hours = Decimal(training.minutes) / 60
        return {name: getattr(training, name) for name in names} | {"hours": round(hours, 1)}

    def said(self):
        """What the act takes."""
        told = {name: self.cleaned_data[name] for name in ("organiser", "title", "begins_on", "ends_on")}
        return told | {"minutes": int(self.cleaned_data["hours"] * 60)}


class ReturnForm(forms.Form):
    """Why an entry is sent back."""

    why = forms.CharField(label=_("退回理由"), max_length=200, widget=forms.Textarea({"rows": 2}))


class ShortfallFilter(FilterForm):
    """What the list of hours may be narrowed by."""

    q = forms.CharField(
        label=_("查找"), required=False, widget=forms.TextInput({"placeholder": _("姓名或企业")})
    )
    year = forms.TypedChoiceField(label=_("年度"), required=False, coerce=int, empty_value="")
    rule = forms.ChoiceField(label=_("学时规则"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[ALL, (shortfalls.SHORT, _("未达到")), (shortfalls.MET, _("已达到"))],
    )

    def __init__(self, *args, years, rules, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, str(year)) for year in years]
        self.fields["rule"].choices = [ALL, *((str(rule.pk), rule.name) for rule in rules)]


class HourRuleForm(forms.ModelForm):
    """A rule of hours; it is added and never edited."""

    sources = forms.MultipleChoiceField(
        label=_("计入的学时"), choices=HourRule.Source.choices, widget=forms.CheckboxSelectMultiple
    )
    starts_on = DayField(label=_("施行日期"))
    ends_on = DayField(
        label=_("失效日期"),
        required=False,
        help_text=_("从这一天起不再适用；年末当天仍有效的规则才适用于那一年。"),
    )

    class Meta:
        model = HourRule
        fields = [
            "name", "unit", "post_kind", "category", "hours", "sources", "carry_hours", "provision", "basis", "starts_on", "ends_on",
        ]  # fmt: skip
        help_texts = {
            "unit": _("这个单位及其下级的企业。"),
            "post_kind": _("不选表示全部岗位。"),
            "category": _("不选表示全部产品类别。"),
            "carry_hours": _("本年超出的部分最多有多少可以计入下一年；0 表示不结转。"),
            "basis": _("条款不在目录中时写明文件名称和条款；条款和文字至少填一项。"),
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["unit"].queryset = Unit.objects.filter(
            within(user, *shortfalls.RULES, path="path"), kind=Unit.Kind.ORGAN
        ).order_by("path")
        self.fields["unit"].empty_label = None
        self.fields["post_kind"].required = False
        self.fields["post_kind"].choices = [ALL, *self.fields["post_kind"].choices[1:]]
        self.fields["category"].queryset = ProductCategory.objects.in_force(today)
        self.fields["category"].empty_label = _("全部")
        self.fields["category"].label_from_instance = attrgetter("label")
        self.fields["provision"].queryset = provisions_on(today)
        self.fields["provision"].empty_label = _("不选")

    def clean(self):
        """A rule rests on something, and ends after it begins."""
        said = super().clean()
        if not said.get("provision") and not said.get("basis", "").strip():
            self.add_error("basis", _("请选择依据条款或写明依据；没有依据的规则不能添加。"))
        starts, ends = said.get("starts_on"), said.get("ends_on")
        if starts and ends and ends <= starts:
            self.add_error("ends_on", _("失效日期应晚于施行日期。"))
        return said


class EndRuleForm(forms.Form):
    """From when on a rule is over, and why."""

    ends_on = DayField(label=_("失效日期"))
    why = forms.CharField(label=_("理由"), max_length=200)
