"""Filters of the training files."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import FilterForm


class EnterpriseSearch(FilterForm):
    """Which enterprises."""

    q = forms.CharField(label=_("企业名称或信用代码"), required=False, max_length=100)


class YearForm(FilterForm):
    """Of which year, and whom."""

    q = forms.CharField(label=_("姓名"), required=False, max_length=60)
    year = forms.TypedChoiceField(label=_("年度"), required=False, coerce=int, empty_value=0)

    def __init__(self, *args, years, **kwargs):
        super().__init__(*args, **kwargs)
        self.years = years
        self.fields["year"].choices = [(one, str(one)) for one in years]

    def values(self):
        """What was chosen; the newest year where none or nonsense was."""
        chosen = super().values()
        return chosen | {"year": chosen["year"] or self.years[0]}
