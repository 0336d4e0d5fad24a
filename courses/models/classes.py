"""Classes that people come to, in a room or live: what is planned, who came and left, and the minutes that were fixed at the end."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import scope
from accounts.models import Role, Unit
from accounts.tree import upward
from audit.append_only import AppendOnly
from courses.models.content import Lesson, LessonRevision
from courses.models.learning import Enrolment

MOST_PEOPLE, MOST_MINUTES = 2000, 720


class Meetings(models.QuerySet):
    """Classes by who holds them, who looks at them, and to whom they stand open."""

    def run_by(self, user):
        """Those that the person may plan and hold: a manager her enterprise's, a regulator or editor an organ's."""
        enterprise = scope.within(user, Role.MANAGER) & Q(unit__kind=Unit.Kind.ENTERPRISE)
        organ = scope.within(user, Role.REGULATOR, Role.EDITOR) & Q(unit__kind=Unit.Kind.ORGAN)
        return self.filter(enterprise | organ)

    def seen_by(self, user):
        """Those, and all of the units that the person manages or supervises."""
        return self.filter(Q(pk__in=ClassMeeting.objects.run_by(user).values("pk")) | scope.oversight(user))

    def open_to(self, user):
        """Those of the units at and above her enterprises; one of a lesson only while she studies it."""
        paths = {path for post in scope.posts_of(user) for path in upward(post.enterprise.unit.path)}
        studied = Enrolment.objects.of(user).filter(state=Enrolment.State.ACTIVE)
        lessons = LessonRevision.objects.filter(places__edition__in=studied.values("edition")).values(
            "lesson"
        )
        return self.filter(Q(lesson=None) | Q(lesson__in=lessons), unit__path__in=sorted(paths))

    def told(self):
        """With all that a list says of them."""
        return self.select_related("unit", "lesson__course", "lesson__current")


class ClassMeeting(models.Model):
    """One class: of a lesson, or for itself; whoever comes signs in when she arrives and when she leaves."""

    class Kind(models.TextChoices):
        CLASSROOM = "classroom", _("集中培训")
        LIVE = "live", _("直播课")

    class State(models.TextChoices):
        PLANNED = "planned", _("已安排")
        UNDER_WAY = "under_way", _("进行中")
        ENDED = "ended", _("已结束")
        CANCELLED = "cancelled", _("已取消")

    MOVES = {
        State.PLANNED: (State.UNDER_WAY, State.CANCELLED),
        State.UNDER_WAY: (State.ENDED, State.CANCELLED),
        State.ENDED: (),
        State.CANCELLED: (),
    }

    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="classes", verbose_name=_("举办单位")
    )
    lesson = models.ForeignKey(
        Lesson, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("所属课时")
    )
    kind = models.CharField(_("形式"), max_length=12, choices=Kind, default=Kind.CLASSROOM)
    title = models.CharField(_("课堂名称"), max_length=120)
    teacher = models.CharField(_("授课人"), max_length=60)
    place = models.CharField(_("地点"), max_length=120, blank=True)
    address = models.CharField(_("直播网址"), max_length=300, blank=True)
    begins_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    capacity = models.PositiveIntegerField(
        _("人数上限"), validators=[MinValueValidator(1), MaxValueValidator(MOST_PEOPLE)]
    )
    minutes = models.PositiveIntegerField(
        _("最多计入（分钟）"), validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )
    planned_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.PLANNED)
    begun_at = models.DateTimeField(_("开始签到"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_why = models.CharField(_("取消理由"), max_length=200, blank=True, default="")

    objects = Meetings.as_manager()

    class Meta:
        verbose_name = _("课堂")
        ordering = ["-begins_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="class_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, minutes__gte=1), name="class_has_room_and_time"
            ),
            models.CheckConstraint(
                condition=(Q(kind="classroom") & ~Q(place="")) | (Q(kind="live") & ~Q(address="")),
                name="class_is_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("planned", "cancelled")) | Q(begun_at__isnull=False),
                name="class_begun_stamp",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False)
                | (~Q(state="ended") & Q(ended_at__isnull=True)),
                name="class_ended_stamp",
            ),
            models.CheckConstraint(
                condition=(Q(state="cancelled", cancelled_at__isnull=False) & ~Q(cancelled_why=""))
                | (~Q(state="cancelled") & Q(cancelled_at__isnull=True, cancelled_why="")),
                name="class_cancelled_with_a_reason",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def counts_from(self):
        """From when on presence counts: not before the class, nor before signing in was opened."""
        return max(self.begins_at, self.begun_at) if self.begun_at else self.begins_at

    @property
    def counts_until(self):
        """Until when presence counts: the planned end, or the real one if that was earlier."""
        return min(self.ends_at, self.ended_at) if self.ended_at else self.ends_at


class ClassAttendance(models.Model):
    """Somebody came to a class, in a post; she is in one class at a time, and the database holds it."""

    meeting = models.ForeignKey(
        ClassMeeting, models.PROTECT, related_name="attendances", db_index=False
    )  # the first constraint begins with it
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="class_attendances")
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    is_here = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("课堂出勤")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="class_attended_once"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(is_here=True), name="in_one_class_at_a_time"
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.meeting}"


class ClassSign(models.Model):
    """She arrived or left, by the server's clock; (attendance, number), entered by the organiser where there was no phone."""

    class Direction(models.TextChoices):
        ARRIVED = "in", _("签到")
        LEFT = "out", _("签退")

    class How(models.TextChoices):
        SCANNED = "scanned", _("扫码")
        TYPED = "typed", _("输入口令")
        ENTERED = "entered", _("组织者登记")

    attendance = models.ForeignKey(ClassAttendance, models.PROTECT, related_name="signs", db_index=False)
    number = models.PositiveIntegerField(_("序号"))
    direction = models.CharField(_("方向"), max_length=4, choices=Direction)
    how = models.CharField(_("方式"), max_length=8, choices=How)
    at = models.DateTimeField(_("时间"))
    why = models.CharField(_("理由"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("课堂签到")
        ordering = ["attendance", "number"]
        constraints = [
            models.UniqueConstraint(fields=["attendance", "number"], name="class_sign_number_once"),
            models.CheckConstraint(
                condition=~Q(how="entered") | (Q(by__isnull=False) & ~Q(why="")),
                name="class_entered_with_a_reason",
            ),
            AppendOnly(name="class_sign_append_only"),
        ]

    def __str__(self):
        return f"{self.attendance_id} {self.number}"


class ClassCredit(models.Model):
    """What a class gave one person, fixed when it ended; of a lesson's class it counts for her enrolment."""

    attendance = models.OneToOneField(ClassAttendance, models.PROTECT, related_name="credit")
    minutes = models.PositiveIntegerField(_("计入学时（分钟）"))
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, related_name="class_credits")
    revision = models.ForeignKey(LessonRevision, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("课堂学时")
        constraints = [
            models.CheckConstraint(
                condition=Q(enrolment__isnull=True, revision__isnull=True)
                | Q(enrolment__isnull=False, revision__isnull=False),
                name="class_credit_of_a_lesson",
            ),
            AppendOnly(name="class_credit_append_only"),
        ]

    def __str__(self):
        return f"{self.attendance_id} {self.minutes}"
