"""What is read of classes: lists, who came, who may come."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Exists, OuterRef, Q

from accounts import oneself, scope
from accounts.models import Post, Role, Unit
from accounts.permissions import roles
from courses.engine import classes as engine
from courses.models import ClassAttendance, ClassCredit, ClassMeeting, ClassSign, Course, Enrolment, Lesson

RUNS = roles("classes.run")
SEES = roles("classes.see")
COMING = "coming"
MOST_FOUND = 20


@dataclass(frozen=True)
class Row:
    """Somebody on the attendance list of a class."""

    attendance: ClassAttendance
    signs: tuple[ClassSign, ...]
    meeting: ClassMeeting

    @property
    def last(self):
        """Her newest sign."""
        return self.signs[-1]

    @property
    def is_here(self):
        """Whether she arrived and has not left."""
        return self.last.direction == ClassSign.Direction.ARRIVED

    @cached_property
    def minutes(self):
        """The minutes that were fixed, or that her signs so far would give."""
        credit = getattr(self.attendance, "credit", None)
        return credit.minutes if credit else minutes_of(self.meeting, self.signs)


def minutes_of(meeting, signs):
    """The minutes that signs give in a class."""
    told = [(one.at, one.direction == ClassSign.Direction.ARRIVED) for one in signs]
    return engine.minutes(told, meeting.counts_from, meeting.counts_until, meeting.minutes)


def list_meetings(user, now, q="", state="", kind=""):
    """The classes that somebody holds or looks at: those to come first, with how many came."""
    found = ClassMeeting.objects.seen_by(user).told().annotate(came=Count("attendances"))
    if q:
        found = found.filter(Q(title__icontains=q) | Q(teacher__icontains=q) | Q(unit__name__icontains=q))
    if state == COMING:
        found = found.filter(state=ClassMeeting.State.PLANNED, ends_at__gt=now)
    elif state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    return found.order_by("-begins_at", "-pk")


def coming(user, now):
    """The classes that stand open to somebody and are not over."""
    state = ClassMeeting.State
    found = ClassMeeting.objects.open_to(user).filter(
        Q(state=state.UNDER_WAY) | Q(state=state.PLANNED, ends_at__gt=now)
    )
    return found.told().order_by("begins_at", "pk")


def attended(user):
    """The classes that somebody came to, newest first."""
    found = ClassAttendance.objects.filter(person__in=oneself.ids_of(user)).select_related(
        "meeting__unit", "credit"
    )
    return found.order_by("-meeting__begins_at", "-pk")


def meeting_of(user, pk):
    """A class that stands open to somebody or that she came to, or None."""
    found = ClassMeeting.objects.told().filter(pk=pk)
    opened = ClassMeeting.objects.open_to(user).values("pk")
    came = ClassAttendance.objects.filter(person__in=oneself.ids_of(user)).values("meeting")
    return found.filter(Q(pk__in=opened) | Q(pk__in=came)).first()


def attendance_of(meeting, person):
    """(attendance, signs) of somebody in a class, under whichever of her accounts, or (None, ())."""
    rows = ClassAttendance.objects.filter(meeting=meeting, person__in=oneself.ids_of(person))
    found = rows.select_related("credit").order_by("pk").first()
    return found, tuple(found.signs.order_by("number")) if found else ()


def elsewhere(person):
    """Where somebody sits now, under whichever of her accounts, or None."""
    found = ClassAttendance.objects.filter(person__in=oneself.ids_of(person), is_here=True)
    return found.select_related("meeting").first()


def rows_of(meeting):
    """The attendance list in the order in which people came: two queries."""
    found = ClassAttendance.objects.filter(meeting=meeting).select_related(
        "person", "post__enterprise__unit", "credit"
    )
    found = found.order_by("pk").prefetch_related("signs__by")
    return [Row(one, tuple(sorted(one.signs.all(), key=lambda sign: sign.number)), meeting) for one in found]


def here(meeting):
    """(how many are there now, how many came)."""
    told = meeting.attendances.aggregate(here=Count("pk", filter=Q(is_here=True)), came=Count("pk"))
    return told["here"], told["came"]


def posts_in_reach(meeting, today):
    """The posts whose holders a class is for: of the unit's enterprises, and of a lesson's class only those who study it."""
    found = Post.objects.current(today).filter(
        enterprise__unit__path__startswith=meeting.unit.path, person__is_active=True
    )
    if meeting.lesson_id:
        found = found.filter(person__in=enrolments_for(meeting).values("person"))
    return found.select_related("person", "enterprise__unit").order_by("person__name", "pk")


def enrolments_for(meeting):
    """The enrolments for which a class of a lesson counts."""
    return Enrolment.objects.filter(
        state=Enrolment.State.ACTIVE, edition__places__revision__lesson=meeting.lesson_id
    )


def found_for(meeting, q, today):
    """Whom the organiser may enter by name: those who came and others for whom the class is."""
    found = posts_in_reach(meeting, today)
    if q:
        found = found.filter(Q(person__name__icontains=q) | Q(enterprise__unit__name__icontains=q))
    here = ClassAttendance.objects.filter(meeting=meeting, person=OuterRef("person"), is_here=True)
    return found.annotate(is_here=Exists(here))


def units_held(user):
    """The units for which somebody may plan classes."""
    enterprise = scope.within(user, Role.MANAGER, path="path") & Q(kind=Unit.Kind.ENTERPRISE)
    organ = scope.within(user, Role.REGULATOR, Role.EDITOR, path="path") & Q(kind=Unit.Kind.ORGAN)
    return Unit.objects.filter(enterprise | organ).order_by("path")


def lessons_held(user):
    """The lessons for which somebody may plan a class: live and classroom ones of published courses in her reach."""
    door = Q(course__in=Course.objects.written_by(user).values("pk")) | scope.within(
        user, Role.REGULATOR, path="course__unit__path"
    )
    for unit in units_held(user).filter(kind=Unit.Kind.ENTERPRISE).select_related("enterprise"):
        door |= Q(course__in=Course.objects.offered_to(unit.enterprise).values("pk"))
    found = Lesson.objects.filter(
        door, kind__in=Lesson.IN_CLASS, course__state=Course.State.PUBLISHED, current__isnull=False
    )
    return found.select_related("course", "current").order_by("course__code", "position")


def meetings_of_lesson(user, lesson, now):
    """The classes of a lesson that stand open to somebody and are not over."""
    return coming(user, now).filter(lesson=lesson)


def class_seconds_of(keys):
    """The seconds that classes gave enrolments: {enrolment: {lesson revision: seconds}}; one query."""
    found = {}
    for enrolment, revision, minutes in ClassCredit.objects.filter(enrolment__in=keys).values_list(
        "enrolment", "revision", "minutes"
    ):
        of = found.setdefault(enrolment, {})
        of[revision] = of.get(revision, 0) + minutes * 60
    return found
