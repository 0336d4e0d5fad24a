"""Evidence packages: what was taken away of a case, by whom, why, and with which digest."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from supervision.models.checks import SpotCheck


class EvidencePackage(models.Model):
    """One package that somebody asked for; the file goes after its days, the row with the digest stays."""

    class State(models.TextChoices):
        WAITING = "waiting", _("生成中")
        DONE = "done", _("已生成")
        FAILED = "failed", _("生成失败")

    MOVES = {
        State.WAITING: (State.DONE, State.FAILED),
        State.DONE: (),
        State.FAILED: (),
    }

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="packages")
    full = models.BooleanField(_("含完整号码"), default=False)
    why = models.CharField(_("用途"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("申请人"))
    at = models.DateTimeField(_("申请时间"), default=timezone.now)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)  # of `parts`
    parts = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=120, blank=True)  # below MEDIA_ROOT/packages
    files = models.PositiveIntegerField(_("文件数"), default=0)
    size = models.PositiveBigIntegerField(_("大小"), default=0)
    digest = models.CharField(_("摘要"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("证据包")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="evidence_package_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(digest=""), name="evidence_package_done_with_digest"
            ),
        ]

    def __str__(self):
        return f"{self.check_of_id}:{self.pk}"
