"""What passwords a person had."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class FormerPassword(models.Model):
    """The hash of a password that a person gave up, so that she does not take it again."""

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="former_passwords")
    encoded = models.CharField(max_length=128)
    ended_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("旧密码")
        constraints = [AppendOnly(name="former_password_append_only")]

    def __str__(self):
        return f"{self.person_id} {self.ended_at:%Y-%m-%d}"
