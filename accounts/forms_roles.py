"""Forms of lending a role, and of acting for another."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import delegating
from accounts.fields import ReasonField
from accounts.inputs import DayField
from accounts.models import Unit

USUAL = timedelta(days=6)  # a week


class GrantChoice(forms.ModelChoiceField):
    """One of one's roles, each with its unit."""

    def label_from_instance(self, given):
        """The role and where it holds."""
        return f"{given.get_role_display()} · {given.unit}"


class DelegationForm(forms.Form):
    """Which role to whom, where, from when to when, and why."""

    grant = GrantChoice(label=_("委托的角色"), queryset=None, empty_label=None)
    who = forms.CharField(
        label=_("受托人的用户名或手机号"),
        max_length=60,
        help_text=_("本单位的同事：在本企业任职，或持有本机构及其下级的角色。"),
    )
    where = forms.CharField(
        label=_("单位"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"list": "units"}),
        help_text=_("不填即为该角色的整个范围；也可以只委托其中一个下级机构，填名称或代码。"),
    )
    first = DayField(label=_("首日"))
    last = DayField(label=_("末日"))
    reason = ReasonField(help_text=_("例如休假、出差；双方和系统管理员都能看到。"))

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by, self.today = by, timezone.localdate()
        self.person = self.unit = None
        self.fields["grant"].queryset = delegating.lendable_by(by, self.today)
        self.fields["grant"].initial = self.fields["grant"].queryset.first()
        self.fields["first"].initial, self.fields["last"].initial = self.today, self.today + USUAL
        self.fields["last"].help_text = ngettext(
            "含当日，一次最多 {days} 天。", "含当日，一次最多 {days} 天。", settings.DELEGATION_DAYS
        ).format(days=settings.DELEGATION_DAYS)
        for name in ("first", "last"):
            self.fields[name].widget.attrs["min"] = self.today.isoformat()

    def units_below(self):
        """The units that may be named, for the list that opens below the field."""
        found = Unit.objects.none()
        for given in self.fields["grant"].queryset:
            found = found | delegating.units_of(given)
        return found.order_by("path")

    def clean(self):
        """Find the colleague and the unit, both as seen from the chosen grant."""
        chosen = self.cleaned_data
        given = chosen.get("grant")
        if given is None:
            return chosen
        self.unit = self._unit(given, chosen.get("where", "").strip())
        if self.unit is None:
            self.add_error("where", _("您这个角色的范围内没有这个单位。"))
        if typed := chosen.get("who"):
            self.person = delegating.find_colleague(given, typed, self.today)
            if self.person is None:
                is_own = delegating.is_called(self.by, typed)
                self.add_error("who", _("不能委托给自己。") if is_own else gettext(delegating.NOBODY))
        return chosen

    def _unit(self, given, text):
        units = delegating.units_of(given)
        if not text:
            return given.unit
        return units.filter(code__iexact=text).first() or units.filter(name=text).first()


class ActForForm(forms.Form):
    """Why somebody acts for another."""

    reason = ReasonField(
        label=_("事由"),
        help_text=_("事由、时间和双方姓名将写入审计记录，本人在“我的数据”中可以看到。"),
    )
