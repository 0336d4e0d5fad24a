"""The memory of acts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class AuditEvent(models.Model):
    """One act: who did what to what, when, from where, and why. It survives what it tells of."""

    at = models.DateTimeField(_("时间"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    actor_name = models.CharField(_("操作人"), max_length=100, blank=True)
    action = models.CharField(_("操作"), max_length=80)
    target = models.CharField(_("对象"), max_length=120)
    target_label = models.CharField(_("对象名称"), max_length=200, blank=True)
    data = models.JSONField(_("内容"), default=dict)
    request_id = models.CharField(max_length=32, blank=True)
    address = models.CharField(_("来源地址"), max_length=45, blank=True)

    class Meta:
        verbose_name = _("审计事件")
        constraints = [AppendOnly(name="audit_event_append_only")]
        indexes = [
            # Not by db_index, which on PostgreSQL adds a second index each, for searches by a beginning.
            models.Index(fields=["action"], name="audit_by_action"),
            models.Index(fields=["target"], name="audit_by_target"),
            models.Index(  # how often an address failed to sign in just now
                fields=["address", "at"],
                condition=models.Q(action="account.sign_in_failed"),
                name="audit_failed_by_address",
            ),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.target_label}"
