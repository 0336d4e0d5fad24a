"""Forms about one's own data and about holds."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import retention
from accounts.fields import ReasonField


class PasswordForm(forms.Form):
    """One's own password, typed again."""

    password = forms.CharField(
        label=_("登录密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ExportForm(PasswordForm):
    """The same, where it may be left out."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="export_%s", **kwargs)
        self.fields["password"].required = False
        self.fields["password"].help_text = _("填写密码，文件中含完整号码；不填则只有掩码。")


class HoldForm(forms.Form):
    """What shall be kept, and why."""

    what = forms.CharField(
        label=_("人员的用户名、手机号、身份证号，或企业的统一社会信用代码"),
        max_length=60,
        help_text=_("企业的保全覆盖曾在该企业任职的所有人。"),
    )
    reason = ReasonField()

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by, self.found = by, {}

    def clean_what(self):
        """Somebody or something in one's reach."""
        self.found = retention.find_held(self.by, self.cleaned_data["what"])
        if not self.found:
            raise forms.ValidationError(_("没有找到您管理范围内的人员或企业。"))
        return self.cleaned_data["what"]
