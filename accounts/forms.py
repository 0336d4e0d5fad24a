"""Forms of this floor."""

from allauth.account.forms import LoginForm as AllauthLoginForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AllauthLoginForm):
    """One field for whatever name a person knows of herself."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("用户名 / 手机号 / 邮箱")
        self.fields["login"].widget.attrs.update(
            placeholder="", autocapitalize="none", autocomplete="username"
        )
        self.fields["password"].widget.attrs.update(placeholder="")
        self.fields.pop("remember", None)
