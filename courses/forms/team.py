"""Forms of the team's learning: filters, and whom to give a course until when."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm
from accounts.inputs import DayField, SeveralField
from courses.models import Enrolment
from courses.queries.team import LATE


class TeamFilter(FilterForm):
    """What the list of enrolments may be narrowed by."""

    q = forms.CharField(
        label=_("查找"), required=False, widget=forms.TextInput({"placeholder": _("姓名或企业")})
    )
    course = forms.ChoiceField(label=_("课程"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[
            ALL,
            (Enrolment.State.ACTIVE, _("学习中")),
            (LATE, _("已逾期")),
            (Enrolment.State.COMPLETED, _("已完成")),
        ],
    )

    unit = forms.SlugField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args, courses, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["course"].choices = [ALL, *((one.code, one.name) for one in courses)]


class AssignForm(forms.Form):
    """Which posts to give a course, and by when it is to be finished; only posts from the caller's door can be ticked."""

    posts = SeveralField(
        queryset=None,
        error_messages={"required": _("请至少勾选一人。"), "invalid_choice": _("名单已变化，请重新勾选。")},
    )
    due_on = DayField(label=_("完成期限"))

    def __init__(self, *args, posts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["posts"].queryset = posts

    def clean_due_on(self):
        """Not in the past."""
        due = self.cleaned_data["due_on"]
        if due < timezone.localdate():
            raise forms.ValidationError(_("完成期限不能早于今天。"))
        return due
