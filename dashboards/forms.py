"""Forms of this floor."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm
from accounts.inputs import DayField
from audit.labels import LABELS
from audit.models import Outcome


class ActsFilter(FilterForm):
    """Which acts of the log."""

    person = forms.CharField(label=_("操作人（姓名或用户名）"), required=False, max_length=60)
    on_behalf = forms.CharField(label=_("代谁操作（姓名或用户名）"), required=False, max_length=60)
    action = forms.ChoiceField(label=_("操作"), required=False)
    object = forms.CharField(label=_("对象（名称或编号）"), required=False, max_length=120)
    since = DayField(label=_("开始日期"), required=False)
    until = DayField(label=_("结束日期"), required=False)
    address = forms.GenericIPAddressField(label=_("来源地址"), required=False)
    outcome = forms.ChoiceField(label=_("结果"), required=False, choices=[ALL, *Outcome.choices])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        labels = {}
        for code, label in LABELS.items():  # several codes may have one label, and are one choice
            labels.setdefault(str(label), []).append(code)
        self.fields["action"].choices = [ALL, *((",".join(codes), label) for label, codes in labels.items())]
