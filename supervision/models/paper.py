"""Sittings on paper: the forms that were printed, what was entered from them or from an outside exam, and who checked it."""

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly
from supervision.models.checks import SpotCheck
from supervision.models.sittings import Examinee


class PrintedForm(models.Model):
    """Form A or B of a session: a frozen paper in a fixed order. What is printed carries letter and digest, so it is fixed once."""

    class Letter(models.TextChoices):
        A = "A", _("A 卷")
        B = "B", _("B 卷")

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="printed_forms")
    session = models.ForeignKey(  # without an index: the constraint's begins with it
        "exams.ExamSession", models.PROTECT, related_name="printed_forms", db_index=False
    )
    letter = models.CharField(_("卷别"), max_length=1, choices=Letter)
    paper = models.ForeignKey("exams.Paper", models.PROTECT, related_name="printed_forms")
    layout = models.JSONField()
    digest = models.CharField(_("摘要"), max_length=64)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("纸质试卷")
        ordering = ["session", "letter"]
        constraints = [
            models.UniqueConstraint(fields=["session", "letter"], name="printed_form_once"),
            AppendOnly(name="printed_form_append_only"),
        ]

    def __str__(self):
        return f"{self.session_id} {self.letter}"


class PaperResults(models.QuerySet):
    """Results on paper by which version counts."""

    def newest(self):
        """Of each examinee the highest number."""
        last = PaperResult.objects.filter(examinee=OuterRef("examinee")).order_by("-number").values("pk")[:1]
        return self.filter(pk=Subquery(last))


class PaperResult(models.Model):
    """What was entered for an examinee: (examinee, number), the highest is meant; it counts once a second person confirmed it."""

    class Kind(models.TextChoices):
        SHEET = "sheet", _("按答题卡录入")
        TOTAL = "total", _("校外考试总分")

    examinee = models.ForeignKey(  # without an index: the constraint's begins with it
        Examinee, models.PROTECT, related_name="paper_results", db_index=False
    )
    number = models.PositiveIntegerField()
    kind = models.CharField(_("录入方式"), max_length=8, choices=Kind)
    printed = models.ForeignKey(
        PrintedForm, models.PROTECT, null=True, related_name="results", verbose_name=_("卷别")
    )
    said = models.JSONField(default=dict)  # {position: payload}, as responses keep them
    holder = models.CharField(_("组织考试的单位"), max_length=120, blank=True)
    held_on = models.DateField(_("考试日期"))
    points = models.DecimalField(_("得分"), max_digits=8, decimal_places=2)
    max_points = models.DecimalField(_("满分"), max_digits=8, decimal_places=2)
    percent = models.DecimalField(_("百分比"), max_digits=6, decimal_places=2)
    passed = models.BooleanField(_("合格"))
    missed = models.JSONField(default=list)  # as outcomes keep it
    why = models.CharField(_("更正原因"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("录入人"))
    at = models.DateTimeField(_("录入时间"), default=timezone.now)

    objects = PaperResults.as_manager()

    class Meta:
        verbose_name = _("纸质成绩")
        ordering = ["examinee", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["examinee", "number"], name="paper_result_number_once"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(why=""), name="paper_result_changed_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(kind="sheet", printed__isnull=False, holder="")
                | Q(kind="total", printed__isnull=True) & ~Q(holder=""),
                name="paper_result_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(points__gte=0, max_points__gt=0, points__lte=F("max_points")),
                name="paper_result_points_within",
            ),
            AppendOnly(name="paper_result_append_only"),
        ]

    def __str__(self):
        return f"{self.examinee_id}:{self.number}"


class PaperReview(models.Model):
    """What a second person found of an entered result: once, and never whoever entered it."""

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", _("复核一致")
        RETURNED = "returned", _("退回重录")
        SET_ASIDE = "set_aside", _("不予采用")

    result = models.OneToOneField(PaperResult, models.PROTECT, related_name="review")
    verdict = models.CharField(_("复核结论"), max_length=12, choices=Verdict)
    why = models.CharField(_("原因"), max_length=200, blank=True)
    entered_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("复核人"))
    at = models.DateTimeField(_("复核时间"), default=timezone.now)

    class Meta:
        verbose_name = _("纸质成绩复核")
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("entered_by")), name="paper_review_by_another"),
            models.CheckConstraint(
                condition=Q(verdict="confirmed") | ~Q(why=""), name="paper_review_against_with_a_reason"
            ),
            AppendOnly(name="paper_review_append_only"),
        ]

    def __str__(self):
        return f"{self.result_id}:{self.verdict}"
