"""Giving several courses to very many people at once, and the days and months whose verified hours are final."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import scope
from accounts.models import Role
from audit.append_only import AppendOnly
from courses.models.content import Course


class Assignments(models.QuerySet):
    """Assignments by who may see them."""

    def of(self, user):
        """One's own, as long as one still manages something."""
        return self.filter(asked_by=user) if scope.has_role(user, Role.MANAGER) else self.none()


class Assignment(models.Model):
    """Courses × people by a filter, until a day: asked for once, carried out by the background worker."""

    class State(models.TextChoices):
        WAITING = "waiting", _("安排中")
        DONE = "done", _("已安排")
        STOPPED = "stopped", _("未完成")

    MOVES = {
        State.WAITING: (State.DONE, State.STOPPED),
        State.DONE: (),
        State.STOPPED: (State.WAITING,),
    }

    token = models.CharField(
        max_length=32, unique=True
    )  # of the page where it was confirmed: pressed twice it is one
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("提交时间"), default=timezone.now)
    courses = models.ManyToManyField(Course, related_name="assignments")
    chosen = models.JSONField(default=dict)  # kinds, categories, enterprises; empty means all
    due_on = models.DateField(_("完成期限"))
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.WAITING)
    # How far it has come; what was given are the enrolments themselves.
    total = models.PositiveIntegerField(default=0)
    given = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)  # [[post, course, sentence], …], the first hundred
    refusals = models.PositiveIntegerField(default=0)
    refusal = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    objects = Assignments.as_manager()

    class Meta:
        verbose_name = _("批量安排")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", finished_at__isnull=True)
                | (~Q(state="waiting") & Q(finished_at__isnull=False)),
                name="assignment_finished_stamp",
            )
        ]

    def __str__(self):
        return f"#{self.pk}"


class LearnedPeriod(models.Model):
    """A day or a month that is over: no more can be verified of it, so its sums were written down once."""

    class Kind(models.TextChoices):
        DAY = "day", _("日")
        MONTH = "month", _("月")

    kind = models.CharField(max_length=8, choices=Kind)
    first_on = models.DateField()
    seconds = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("学时结转")
        ordering = ["-first_on"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "first_on"], name="learned_period_once"),
            AppendOnly(name="learned_period_append_only"),
        ]

    def __str__(self):
        return f"{self.kind} {self.first_on}"


class LearnedHours(models.Model):
    """What the people of one enterprise had verified of one course in a period that is over."""

    period = models.ForeignKey(LearnedPeriod, models.PROTECT, related_name="rows", db_index=False)
    enterprise = models.ForeignKey("accounts.Enterprise", models.PROTECT, related_name="learned_hours")
    course = models.ForeignKey(Course, models.PROTECT, related_name="learned_hours", db_index=False)
    seconds = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("企业学时结转")
        constraints = [
            models.UniqueConstraint(fields=["period", "enterprise", "course"], name="learned_hours_once"),
            AppendOnly(name="learned_hours_append_only"),
        ]

    def __str__(self):
        return f"{self.period_id} {self.enterprise_id} {self.course_id}"
