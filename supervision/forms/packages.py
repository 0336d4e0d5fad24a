"""What is asked for before evidence is taken away."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PackageForm(forms.Form):
    """For what, and whether numbers stand there in full."""

    why = forms.CharField(
        label=_("用途"), max_length=200, error_messages={"required": _("请写明证据包的用途，至少 4 个字。")}
    )
    full = forms.BooleanField(
        label=_("含完整证件号码和手机号"),
        required=False,
        help_text=_("只含您可以逐一查看的人员；生成后立即下载，系统不保存。"),
    )
