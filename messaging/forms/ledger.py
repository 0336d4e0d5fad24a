"""Filters of messages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm
from accounts.inputs import DayField
from messaging.kinds import KINDS
from messaging.models import Channel, What


class InboxFilter(FilterForm):
    """Which of one's own."""

    only = forms.ChoiceField(label=_("显示"), required=False, choices=[ALL, ("unread", _("未读"))])


class LedgerFilter(FilterForm):
    """Which messages of the ledger."""

    q = forms.CharField(label=_("姓名、用户名或事项编号"), required=False, max_length=80)
    kind = forms.ChoiceField(
        label=_("种类"),
        required=False,
        choices=lambda: [ALL, *((code, kind.label) for code, kind in KINDS.items())],
    )
    what = forms.ChoiceField(label=_("台账中有"), required=False, choices=[ALL, *What.choices])
    channel = forms.ChoiceField(
        label=_("站外渠道"),
        required=False,
        choices=[ALL, *((c, label) for c, label in Channel.choices if c != Channel.IN_APP)],
    )
    since = DayField(label=_("计划日自"), required=False)
    until = DayField(label=_("至"), required=False)
