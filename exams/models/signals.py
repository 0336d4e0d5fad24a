"""What a sitting page noticed of itself, and the wish to go on with an attempt on another device."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class Signal(models.Model):
    """One thing that the page noticed. It is shown to whoever supervises and changes no score, outcome or time."""

    class Kind(models.TextChoices):
        LEFT = "left", _("离开页面")
        RETURNED = "returned", _("回到页面")
        FULLSCREEN = "fullscreen", _("退出全屏")
        PASTED = "pasted", _("粘贴内容")
        RESIZED = "resized", _("改变窗口大小")
        OFFLINE = "offline", _("网络中断")
        DEVICE = "device", _("换设备")

    attempt = models.ForeignKey(  # without an index: the constraint's begins with it
        "Attempt", models.PROTECT, related_name="signals", db_index=False
    )
    kind = models.CharField(_("类型"), max_length=12, choices=Kind)
    at = models.DateTimeField(_("时间"))  # as the page counts it
    seconds = models.PositiveIntegerField(_("持续秒数"), default=0)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("作答页信号")
        ordering = ["attempt", "at"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "at", "kind"], name="signal_once"),
            AppendOnly(name="signal_append_only"),
        ]

    def __str__(self):
        return f"{self.attempt_id}:{self.kind}"


class MoveRequest(models.Model):
    """The wish of a candidate, signed in on another device, to go on there; it opens nothing until a supervisor agrees."""

    attempt = models.ForeignKey("Attempt", models.PROTECT, related_name="move_requests")
    device = models.CharField(max_length=32)
    code = models.CharField(_("换机码"), max_length=6)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("换设备申请")
        ordering = ["pk"]
        indexes = [models.Index(fields=["at"], name="move_request_by_time")]
        constraints = [AppendOnly(name="move_request_append_only")]

    def __str__(self):
        return f"{self.attempt_id}:{self.code}"


class ClusterReading(models.Model):
    """What stood out in a large session when the background worker last looked; it can be read anew at any time, so nothing is lost."""

    session = models.OneToOneField("ExamSession", models.PROTECT, related_name="cluster_reading")
    asked_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)  # that were over by then
    found = models.JSONField(default=dict)  # as `exams.queries.clusters.stored` writes it

    class Meta:
        verbose_name = _("异常聚集统计")

    def __str__(self):
        return f"{self.session_id} {self.read_at}"
