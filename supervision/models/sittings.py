"""Who sat in a spot check, who inspected, and what came of it: rows that are only added, the highest number counts."""

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly
from supervision.models.checks import SpotCheck
from supervision.models.draws import DrawnCandidate


class Attendance(models.Model):
    """An inspector of the draw who came and showed her badge; two of them make a sitting lawful."""

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="attendances", db_index=False)
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="attendances")
    badge = models.CharField(_("执法证号"), max_length=40)
    at = models.DateTimeField(_("到场时间"), default=timezone.now)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("检查人员到场")
        ordering = ["check_of", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "person"], name="attendance_once"),
            models.CheckConstraint(condition=~Q(badge=""), name="attendance_has_a_badge"),
            AppendOnly(name="attendance_append_only"),
        ]

    def __str__(self):
        return f"{self.person} {self.badge}"


class Examinees(models.QuerySet):
    """Examinees by what counts."""

    def counting(self):
        """Those whose place on the list nobody took."""
        return self.filter(drawn__replaced__isnull=True)


class Examinee(models.Model):
    """One drawn person in one round of a check: round 0 is the check itself, the others are retakes with a session of their own."""

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="examinees")
    drawn = models.ForeignKey(  # without an index: the constraint's begins with it
        DrawnCandidate, models.PROTECT, related_name="sittings", db_index=False
    )
    round = models.PositiveIntegerField(_("轮次"), default=0)
    registration = models.OneToOneField(
        "exams.Registration", models.PROTECT, related_name="examinee", verbose_name=_("参考登记")
    )
    at = models.DateTimeField(default=timezone.now)

    objects = Examinees.as_manager()

    class Meta:
        verbose_name = _("应考人员")
        ordering = ["check_of", "round", "drawn"]
        constraints = [
            models.UniqueConstraint(fields=["drawn", "round"], name="examinee_once_a_round"),
            AppendOnly(name="examinee_append_only"),
        ]

    def __str__(self):
        return f"{self.drawn_id} / {self.round}"

    @property
    def is_retake(self):
        """Whether it is a retake."""
        return self.round > 0


class Outcome(models.Model):
    """What came of an examinee's sitting: (examinee, number), the highest counts; every later one has its reason."""

    class Conclusion(models.TextChoices):
        PASSED = "passed", _("合格")
        FAILED = "failed", _("不合格")
        ABSENT = "absent", _("缺考")
        EXCUSED = "excused", _("准予缓考")
        CANCELLED = "cancelled", _("取消成绩")

    class Form(models.TextChoices):
        ONLINE = "online", _("上机")
        PAPER = "paper", _("纸质")

    # After these the enterprise has something to put right, and the person is examined again.
    NEEDS_RECTIFYING = (Conclusion.FAILED, Conclusion.ABSENT, Conclusion.CANCELLED)

    examinee = models.ForeignKey(  # without an index: the constraint's begins with it
        Examinee, models.PROTECT, related_name="outcomes", db_index=False
    )
    number = models.PositiveIntegerField()
    conclusion = models.CharField(_("结论"), max_length=12, choices=Conclusion)
    form = models.CharField(_("形式"), max_length=8, choices=Form, default=Form.ONLINE)
    attempt = models.ForeignKey("exams.Attempt", models.PROTECT, null=True, related_name="outcomes")
    points = models.DecimalField(_("得分"), max_digits=8, decimal_places=2, null=True)
    max_points = models.DecimalField(_("满分"), max_digits=8, decimal_places=2, null=True)
    percent = models.DecimalField(_("百分比"), max_digits=6, decimal_places=2, null=True)
    missed = models.JSONField(
        _("错题知识点"), default=list
    )  # [{"topic", "points", "max_points"}], weakest first
    why = models.CharField(_("原因"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("考核结果")
        ordering = ["examinee", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["examinee", "number"], name="outcome_number_once"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(why=""), name="outcome_changed_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(conclusion__in=("passed", "failed"), points__isnull=False, max_points__isnull=False, percent__isnull=False)
                | ~Q(conclusion__in=("passed", "failed")),
                name="outcome_of_a_sitting_has_points",
            ),
            AppendOnly(name="outcome_append_only"),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.examinee_id}:{self.conclusion}:{self.number}"


def counting(examinee="pk", field="conclusion"):
    """The conclusion, or another field, of the outcome that counts of an examinee, for a query over her or what hangs on her."""
    newest = Outcome.objects.filter(examinee=OuterRef(examinee)).order_by("-number")
    return Subquery(newest.values(field)[:1])
