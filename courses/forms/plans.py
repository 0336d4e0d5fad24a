"""Forms of training plans: what a plan is called, one line of it, reasons, filters."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm
from accounts.inputs import DayField, SeveralField
from accounts.models import PostKind
from courses.models import PlanOutcome, TrainingPlan
from courses.queries.plans import BEHIND, DONE, OPEN


class PlansFilter(FilterForm):
    """Which plans."""

    q = forms.CharField(
        label=_("查找"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"placeholder": _("计划或企业名称")}),
    )
    year = forms.ChoiceField(label=_("年度"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[ALL, *TrainingPlan.State.choices])

    def __init__(self, *args, years, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [ALL, *((str(year), str(year)) for year in years)]


class PlanForm(forms.Form):
    """For which enterprise and year, and what it is called."""

    enterprise = forms.ModelChoiceField(label=_("企业"), queryset=None, empty_label=None)
    year = forms.IntegerField(label=_("年度"))
    title = forms.CharField(label=_("计划名称"), max_length=120)
    aim = forms.CharField(
        label=_("目的和要求"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args, enterprises, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["enterprise"].queryset = enterprises
        self.fields["enterprise"].label_from_instance = lambda one: one.unit.name
        this = timezone.localdate().year
        self.fields["year"].min_value, self.fields["year"].max_value = this - 1, this + 2

    def clean_year(self):
        """Near enough to be planned."""
        year, this = self.cleaned_data["year"], timezone.localdate().year
        if not this - 1 <= year <= this + 2:
            raise forms.ValidationError(
                _("年度应在 %(first)s 至 %(last)s 之间。") % {"first": this - 1, "last": this + 2}
            )
        return year


class EntryForm(forms.Form):
    """One line: what, for whom, until when."""

    course = forms.ModelChoiceField(
        label=_("课程"), queryset=None, required=False, empty_label=_("不安排课程")
    )
    session = forms.ModelChoiceField(
        label=_("考试场次"), queryset=None, required=False, empty_label=_("不安排考试")
    )
    post_kinds = forms.MultipleChoiceField(
        label=_("岗位"),
        required=False,
        choices=PostKind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选表示所有岗位。"),
    )
    named = SeveralField(
        label=_("只安排这些人"),
        queryset=None,
        required=False,
        widget=forms.SelectMultiple({"size": 6}),
        help_text=_("不选表示上述岗位的所有人，以后新任职的人员也会自动加入。"),
    )
    due_on = DayField(label=_("完成期限"))
    days = forms.IntegerField(
        label=_("新任职人员的期限（天）"),
        min_value=1,
        max_value=366,
        initial=30,
        help_text=_("计划生效后任职的人员，从任职之日起至少有这么多天。"),
    )
    why = forms.CharField(label=_("变更理由"), max_length=200, required=False)

    def __init__(self, *args, courses, sessions, posts, asks_why, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset, self.fields["session"].queryset = courses, sessions
        self.fields["named"].queryset = posts
        self.fields["named"].label_from_instance = lambda post: (
            _("%(name)s（%(kind)s）") % {"name": post.person.name, "kind": post.get_kind_display()}
        )
        if asks_why:
            self.fields["why"].required = True
        else:
            del self.fields["why"]


class WhyForm(forms.Form):
    """A reason."""

    why = forms.CharField(label=_("理由"), max_length=200, required=False)


class CloseForm(forms.Form):
    """What its maker concludes."""

    conclusion = forms.CharField(label=_("总结"), max_length=1000, widget=forms.Textarea({"rows": 4}))


class MembersFilter(FilterForm):
    """Whose places of a plan."""

    q = forms.CharField(label=_("姓名"), required=False, max_length=100)
    entry = forms.ChoiceField(label=_("条目"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(self, *args, plan, entries, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["entry"].choices = [ALL, *((str(e.number), " + ".join(e.things)) for e in entries)]
        running = [(DONE, _("已完成")), (OPEN, _("未完成")), (BEHIND, _("已逾期"))]
        is_closed = plan.state == TrainingPlan.State.CLOSED
        self.fields["state"].choices = [ALL, *(PlanOutcome.Word.choices if is_closed else running)]
