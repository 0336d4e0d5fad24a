"""The memory of acts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly
from audit.context import both


class Outcome(models.TextChoices):
    """How an act ended."""

    DONE = "done", _("完成")
    REFUSED = "refused", _("未获准")


class AuditEvent(models.Model):
    """One act: who did what to what, when, from where, how it ended, and why. It survives what it tells of."""

    at = models.DateTimeField(_("时间"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,  # an index below begins with it
        related_name="+",
    )
    actor_name = models.CharField(_("操作人"), max_length=100, blank=True)
    action = models.CharField(_("操作"), max_length=80)
    target = models.CharField(_("对象"), max_length=120)
    target_label = models.CharField(_("对象名称"), max_length=200, blank=True)
    data = models.JSONField(_("内容"), default=dict)
    request_id = models.CharField(max_length=32, blank=True)
    address = models.CharField(_("来源地址"), max_length=45, blank=True)
    # The database knows the default too: a node of the version before goes on writing while the others are renewed.
    outcome = models.CharField(
        _("结果"), max_length=8, choices=Outcome, default=Outcome.DONE, db_default=Outcome.DONE
    )
    # In whose name the actor acted, where that was not her own.
    on_behalf = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,  # an index below has the few rows that name somebody
        related_name="+",
    )
    on_behalf_name = models.CharField(_("代谁操作"), max_length=100, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("审计事件")
        constraints = [AppendOnly(name="audit_event_append_only")]
        indexes = [
            # Not by db_index, which on PostgreSQL adds a second index each, for searches by a beginning.
            # With the time behind it each gives the newest rows first without sorting.
            models.Index(fields=["action", "at"], name="audit_by_action_at"),
            models.Index(fields=["target", "at"], name="audit_by_target_at"),
            models.Index(fields=["actor", "at"], name="audit_by_actor_at"),
            models.Index(fields=["at"], condition=models.Q(outcome="refused"), name="audit_refused"),
            models.Index(
                fields=["on_behalf", "at"],
                condition=models.Q(on_behalf__isnull=False),
                name="audit_by_on_behalf_at",
            ),
            models.Index(  # how often an address failed to sign in just now
                fields=["address", "at"],
                condition=models.Q(action="account.sign_in_failed"),
                name="audit_failed_by_address",
            ),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.who} {self.action} {self.target_label}"

    @property
    def who(self):
        """The name of who acted and, if in another's name, of whom."""
        return both(self.actor_name, self.on_behalf_name) if self.on_behalf_name else self.actor_name


class AuditSeal(models.Model):
    """A keyed hash over the rows of the log that came after the seal before, and over that seal."""

    number = models.BigIntegerField(_("编号"), primary_key=True)
    at = models.DateTimeField(_("时间"))
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    marks = models.BinaryField()  # key and short hash of each row, which tell the row that differs
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("审计封存")
        constraints = [AppendOnly(name="audit_seal_append_only")]

    def __str__(self):
        return str(self.number)
