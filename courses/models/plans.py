"""What an enterprise means its people to learn in a year, what was given to whom by it, and what came of it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import scope
from accounts.models import PostKind, Role
from audit.append_only import AppendOnly
from courses.models.content import Course
from courses.models.learning import Enrolment


class Plans(models.QuerySet):
    """Training plans by who makes them and who sees them."""

    def made_by(self, user):
        """Those of the enterprises that the person manages."""
        return self.filter(scope.within(user, Role.MANAGER, path="enterprise__unit__path"))

    def seen_by(self, user):
        """Those of the enterprises that the person manages or supervises; a draft is its makers' alone."""
        mine = scope.within(user, Role.MANAGER, path="enterprise__unit__path")
        seen = scope.oversight(user, "enterprise__unit__path") & ~Q(
            state__in=(TrainingPlan.State.DRAFT, TrainingPlan.State.DROPPED)
        )
        return self.filter(mine | seen)


class TrainingPlan(models.Model):
    """The training plan of an enterprise for a year; what stands in it are its entries that have not ended."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        IN_FORCE = "in_force", _("执行中")
        CLOSED = "closed", _("已总结")
        DROPPED = "dropped", _("已作废")

    MOVES = {
        State.DRAFT: (State.IN_FORCE, State.DROPPED),
        State.IN_FORCE: (State.CLOSED,),
        State.CLOSED: (),
        State.DROPPED: (),
    }

    enterprise = models.ForeignKey(
        "accounts.Enterprise", models.PROTECT, related_name="training_plans", verbose_name=_("企业")
    )
    year = models.PositiveSmallIntegerField(_("年度"))
    title = models.CharField(_("计划名称"), max_length=120)
    aim = models.CharField(_("目的和要求"), max_length=500, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.DRAFT)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("编制时间"), default=timezone.now)
    in_force_at = models.DateTimeField(_("生效时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("总结时间"), null=True, blank=True)
    conclusion = models.CharField(_("总结"), max_length=1000, blank=True, default="")

    objects = Plans.as_manager()

    class Meta:
        verbose_name = _("培训计划")
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "year", "title"],
                condition=~Q(state="dropped"),
                name="training_plan_title_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "dropped"), in_force_at__isnull=True)
                | Q(state__in=("in_force", "closed"), in_force_at__isnull=False),
                name="training_plan_in_force_stamp",
            ),
            models.CheckConstraint(
                condition=(Q(state="closed", closed_at__isnull=False) & ~Q(conclusion=""))
                | (~Q(state="closed") & Q(closed_at__isnull=True, conclusion="")),
                name="training_plan_closed_with_a_conclusion",
            ),
        ]

    def __str__(self):
        return self.title


class PlanEntry(models.Model):
    """One line of a plan: who does which course and sits which session until when; (plan, number), never changed, only ended."""

    plan = models.ForeignKey(TrainingPlan, models.PROTECT, related_name="entries", db_index=False)
    number = models.PositiveIntegerField(_("序号"))
    course = models.ForeignKey(
        Course, models.PROTECT, null=True, blank=True, related_name="plan_entries", verbose_name=_("课程")
    )
    session = models.ForeignKey(
        "exams.ExamSession",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="plan_entries",
        verbose_name=_("考试场次"),
    )
    # Whoever holds one of these posts, or the named ones alone; nothing chosen means everybody.
    post_kinds = models.JSONField(_("岗位"), default=list, blank=True)
    named = models.ManyToManyField(
        "accounts.Post", blank=True, related_name="plan_entries", verbose_name=_("指定人员")
    )
    due_on = models.DateField(_("完成期限"))
    # Who is appointed later has so many days from her appointment, and never less than the others.
    days = models.PositiveSmallIntegerField(_("新任职人员的期限（天）"), default=30)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    why = models.CharField(_("变更理由"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("培训计划条目")
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_entry_number_once"),
            models.CheckConstraint(
                condition=Q(course__isnull=False) | Q(session__isnull=False), name="plan_entry_asks_something"
            ),
            AppendOnly(name="plan_entry_append_only"),
        ]

    def __str__(self):
        return f"{self.plan} {self.number}"

    @property
    def things(self):
        """What is to be done, in words."""
        return [str(one) for one in (self.course, self.session) if one is not None]

    @property
    def kinds(self):
        """The posts it is for, in words."""
        return [str(label) for kind, label in PostKind.choices if kind in self.post_kinds]


class PlanEntryEnd(models.Model):
    """A line of a plan that no longer holds, and why; what was given by it stays."""

    entry = models.OneToOneField(PlanEntry, models.PROTECT, related_name="end")
    why = models.CharField(_("变更理由"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("培训计划条目终止")
        constraints = [AppendOnly(name="plan_entry_end_append_only")]

    def __str__(self):
        return str(self.entry)


class PlanMember(models.Model):
    """Somebody for whom a line of a plan is, in her post: what she was enrolled in and registered for by it, and until when."""

    entry = models.ForeignKey(PlanEntry, models.PROTECT, related_name="members", db_index=False)
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="plan_places")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, related_name="plan_places")
    registration = models.ForeignKey(
        "exams.Registration", models.PROTECT, null=True, related_name="plan_places"
    )
    due_on = models.DateField(_("完成期限"))
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("培训计划人员")
        constraints = [
            models.UniqueConstraint(fields=["entry", "post"], name="plan_member_once"),
            AppendOnly(name="plan_member_append_only"),
        ]

    def __str__(self):
        return f"{self.entry_id} {self.post_id}"


class PlanOutcome(models.Model):
    """What came of one place of a plan when it was closed; it is what the result is printed from."""

    class Word(models.TextChoices):
        DONE = "done", _("按期完成")
        LATE = "late", _("逾期完成")
        OPEN = "open", _("未完成")
        LEFT = "left", _("已离任")

    member = models.OneToOneField(PlanMember, models.PROTECT, related_name="outcome")
    word = models.CharField(_("结果"), max_length=8, choices=Word)
    done_on = models.DateField(_("完成日期"), null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("培训计划结果")
        constraints = [
            models.CheckConstraint(
                condition=Q(word__in=("done", "late"), done_on__isnull=False)
                | Q(word__in=("open", "left"), done_on__isnull=True),
                name="plan_outcome_done_has_a_day",
            ),
            AppendOnly(name="plan_outcome_append_only"),
        ]

    def __str__(self):
        return f"{self.member_id} {self.word}"
