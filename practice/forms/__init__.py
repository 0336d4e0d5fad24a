"""Forms of practice."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm
from practice.rules import SIZES


class SearchForm(FilterForm):
    """Words and a topic."""

    q = forms.CharField(
        label=_("搜索"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"placeholder": _("题干、编号或法规")}),
    )
    topic = forms.TypedChoiceField(label=_("知识点"), required=False, coerce=int, empty_value=None)

    def __init__(self, data, *, topics):
        super().__init__(data)
        self.fields["topic"].choices = [ALL, *((pk, _now(topic.name)) for pk, topic in topics.items())]


class MockForm(forms.Form):
    """How a mock exam is drawn."""

    exam = forms.TypedChoiceField(label=_("按哪场考试选题"), required=False, coerce=int, empty_value=None)
    count = forms.TypedChoiceField(
        label=_("题数"), coerce=int, initial=SIZES[1], choices=[(size, size) for size in SIZES]
    )

    def __init__(self, *args, exams, **kwargs):
        super().__init__(*args, **kwargs)
        self.exams = exams
        self.fields["exam"].choices = [
            ("", _("全部练习题")),
            *((pk, exam.name) for pk, exam in exams.items()),
        ]
        for bound in self:
            bound.field.widget.attrs.setdefault("class", "form-select")
