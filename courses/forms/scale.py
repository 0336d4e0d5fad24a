"""Forms of what is done for very many: bulk assignment, the paths of a team, the hours of an organ."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm
from accounts.inputs import DayField, SeveralField
from accounts.models import PostKind
from courses.queries.paths import DONE, LATE, OPEN

TICKS = forms.CheckboxSelectMultiple


class BulkForm(forms.Form):
    """Which courses, whom, until when; only what lies in the manager's reach can be ticked."""

    courses = SeveralField(
        label=_("课程"),
        queryset=None,
        widget=TICKS,
        error_messages={
            "required": _("请至少选择一门课程。"),
            "invalid_choice": _("课程有变化，请重新选择。"),
        },
    )
    kinds = forms.MultipleChoiceField(
        label=_("岗位"),
        required=False,
        choices=PostKind.choices,
        widget=TICKS,
        help_text=_("不选表示所有岗位。"),
    )
    categories = SeveralField(
        label=_("产品类别"), queryset=None, required=False, widget=TICKS, help_text=_("不选表示所有类别。")
    )
    enterprises = SeveralField(
        label=_("企业"),
        queryset=None,
        required=False,
        widget=TICKS,
        help_text=_("不选表示所管理的全部企业。"),
    )
    due_on = DayField(label=_("完成期限"))

    def __init__(self, *args, courses, categories, enterprises, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["courses"].queryset = courses
        self.fields["categories"].queryset = categories
        self.fields["enterprises"].queryset = enterprises
        self.fields["enterprises"].label_from_instance = lambda one: one.unit.name

    def clean_due_on(self):
        """Not in the past."""
        due = self.cleaned_data["due_on"]
        if due < timezone.localdate():
            raise forms.ValidationError(_("完成期限不能早于今天。"))
        return due

    def chosen(self):
        """The filter as the assignment keeps it."""
        data = self.cleaned_data
        return {
            "kinds": data["kinds"],
            "categories": [one.pk for one in data["categories"]],
            "enterprises": [one.pk for one in data["enterprises"]],
        }


class PathsFilter(FilterForm):
    """Which path, and who of those who go along it."""

    path = forms.ChoiceField(label=_("路径"), required=False)
    q = forms.CharField(
        label=_("查找"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"placeholder": _("姓名或企业")}),
    )
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[ALL, (LATE, _("有逾期步骤")), (OPEN, _("未走完")), (DONE, _("已走完"))],
    )

    def __init__(self, *args, paths, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["path"].choices = [(one.code, one.name) for one in paths]


class HoursFilter(FilterForm):
    """Of which organ, year and course."""

    unit = forms.ChoiceField(label=_("机构"), required=False)
    year = forms.ChoiceField(label=_("年度"), required=False)
    course = forms.ChoiceField(label=_("课程"), required=False)

    def __init__(self, *args, organs, courses, **kwargs):
        super().__init__(*args, **kwargs)
        this = timezone.localdate().year
        self.fields["unit"].choices = [(one.code, one.name) for one in organs]
        self.fields["year"].choices = [(str(year), str(year)) for year in range(this, this - 4, -1)]
        self.fields["course"].choices = [ALL, *((one.code, one.name) for one in courses)]


class LearnersFilter(FilterForm):
    """Whose hours behind a figure."""

    q = forms.CharField(
        label=_("查找"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"placeholder": _("姓名或企业")}),
    )
    course = forms.ChoiceField(label=_("课程"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[ALL, ("active", _("学习中")), ("late", _("已逾期")), ("completed", _("本年完成"))],
    )
    year = forms.IntegerField(required=False, widget=forms.HiddenInput)
    unit = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args, courses, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["course"].choices = [ALL, *((one.code, one.name) for one in courses)]
