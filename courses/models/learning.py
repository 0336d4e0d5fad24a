"""Who studies what, and everything that shows she was there; progress is a fold over these rows and never a counter."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import scope
from audit.append_only import AppendOnly
from courses.models.content import Course, Edition, LessonRevision


class Enrolments(models.QuerySet):
    """Enrolments by whose they are and who looks after them."""

    def of(self, user):
        """A learner's own."""
        return self.filter(person=user)

    def seen_by(self, user):
        """Those of the enterprises that the person manages or supervises."""
        return self.filter(scope.oversight(user, "post__enterprise__unit__path"))

    def told(self):
        """With all that a list says of them."""
        return self.select_related("person", "course", "edition", "post__enterprise__unit", "assigned_by")


class Enrolment(models.Model):
    """A person, in a post, studies one edition of a course; at most one of a course at a time."""

    class State(models.TextChoices):
        ACTIVE = "active", _("学习中")
        COMPLETED = "completed", _("已完成")
        CANCELLED = "cancelled", _("已取消")

    MOVES = {
        State.ACTIVE: (State.COMPLETED, State.CANCELLED),
        State.COMPLETED: (),
        State.CANCELLED: (),
    }

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="enrolments")
    course = models.ForeignKey(Course, models.PROTECT, related_name="enrolments")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="enrolments")
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="enrolments")
    assigned_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(_("完成期限"), null=True, blank=True)
    enrolled_at = models.DateTimeField(_("加入时间"), default=timezone.now)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.ACTIVE)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = Enrolments.as_manager()

    class Meta:
        verbose_name = _("课程学习")
        ordering = ["-enrolled_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course"], condition=Q(state="active"), name="enrolled_once"
            ),
            models.CheckConstraint(
                condition=Q(state="completed", completed_at__isnull=False)
                | (~Q(state="completed") & Q(completed_at__isnull=True)),
                name="enrolment_completed_stamp",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at__isnull=True)),
                name="enrolment_cancelled_stamp",
            ),
        ]

    def __str__(self):
        return f"{self.course.code} {self.person}"


class Visit(models.Model):
    """A lesson page was opened; of a person's visits only the newest may beat, so tabs cannot add up."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="visits")
    revision = models.ForeignKey(LessonRevision, models.PROTECT, related_name="visits")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("学习访问")
        constraints = [AppendOnly(name="visit_append_only")]

    def __str__(self):
        return f"{self.enrolment} {self.pk}"


class Beat(models.Model):
    """A sign of life: the page's own count, and the server's time; what is sent twice is written once."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="beats", db_index=False)
    number = models.PositiveIntegerField()
    is_visible = models.BooleanField()
    place = models.PositiveIntegerField(default=0)  # seconds into a video, hundredths of a page
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("学习心跳")
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="beat_number_once"),
            AppendOnly(name="beat_append_only"),
        ]

    def __str__(self):
        return f"{self.visit_id} {self.number}"


class PresenceCheck(models.Model):
    """A question whether somebody is there, asked at a moment that the server drew; it closes the stretch before it."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="checks", db_index=False)
    number = models.PositiveIntegerField()
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="checks")
    gap = (
        models.PositiveIntegerField()
    )  # after so many seconds of presence it was drawn to come at the latest
    apart = models.PositiveIntegerField()  # how far apart beats of its stretch may lie, whatever is set later
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("在场确认")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "number"], name="presence_check_number_once"),
            AppendOnly(name="presence_check_append_only"),
        ]

    def __str__(self):
        return f"{self.enrolment} {self.number}"


class PresenceAnswer(models.Model):
    """The tap, in time; there is none for a check that was missed."""

    check_of = models.OneToOneField(PresenceCheck, models.PROTECT, related_name="answer")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("在场确认应答")
        indexes = [
            models.Index(fields=["at"], name="presence_answer_at")
        ]  # the hours since the last closed day
        constraints = [AppendOnly(name="presence_answer_append_only")]

    def __str__(self):
        return str(self.check_of_id)


class Credit(models.Model):
    """What an answer verified of one lesson: the fold of its stretch, written once, so that nobody folds years of beats again."""

    answer = models.ForeignKey(PresenceAnswer, models.PROTECT, related_name="credits", db_index=False)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="credits")
    revision = models.ForeignKey(LessonRevision, models.PROTECT, related_name="+")
    seconds = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("核定学时")
        constraints = [
            models.UniqueConstraint(fields=["answer", "revision"], name="credit_once"),
            AppendOnly(name="credit_append_only"),
        ]

    def __str__(self):
        return f"{self.enrolment_id} {self.seconds}"


class QuizTry(models.Model):
    """One go at a lesson's quiz: which items were drawn from the practice bank, by which seed."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="tries", db_index=False)
    revision = models.ForeignKey(LessonRevision, models.PROTECT, related_name="tries")
    number = models.PositiveIntegerField()
    seed = models.CharField(max_length=64)
    items = models.JSONField()  # keys of item revisions, in the order shown
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("课时练习")
        ordering = ["enrolment", "revision", "number"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "revision", "number"], name="quiz_try_number_once"),
            AppendOnly(name="quiz_try_append_only"),
        ]

    def __str__(self):
        return f"{self.enrolment} {self.number}"


class QuizAnswer(models.Model):
    """What was said in one go, and how much of it was right."""

    try_of = models.OneToOneField(QuizTry, models.PROTECT, related_name="answer")
    payloads = models.JSONField()
    right = models.PositiveIntegerField(_("答对"))
    total = models.PositiveIntegerField(_("题数"))
    is_passed = models.BooleanField(_("通过"))
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("课时练习作答")
        constraints = [AppendOnly(name="quiz_answer_append_only")]

    def __str__(self):
        return f"{self.right}/{self.total}"


class Completion(models.Model):
    """An edition was studied to its end: verified seconds, and the exam registration it brought or why it did not."""

    enrolment = models.OneToOneField(Enrolment, models.PROTECT, related_name="completion")
    seconds = models.PositiveIntegerField(_("核定学时"))
    registration = models.ForeignKey("exams.Registration", models.PROTECT, null=True, related_name="+")
    why_not = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(_("完成时间"), default=timezone.now)

    class Meta:
        verbose_name = _("课程完成")
        constraints = [AppendOnly(name="completion_append_only")]

    def __str__(self):
        return str(self.enrolment)
