"""What people are told, and everything that became of it."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts import oneself, scope
from accounts.queries import people_seen_by
from audit.append_only import AppendOnly

OUTSIDE = ("wecom", "email", "sms")


class Channel(models.TextChoices):
    """By what somebody is told."""

    IN_APP = "in_app", _("站内")
    WECOM = "wecom", _("企业微信")
    EMAIL = "email", _("邮件")
    SMS = "sms", _("短信")


class What(models.TextChoices):
    """What a line of the ledger says."""

    PLANNED = "planned", _("已计划")
    HANDED = "handed", _("正在交付")
    SENT = "sent", _("已发出")
    HELD = "held", _("未发出（试运行）")
    POSTPONED = "postponed", _("暂缓重试")
    FAILED = "failed", _("发送失败")
    DELIVERED = "delivered", _("已送达")
    READ = "read", _("已阅读")
    CONFIRMED = "confirmed", _("已确认")
    WITHDRAWN = "withdrawn", _("不再需要")


class Batch(models.Model):
    """One kind on one day: what was planned. Whoever plans after a worker died goes on under the same row."""

    kind = models.CharField(_("种类"), max_length=40)
    day = models.DateField(_("日期"))
    begun_at = models.DateTimeField(_("开始时间"))
    due_at = models.DateTimeField(_("发送时间"))
    finished_at = models.DateTimeField(_("计划完成时间"), null=True)
    planned = models.PositiveIntegerField(_("计划"), default=0)

    class Meta:
        verbose_name = _("提醒批次")
        ordering = ["-day", "kind"]
        constraints = [models.UniqueConstraint(fields=["kind", "day"], name="batch_once_a_day")]

    def __str__(self):
        return f"{self.kind} {self.day}"


class Messages(models.QuerySet):
    """Messages by whose they are and who looks after them."""

    def of(self, user):
        """What somebody finds in her inbox, under whichever of her accounts it was told."""
        return self.filter(recipient__in=oneself.ids_of(user), arrived_at__isnull=False)

    def unread(self):
        """Those that wait to be opened."""
        return self.filter(read_at__isnull=True)

    def seen_by(self, user):
        """Those to people in an administrator's reach."""
        return self if scope.administers_all(user) else self.filter(recipient__in=people_seen_by(user))


class Message(models.Model):
    """What one person is told once. `lines` numbers its ledger: whoever writes the next line has seen the one before."""

    kind = models.CharField(_("种类"), max_length=40)
    subject = models.CharField(_("事项"), max_length=80)
    recipient = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("接收人"))
    occasion = models.CharField(_("场合"), max_length=60)
    facts = models.JSONField(_("内容"))
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="messages")
    planned_at = models.DateTimeField(_("计划时间"))
    due_at = models.DateTimeField(_("发送时间"))
    next_at = models.DateTimeField(null=True)  # when something is to be done with it; empty: nothing any more
    channel = models.CharField(_("渠道"), max_length=8, choices=Channel, blank=True)  # the last one outside
    tries = models.PositiveSmallIntegerField(default=0)  # on that channel
    handed_at = models.DateTimeField(null=True)  # a worker is at it; empty again once it knows how it went
    said = models.TextField(blank=True)  # the words as she was told them, in her language
    arrived_at = models.DateTimeField(_("进入收件箱"), null=True)
    sent_at = models.DateTimeField(_("站外发出"), null=True)
    shown_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(_("阅读时间"), null=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True)
    last = models.CharField(_("状态"), max_length=12, choices=What, default=What.PLANNED)
    last_at = models.DateTimeField(_("最近变化"))
    lines = models.PositiveIntegerField(default=1)

    objects = Messages.as_manager()

    class Meta:
        verbose_name = _("消息")
        ordering = ["-planned_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "recipient", "occasion"], name="message_told_once"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(read_at__isnull=False),
                name="message_confirmed_after_reading",
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=False)
                | Q(sent_at__isnull=True, read_at__isnull=True, shown_at__isnull=True),
                name="message_arrives_first",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="message_due"),
            models.Index(fields=["recipient", "-arrived_at"], name="message_inbox"),
            models.Index(fields=["-planned_at", "-id"], name="message_newest"),
            models.Index(fields=["handed_at"], condition=Q(handed_at__isnull=False), name="message_handed"),
        ]

    def __str__(self):
        return f"{self.kind} {self.subject} {self.occasion}"


class LedgerLine(models.Model):
    """What became of a message: (message, number). It names nobody and outlives the message, which is disposed of one day."""

    message = models.ForeignKey(
        Message, models.DO_NOTHING, related_name="ledger", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField(_("序号"))
    what = models.CharField(_("事项"), max_length=12, choices=What)
    channel = models.CharField(_("渠道"), max_length=8, choices=Channel, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("送达台账")
        ordering = ["message", "number"]
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="ledger_line_number"),
            AppendOnly(name="ledger_append_only"),
        ]
        indexes = [models.Index(fields=["what", "at"], name="ledger_what_when")]

    def __str__(self):
        return f"{self.message_id} {self.number} {self.what}"


class MailChoice(models.Model):
    """Whether somebody wants messages by e-mail; without a row she does."""

    person = models.OneToOneField("accounts.User", models.CASCADE, related_name="+")
    by_mail = models.BooleanField(_("邮件提醒"))

    class Meta:
        verbose_name = _("邮件提醒的选择")

    def __str__(self):
        return f"{self.person_id} {self.by_mail}"


def has_line(what, **more):
    """Whether a message's ledger holds such a line."""
    return Exists(LedgerLine.objects.filter(message=OuterRef("pk"), what=what, **more))
