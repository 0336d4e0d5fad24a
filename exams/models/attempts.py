"""Sittings, and what was said in them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import oneself, scope, vault
from audit.append_only import AppendOnly


class Attempts(models.QuerySet):
    """Attempts by whose they are and who looks after them."""

    def of(self, user):
        """A candidate's own, under whichever of her accounts she sat."""
        return self.filter(registration__candidate__in=oneself.ids_of(user))

    def seen_by(self, user):
        """Those of the enterprises that the person manages or supervises."""
        return self.filter(scope.oversight(user, "registration__post__enterprise__unit__path"))


class Attempt(models.Model):
    """One sitting. It points at a paper that cannot change; at most one is in progress for a registration."""

    class State(models.TextChoices):
        IN_PROGRESS = "in_progress", _("答题中")
        SUBMITTED = "submitted", _("已交卷")
        VOIDED = "voided", _("已作废")

    class EndedBy(models.TextChoices):
        CANDIDATE = "candidate", _("本人交卷")
        DEADLINE = "deadline", _("到时自动交卷")
        TERMINATED = "terminated", _("监考终止")

    MOVES = {State.IN_PROGRESS: (State.SUBMITTED,), State.SUBMITTED: (State.VOIDED,), State.VOIDED: ()}

    registration = models.ForeignKey("Registration", models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField(_("第几次"))
    paper = models.ForeignKey("Paper", models.PROTECT, related_name="attempts")
    layout = models.JSONField()
    origin = models.CharField(
        _("起始摘要"), max_length=64, blank=True
    )  # first link of its chain; empty before there were chains
    device = models.CharField(
        max_length=32, blank=True
    )  # the browser that may answer, by a fingerprint of its cookie
    paused_at = models.DateTimeField(_("暂停时间"), null=True, blank=True)
    # Whoever supervises paused her, whatever becomes of a proposal to terminate: her clock runs on when neither holds it.
    pause_called = models.BooleanField(default=False, db_default=False)
    started_at = models.DateTimeField(_("开始时间"))
    deadline = models.DateTimeField(_("截止时间"))
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.IN_PROGRESS)
    submitted_at = models.DateTimeField(_("交卷时间"), null=True, blank=True)
    ended_by = models.CharField(_("交卷方式"), max_length=12, choices=EndedBy, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(_("成绩发布时间"), null=True, blank=True)
    current_result = models.ForeignKey("Result", models.PROTECT, null=True, blank=True, related_name="+")
    seal = models.CharField(_("封存码"), max_length=64, blank=True)

    objects = Attempts.as_manager()

    class Meta:
        verbose_name = _("答卷")
        ordering = ["registration", "-number"]
        indexes = [models.Index(fields=["state", "deadline"])]
        constraints = [
            models.UniqueConstraint(fields=["registration", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["registration"], condition=Q(state="in_progress"), name="attempt_one_in_progress"
            ),
            models.CheckConstraint(
                condition=Q(state="in_progress", submitted_at__isnull=True)
                | Q(~Q(state="in_progress"), submitted_at__isnull=False),
                name="attempt_submitted_stamp",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | Q(state="in_progress"),
                name="attempt_paused_while_running",
            ),
            models.CheckConstraint(
                condition=Q(pause_called=False) | Q(paused_at__isnull=False),
                name="attempt_pause_stops_the_clock",
            ),
        ]

    def __str__(self):
        return f"{self.registration} #{self.number}"


class Response(models.Model):
    """What was said to one place of the paper: (attempt, number) is the browser's counter, the highest of a place counts."""

    attempt = models.ForeignKey(  # without an index: the constraints' begin with it
        Attempt, models.PROTECT, related_name="responses", db_index=False
    )
    number = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    payload = models.JSONField(default=dict)
    flagged = models.BooleanField(default=False)
    saved_at = models.DateTimeField(default=timezone.now)
    # The chain: the number before (0 for the first) and the digest over both. Null and empty before there were chains.
    previous = models.PositiveIntegerField(null=True, blank=True)
    link = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("作答")
        ordering = ["attempt", "number"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "number"], name="response_number_once"),
            # No two responses follow the same one: whoever saved on an old view of the attempt is turned away by the table.
            models.UniqueConstraint(fields=["attempt", "previous"], name="response_follows_once"),
            AppendOnly(name="response_append_only"),
        ]

    def __str__(self):
        return f"{self.attempt_id}:{self.position}:{self.number}"


class Keyed(models.CharField):
    """What the row's `keyed` gives, written with the row: whoever writes past this house has not the key to it."""

    def pre_save(self, row, add):
        """Make it as the row is written, so that nobody can forget it."""
        setattr(row, self.attname, row.keyed())
        return super().pre_save(row, add)


class Intervention(models.Model):
    """What was done to a running attempt from outside: time granted, pause, another device. Numbered and chained per attempt."""

    class Kind(models.TextChoices):
        EXTENDED = "extended", _("延长时间")
        PAUSED = "paused", _("暂停")
        RESUMED = "resumed", _("恢复")
        TAKEN_OVER = "taken_over", _("换设备")
        FILED = "filed", _("导入应急答卷")
        TERMINATED = "terminated", _("终止考试")
        # A pause that comes or goes while a proposal to terminate holds the clock anyway: nothing is given, nothing runs on.
        PAUSE_JOINED = "pause_joined", _("暂停（计时已因终止建议停止）")
        PAUSE_LIFTED = "pause_lifted", _("恢复（终止建议待确认，计时仍停）")

    attempt = models.ForeignKey(  # without an index: the constraints' begin with it
        Attempt, models.PROTECT, related_name="interventions", db_index=False
    )
    session = models.ForeignKey("ExamSession", models.PROTECT, related_name="interventions")
    number = models.PositiveIntegerField()
    kind = models.CharField(_("类型"), max_length=12, choices=Kind)
    seconds = models.PositiveIntegerField(_("增加的秒数"), default=0)
    why = models.CharField(_("原因"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)
    link = models.CharField(max_length=64)
    seal = Keyed(_("封存码"), max_length=64)

    class Meta:
        verbose_name = _("干预记录")
        ordering = ["attempt", "number"]
        indexes = [models.Index(fields=["at"])]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "number"], name="intervention_number_once"),
            AppendOnly(name="intervention_append_only"),
        ]

    def __str__(self):
        return f"{self.attempt_id}:{self.kind}:{self.number}"

    def keyed(self):
        """The keyed hash over the link: anybody can chain an intervention, only the house can seal it."""
        return vault.fingerprint("intervention", self.link)
