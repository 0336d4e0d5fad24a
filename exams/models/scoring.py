"""Scores and results: added, never changed; the attempt points at the result that counts."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class Result(models.Model):
    """The total of one scoring of an attempt with its verdict."""

    attempt = models.ForeignKey("Attempt", models.PROTECT, related_name="results")
    number = models.PositiveIntegerField()
    points = models.DecimalField(_("得分"), max_digits=8, decimal_places=2)
    max_points = models.DecimalField(_("满分"), max_digits=8, decimal_places=2)
    percent = models.DecimalField(_("百分比"), max_digits=6, decimal_places=2)
    passed = models.BooleanField(_("合格"))
    why = models.CharField(_("原因"), max_length=200, blank=True)
    scored_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    scored_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("成绩")
        ordering = ["attempt", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "number"], name="result_number_once"),
            AppendOnly(name="result_append_only"),
        ]

    def __str__(self):
        return f"{self.points}/{self.max_points}"


class Score(models.Model):
    """The fraction and points of one place in one scoring."""

    result = models.ForeignKey(Result, models.PROTECT, related_name="scores")
    position = models.PositiveIntegerField()
    fraction = models.DecimalField(max_digits=14, decimal_places=12)
    points = models.DecimalField(max_digits=6, decimal_places=2)
    max_points = models.DecimalField(max_digits=6, decimal_places=2)

    class Meta:
        verbose_name = _("题目得分")
        ordering = ["result", "position"]
        constraints = [
            models.UniqueConstraint(fields=["result", "position"], name="score_position_once"),
            AppendOnly(name="score_append_only"),
        ]

    def __str__(self):
        return f"{self.position}: {self.points}"
