"""A spot check as one case, and the plan of the year it belongs to."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import scope
from accounts.models import Role


class AnnualPlan(models.Model):
    """What an organ means to reach in a year."""

    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="annual_plans", verbose_name=_("监管机构")
    )
    year = models.PositiveIntegerField(
        _("年度"), validators=[MinValueValidator(2023), MaxValueValidator(2199)]
    )
    target = models.PositiveIntegerField(
        _("目标覆盖率（%）"), validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("年度计划")
        ordering = ["-year", "unit__path"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="annual_plan_once"),
            models.CheckConstraint(condition=Q(target__gte=1, target__lte=100), name="annual_plan_target"),
        ]

    def __str__(self):
        return f"{self.year} {self.unit}"


class Numbering(models.Model):
    """The last number of a series: what, of which organ, in which year; locked while the next one is taken."""

    series = models.CharField(max_length=20)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    year = models.PositiveIntegerField(_("年份"))
    last = models.PositiveIntegerField(_("末号"), default=0)

    class Meta:
        verbose_name = _("编号")
        constraints = [models.UniqueConstraint(fields=["series", "unit", "year"], name="number_series_once")]

    def __str__(self):
        return f"{self.series} {self.unit_id} {self.year}: {self.last}"


class SpotChecks(models.QuerySet):
    """Spot checks by who runs them."""

    def run_by(self, user):
        """Those of the organs in which the person supervises, and below."""
        return self.filter(scope.within(user, Role.REGULATOR))


def _stamped(state, *later):
    """In these states the stamp of the state is set; before it, it is not. Who abandoned it may have come from anywhere."""
    return Q(state="abandoned") | Q(**{f"{state}_at__isnull": False}, state__in=(state, *later)) | Q(
        ~Q(state__in=(state, *later)), **{f"{state}_at__isnull": True}
    )  # fmt: skip


COURSE = ("planned", "approved", "drawn", "under_way", "concluded", "published", "closed")


class SpotCheck(models.Model):
    """One assessment of people drawn by lot, from its plan to its closure."""

    class State(models.TextChoices):
        PLANNED = "planned", _("待批准")
        APPROVED = "approved", _("已批准")
        DRAWN = "drawn", _("已抽取")
        UNDER_WAY = "under_way", _("考核中")
        CONCLUDED = "concluded", pgettext_lazy("抽查", "已结束")
        PUBLISHED = "published", _("已公布")
        CLOSED = "closed", _("已归档")
        ABANDONED = "abandoned", _("已终止")

    MOVES = {
        State.PLANNED: (State.APPROVED, State.ABANDONED),
        State.APPROVED: (State.DRAWN, State.ABANDONED),
        State.DRAWN: (State.UNDER_WAY, State.ABANDONED),
        State.UNDER_WAY: (State.CONCLUDED, State.ABANDONED),
        State.CONCLUDED: (State.PUBLISHED, State.ABANDONED),
        State.PUBLISHED: (State.CLOSED, State.ABANDONED),
        State.CLOSED: (),
        State.ABANDONED: (),
    }

    class Mode(models.TextChoices):
        ON_SITE = "on_site", _("到企业现场")
        HALL = "hall", _("集中考场")

    class Strata(models.TextChoices):
        NONE = "", _("不分层")
        RISK = "risk", _("按风险等级")
        KIND = "kind", _("按岗位")
        REGION = "region", _("按区")
        TRADE = "trade", _("按生产或销售")
        SIZE = "size", _("按企业规模")

    code = models.SlugField(_("代码"), max_length=60, unique=True)
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="spot_checks", verbose_name=_("组织机构")
    )
    year = models.PositiveIntegerField(_("年度"))
    number = models.PositiveIntegerField(_("序号"))
    name = models.CharField(_("名称"), max_length=80)
    annual_plan = models.ForeignKey(
        AnnualPlan, models.PROTECT, null=True, blank=True, related_name="checks", verbose_name=_("年度计划")
    )
    profile = models.ForeignKey(
        "RuleProfile", models.PROTECT, related_name="checks", verbose_name=_("考核规则")
    )
    blueprint = models.ForeignKey(
        "exams.Blueprint", models.PROTECT, related_name="spot_checks", verbose_name=_("组卷蓝图")
    )
    exam = models.OneToOneField(
        "exams.Exam", models.PROTECT, null=True, blank=True, related_name="spot_check", verbose_name=_("考试")
    )
    session = models.OneToOneField(
        "exams.ExamSession", models.PROTECT, null=True, blank=True, related_name="spot_check", verbose_name=_("考试场次")
    )  # fmt: skip
    mode = models.CharField(_("方式"), max_length=8, choices=Mode, default=Mode.HALL)
    place = models.CharField(_("地点"), max_length=120, blank=True)
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"))
    universe = models.JSONField(_("抽取范围"), default=dict)  # see supervision/universe.py
    strata_by = models.CharField(_("分层"), max_length=8, choices=Strata, blank=True, default=Strata.NONE)
    quotas = models.JSONField(_("各层人数"), default=dict)  # {code of the stratum: how many}
    weights = models.JSONField(_("权重"), default=dict)  # {rule: factor}, see supervision/universe.py
    reserves = models.PositiveIntegerField(_("每层后备人数"), default=2, validators=[MaxValueValidator(200)])
    per_enterprise = models.PositiveIntegerField(
        _("每家企业最多人数"), default=0, help_text=_("每一层内计算，含后备；0 表示不限。")
    )
    inspectors = models.PositiveIntegerField(_("检查人员数"), default=2, validators=[MinValueValidator(2)])
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.PLANNED)
    planned_by = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="+", verbose_name=_("制定人")
    )
    planned_at = models.DateTimeField(_("制定时间"), default=timezone.now)
    changed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    drawn_at = models.DateTimeField(_("抽取时间"), null=True, blank=True)
    under_way_at = models.DateTimeField(null=True, blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    abandoned_at = models.DateTimeField(_("终止时间"), null=True, blank=True)
    abandoned_why = models.CharField(_("终止原因"), max_length=200, blank=True)

    objects = SpotChecks.as_manager()

    class Meta:
        verbose_name = _("抽查考核")
        ordering = ["-year", "unit__path", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "number"], name="spot_check_number_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="spot_check_ends_after_start"),
            models.CheckConstraint(condition=Q(inspectors__gte=2), name="spot_check_two_inspectors"),
            *(
                models.CheckConstraint(condition=_stamped(*COURSE[at:]), name=f"spot_check_{COURSE[at]}_stamp")
                for at in range(1, len(COURSE))
            ),
            models.CheckConstraint(
                condition=Q(state="abandoned", abandoned_at__isnull=False) & ~Q(abandoned_why="")
                | Q(~Q(state="abandoned"), abandoned_at__isnull=True, abandoned_why=""),
                name="spot_check_abandoned_stamp",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (~Q(approved_by=F("planned_by")) & ~Q(approved_by=F("changed_by"))),
                name="spot_check_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(approved_by__isnull=False, exam__isnull=False),
                name="spot_check_approved_with_its_exam",
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.serial} {self.name}"

    @property
    def serial(self):
        """Its number as documents write it."""
        return f"抽查〔{self.year}〕{self.number}号"

    @property
    def wanted(self):
        """How many are to be drawn."""
        return sum(self.quotas.values())


class Exclusion(models.Model):
    """Somebody, or an enterprise, that is left out of the frame of a plan, with the reason; taken back only before approval."""

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="exclusions")
    person = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人员")
    )
    enterprise = models.ForeignKey(
        "accounts.Enterprise", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("企业")
    )
    why = models.CharField(_("理由"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("排除")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, enterprise__isnull=True)
                | Q(person__isnull=True, enterprise__isnull=False),
                name="exclusion_of_one",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="exclusion_has_a_reason"),
            models.UniqueConstraint(
                fields=["check_of", "person"], condition=Q(person__isnull=False), name="exclusion_person_once"
            ),
            models.UniqueConstraint(
                fields=["check_of", "enterprise"],
                condition=Q(enterprise__isnull=False),
                name="exclusion_enterprise_once",
            ),
        ]

    def __str__(self):
        return str(self.person or self.enterprise)
