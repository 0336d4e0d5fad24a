"""Forms of what stands beside the checks."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import FilterForm
from accounts.inputs import DayField
from supervision.models import AnnualPlan, Interest, RuleProfile, SpotCheck
from supervision.queries import checks as queries


class ProfileForm(forms.ModelForm):
    """The next version of a rule profile."""

    class Meta:
        model = RuleProfile
        fields = [*RuleProfile.numbers(), "reason"]
        widgets = {"legal_basis": forms.Textarea({"rows": 3})}
        help_texts = {"reason": _("必填；版本留存，旧计划仍按旧版本执行。")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.pop("reason", None)


class InterestForm(forms.ModelForm):
    """Who has what interest in which enterprise."""

    enterprise_name = forms.CharField(
        label=_("企业"), max_length=120, help_text=_("写全称或统一社会信用代码。")
    )

    class Meta:
        model = Interest
        fields = ["person", "enterprise_name", "note", "starts_on", "ends_on"]
        field_classes = {"starts_on": DayField, "ends_on": DayField}
        help_texts = {"note": _("例如：近亲属任职、曾提供咨询。")}

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["person"].queryset = queries.regulators_of(user, timezone.localdate())
        self.fields["person"].empty_label = None
        self.initial.setdefault("starts_on", timezone.localdate())
        self.initial.setdefault("person", user.pk)

    def clean_enterprise_name(self):
        _people, firms = queries.named(self.user, self.cleaned_data["enterprise_name"])
        if len(firms) != 1:
            raise forms.ValidationError(_("在您的管辖范围内没有找到这家企业，请核对全称或代码。"))
        self.cleaned_data["enterprise"] = firms[0]
        return self.cleaned_data["enterprise_name"]

    def clean(self):
        data = super().clean()
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _("结束日期不能早于起始日期。"))
        return data


class LedgerForm(FilterForm):
    """Which organ, year and strata the ledger shows."""

    unit = forms.ChoiceField(label=_("监管机构"), required=False)
    year = forms.ChoiceField(label=_("年度"), required=False)
    by = forms.ChoiceField(label=_("分层"), required=False, choices=SpotCheck.Strata.choices)

    def __init__(self, *args, organs, **kwargs):
        super().__init__(*args, **kwargs)
        this = timezone.localdate().year
        self.fields["unit"].choices = [(organ.code, organ.name) for organ in organs]
        self.fields["year"].choices = [(str(y), str(y)) for y in range(this + 1, this - 4, -1)]


class AimForm(forms.ModelForm):
    """What an organ means to cover in a year."""

    class Meta:
        model = AnnualPlan
        fields = ["unit", "year", "target", "note"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = queries.organs_of(user)
        self.fields["unit"].empty_label = None
        self.initial.setdefault("year", timezone.localdate().year)

    def validate_unique(self):
        """Setting it again is what the form is for."""
