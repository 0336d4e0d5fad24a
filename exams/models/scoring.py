"""Scores, results, and files that changed them: added, never changed; the attempt points at the result that counts."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class Result(models.Model):
    """The total of one scoring of an attempt with its verdict."""

    attempt = models.ForeignKey(  # without an index: the constraint's begins with it
        "Attempt", models.PROTECT, related_name="results", db_index=False
    )
    number = models.PositiveIntegerField()
    points = models.DecimalField(_("得分"), max_digits=8, decimal_places=2)
    max_points = models.DecimalField(_("满分"), max_digits=8, decimal_places=2)
    percent = models.DecimalField(_("百分比"), max_digits=6, decimal_places=2)
    passed = models.BooleanField(_("合格"))
    why = models.CharField(_("原因"), max_length=200, blank=True)
    scored_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    scored_at = models.DateTimeField(default=timezone.now)
    # Of each result after the first; that one is sealed with the attempt. See exams/actions/sealing.py.
    seal = models.CharField(_("封存码"), max_length=64, blank=True, default="", db_default="")

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

    result = models.ForeignKey(  # without an index: the constraint's begins with it
        Result, models.PROTECT, related_name="scores", db_index=False
    )
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


class Filing(models.Model):
    """An emergency answer file that was accepted: what it says and why. In an attempt that is over it made the `result`."""

    attempt = models.ForeignKey(  # without an index: the constraint's begins with it
        "Attempt", models.PROTECT, related_name="filings", db_index=False
    )
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("文件生成时间"))
    entries = models.JSONField()
    result = models.OneToOneField(Result, models.PROTECT, null=True, related_name="filing")
    why = models.CharField(_("原因"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)
    seal = models.CharField(_("封存码"), max_length=64)

    class Meta:
        verbose_name = _("应急答卷")
        ordering = ["attempt", "number"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "number"], name="filing_number_once"),
            models.UniqueConstraint(fields=["attempt", "digest"], name="filing_once"),
            AppendOnly(name="filing_append_only"),
        ]

    def __str__(self):
        return f"{self.attempt_id}:{self.number}"
