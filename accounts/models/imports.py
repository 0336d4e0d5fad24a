"""An import of people: who brought what, and for a day what is needed to take it back."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

UNDO_WITHIN = timezone.timedelta(hours=24)


class Import(models.Model):
    """One workbook that somebody confirmed. `former_sealed` holds, encrypted, the keys of what was entered and the values of what was
    changed; it is emptied with the undo or when its day is over.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待导入")
        DONE = "done", _("已导入")
        REFUSED = "refused", _("未导入")
        UNDOING = "undoing", _("正在撤销")
        UNDONE = "undone", _("已撤销")

    MOVES = {
        State.WAITING: {State.DONE, State.REFUSED},
        State.DONE: {State.UNDOING, State.UNDONE},
        State.UNDOING: {State.UNDONE, State.DONE},
    }

    PENDING = (State.WAITING, State.UNDOING)  # what the background worker has still to bring to an end

    by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="imports",
        verbose_name=_("导入人"),
    )
    file_name = models.CharField(_("文件"), max_length=200, blank=True)
    digest = models.CharField(_("文件摘要"), max_length=64, blank=True)
    token = models.CharField(max_length=32, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.WAITING)
    counts = models.JSONField(_("数量"), default=dict)
    refusal = models.CharField(_("未执行的原因"), max_length=400, blank=True)
    former_sealed = models.TextField(blank=True)
    asked_at = models.DateTimeField(_("提交时间"), auto_now_add=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("人员导入")
        ordering = ["-pk"]
        constraints = [
            # A file that was refused may be looked at and confirmed once more.
            models.UniqueConstraint(
                fields=["token"],
                condition=~models.Q(token="") & ~models.Q(state="refused"),
                name="import_once_for_each_file",
            ),
        ]

    def __str__(self):
        return self.file_name or f"#{self.pk}"

    @property
    def undo_until(self):
        """Until when it can be taken back; None for one that was not carried out."""
        return self.finished_at + UNDO_WITHIN if self.finished_at else None

    def may_be_undone(self, now):
        """Whether its day is not over and its former values are still there."""
        return (
            self.state in (self.State.DONE, self.State.UNDOING)
            and bool(self.former_sealed)
            and now < self.undo_until
        )
