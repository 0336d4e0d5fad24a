"""What the list of certificates may be narrowed by."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm

STATES = [
    ("in_force", _("有效")),
    ("expiring", _("60 天内到期")),
    ("expired", _("已过期")),
    ("suspended", _("已暂停")),
    ("revoked", _("已撤销")),
    ("replaced", _("已换发")),
]


class CertificateFilter(FilterForm):
    """Which certificates."""

    q = forms.CharField(label=_("姓名、企业或编号"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[ALL, *STATES])
