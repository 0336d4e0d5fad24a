"""Exams, their sessions, and who is admitted to them."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import scope
from accounts.models import Role


class Terms(models.Model):
    """The conditions of sitting, in one place, with their legal basis."""

    minutes = models.PositiveIntegerField(_("时长（分钟）"), default=60, validators=[MinValueValidator(1)])
    grace_seconds = models.PositiveIntegerField(_("网络宽限（秒）"), default=60)
    cut_score = models.DecimalField(
        _("合格线（%）"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(60),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    max_attempts = models.PositiveIntegerField(_("最多次数"), default=3, help_text=_("0 表示不限。"))
    cool_down_minutes = models.PositiveIntegerField(_("两次间隔（分钟）"), default=0)
    shuffle_items = models.BooleanField(_("打乱题序"), default=True)
    shuffle_options = models.BooleanField(_("打乱选项"), default=True)
    policy = models.CharField(_("多选题计分"), max_length=24, default="all_or_nothing")
    policy_fixed = models.DecimalField(
        _("少选得分比例"), max_digits=4, decimal_places=3, default=Decimal("0.5")
    )
    disclosure = models.CharField(_("成绩公开方式"), max_length=16, default="open")
    self_registration = models.BooleanField(_("可自行报名"), default=True)
    legal_basis = models.CharField(_("依据"), max_length=300, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def terms_fields(cls):
        """The names of the conditions."""
        return [field.name for field in Terms._meta.fields]

    def terms(self):
        """The conditions as a dict, for copying."""
        return {name: getattr(self, name) for name in self.terms_fields()}


class Exams(models.QuerySet):
    """Exams by who runs them."""

    def run_by(self, user):
        """Exams of units where the person manages or supervises."""
        return self.filter(scope.within(user, Role.MANAGER, Role.REGULATOR, Role.ADMIN))


class Exam(Terms):
    """The definition of an exam."""

    class Kind(models.TextChoices):
        PRACTICE = "practice", _("练习")
        SELF_TRAINING = "self_training", _("自主培训考试")
        SPOT_CHECK = "spot_check", _("抽查考核")

    code = models.SlugField(_("代码"), max_length=60, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("类型"), max_length=16, choices=Kind, default=Kind.SELF_TRAINING)
    category = models.ForeignKey(
        "catalog.ProductCategory",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="exams",
        verbose_name=_("产品类别"),
    )
    post_kinds = models.JSONField(_("适用岗位"), default=list, blank=True)
    blueprint = models.ForeignKey(
        "Blueprint", models.PROTECT, related_name="exams", verbose_name=_("组卷蓝图")
    )
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="exams", verbose_name=_("组织单位")
    )

    objects = Exams.as_manager()

    class Meta:
        verbose_name = _("考试")
        ordering = ["code"]

    def __str__(self):
        return self.name


class Sessions(models.QuerySet):
    """Sessions by who runs them and to whom they stand open."""

    def run_by(self, user):
        """Sessions of units where the person manages or supervises."""
        return self.filter(scope.within(user, Role.MANAGER, Role.REGULATOR, Role.ADMIN))

    def offered_to(self, enterprise):
        """Published sessions of the units at and above an enterprise, in its categories or in none; whom a spot check
        meets is decided by lot, so it is offered to nobody.
        """
        return self.filter(
            scope.offered(enterprise, category="exam__category"),
            ~Q(exam__kind=Exam.Kind.SPOT_CHECK),
            state=ExamSession.State.PUBLISHED,
        )


class ExamSession(Terms):
    """One administration of an exam; its terms are copied when it is planned and fixed once it is published."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        RELEASED = "released", _("成绩已发布")
        CANCELLED = "cancelled", _("已取消")

    MOVES = {
        State.DRAFT: (State.PUBLISHED,),
        State.PUBLISHED: (State.RELEASED, State.CANCELLED),
        State.RELEASED: (),
        State.CANCELLED: (),
    }

    exam = models.ForeignKey(Exam, models.PROTECT, related_name="sessions", verbose_name=_("考试"))
    code = models.SlugField(_("场次代码"), max_length=60, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="exam_sessions", verbose_name=_("组织单位")
    )
    opens_at = models.DateTimeField(_("开放时间"))
    closes_at = models.DateTimeField(_("截止时间"))
    place = models.CharField(_("地点"), max_length=120, blank=True)
    papers_wanted = models.PositiveIntegerField(
        _("预组试卷数"), default=12, validators=[MinValueValidator(1)]
    )
    papers_from = models.PositiveIntegerField(default=1, editable=False)
    # What those who are examined again have had before: it comes into a paper only where the bank has no more.
    passed_over = models.ManyToManyField("Item", related_name="+", editable=False)
    # Nobody begins before whoever supervises has checked her in, and lets everybody begin.
    is_held = models.BooleanField(_("现场放行"), default=False, db_default=False)
    go_at = models.DateTimeField(_("放行时间"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    objects = Sessions.as_manager()

    class Meta:
        verbose_name = _("考试场次")
        ordering = ["-opens_at", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="session_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False), name="session_published_stamp"
            ),
            models.CheckConstraint(
                condition=~Q(state="released") | Q(released_at__isnull=False), name="session_released_stamp"
            ),
            models.CheckConstraint(
                condition=Q(go_at__isnull=True) | Q(is_held=True, published_at__isnull=False),
                name="session_go_of_held",
            ),
        ]

    def __str__(self):
        return self.name


class Registrations(models.QuerySet):
    """Registrations by whose they are and who looks after them."""

    def of(self, user):
        """A candidate's own."""
        return self.filter(candidate=user)

    def seen_by(self, user):
        """Those of the enterprises that the person manages or supervises."""
        return self.filter(scope.oversight(user, "post__enterprise__unit__path"))

    def admitted(self):
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class Registration(models.Model):
    """The admission of a person to a session: eligibility is this row, not a rule."""

    class Source(models.TextChoices):
        SELF = "self", _("本人报名")
        MANAGER = "manager", _("企业安排")
        REGULATOR = "regulator", _("监管部门安排")
        COURSE = "course", _("课程完成")

    session = models.ForeignKey(ExamSession, models.PROTECT, related_name="registrations")
    candidate = models.ForeignKey("accounts.User", models.PROTECT, related_name="registrations")
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="registrations")
    source = models.CharField(_("来源"), max_length=12, choices=Source)
    registered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    registered_at = models.DateTimeField(_("登记时间"), default=timezone.now)
    due_on = models.DateField(_("完成期限"), null=True, blank=True)
    extra_minutes = models.PositiveIntegerField(_("延长（分钟）"), default=0)
    # What her last arrival says, where she stands at the door of a held session; and when she typed the code on the wall.
    arrived_at = models.DateTimeField(_("签到时间"), null=True, blank=True)
    code_at = models.DateTimeField(_("口令时间"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    withdrawn_why = models.CharField(_("撤销理由"), max_length=200, blank=True, db_default="")
    # She answered on paper: what she wrote is entered from there, and no attempt may begin.
    on_paper = models.BooleanField(_("纸笔作答"), default=False, db_default=False)

    objects = Registrations.as_manager()

    class Meta:
        verbose_name = _("参考登记")
        constraints = [
            models.UniqueConstraint(fields=["session", "candidate"], name="registered_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_why="")
                | Q(Q(withdrawn_at__isnull=False), ~Q(withdrawn_why="")),
                name="registration_withdrawn_with_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.session.code} {self.candidate}"
