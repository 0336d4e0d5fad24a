"""Two files of one person: that they were made one, or that somebody looked and they are two people."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly

UNDO_WITHIN = timezone.timedelta(days=30)


class Merge(models.Model):
    """One account absorbed by another. `former_sealed` holds, encrypted, the keys of the rows that moved and the numbers that
    changed hands; it is emptied with the undo or when its thirty days are over.
    """

    kept = models.ForeignKey("accounts.User", models.PROTECT, related_name="merges", verbose_name=_("保留"))
    absorbed = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("并入"))
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("合并人"))
    at = models.DateTimeField(_("合并时间"), default=timezone.now)
    reason = models.CharField(_("理由"), max_length=200)
    number_reason = models.CharField(_("证件号码不一致的说明"), max_length=200, blank=True)
    counts = models.JSONField(_("数量"), default=dict)
    former_sealed = models.TextField(blank=True)
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    undone_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    why_undone = models.CharField(_("撤销理由"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("人员合并")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(undone_at=None), name="person_absorbed_once"
            ),
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="merge_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, former_sealed=""),
                name="merge_undone_stamp",
            ),
        ]

    def __str__(self):
        return f"{self.absorbed} → {self.kept}"

    @property
    def undo_until(self):
        """Until when it can be taken back."""
        return self.at + UNDO_WITHIN

    def may_be_undone(self, now):
        """Whether its days are not over and its former values are still there."""
        return self.undone_at is None and bool(self.former_sealed) and now < self.undo_until


class NotSame(models.Model):
    """Somebody looked at two people of one name and told them apart; they are not proposed again."""

    first = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    second = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), auto_now_add=True)
    reason = models.CharField(_("理由"), max_length=200)

    class Meta:
        verbose_name = _("不是同一人")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="told_apart_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="told_apart_in_order"),
            AppendOnly(name="not_same_append_only"),
        ]

    def __str__(self):
        return f"{self.first} ≠ {self.second}"
