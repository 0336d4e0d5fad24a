"""Forms of the tokens of other systems."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import queries
from accounts.actions.tokens import LONGEST
from accounts.fields import checked
from accounts.forms import FilterForm
from accounts.inputs import DayField
from accounts.models import TokenScope

USUAL = timedelta(days=180)


class TokenFilter(FilterForm):
    """Which tokens."""

    q = forms.CharField(label=_("名称、单位或令牌开头"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[("", _("未停用")), ("over", _("已停用或到期"))]
    )


class TokenForm(forms.Form):
    """Which system may read what of which unit, until when."""

    name = forms.CharField(
        label=_("名称"), max_length=60, help_text=_("对接系统的名称，审计记录中以此称呼。")
    )
    unit = forms.CharField(
        label=_("单位"),
        max_length=120,
        widget=forms.TextInput(
            attrs={"list": "units", "data-check-only": "^[0-9A-Z]{18}$", **checked("uscc")}
        ),
        help_text=_("机构代码、统一社会信用代码或单位全称。令牌只能读取该单位及其下级的数据。"),
    )
    scopes = forms.MultipleChoiceField(
        label=_("可读取"), choices=TokenScope.choices, widget=forms.CheckboxSelectMultiple
    )
    expires_on = DayField(label=_("有效期至"), help_text=_("含当日，最长一年。"))

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        today = timezone.localdate()
        day = self.fields["expires_on"]
        day.initial = today + USUAL
        day.widget.attrs |= {"min": today.isoformat(), "max": (today + LONGEST).isoformat()}

    def clean_unit(self):
        """A unit in the administrator's reach."""
        unit = queries.find_unit(self.by, self.cleaned_data["unit"])
        if unit is None:
            raise forms.ValidationError(_("您的管理范围内没有这个单位。"))
        return unit
