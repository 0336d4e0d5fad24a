"""The verified hours of an organ's enterprises: read from the sums of the months and days that are over."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import TruncDate

from accounts import scope
from accounts.models import Enterprise, Unit
from accounts.planning import chunks
from courses.models import Credit, Enrolment, LearnedHours, LearnedPeriod
from courses.queries import team
from courses.queries.team import SEES
from operations.days import midnight

MOST_KEYS = 3000  # of enterprises, given to the database one by one
DAY, MONTH = LearnedPeriod.Kind.DAY, LearnedPeriod.Kind.MONTH
ACTIVE, COMPLETED = Enrolment.State.ACTIVE, Enrolment.State.COMPLETED


@dataclass
class Told:
    """What is told of a place or of a course."""

    enterprises: int = 0
    active: int = 0  # enrolments
    completed: int = 0  # of the year
    seconds: int = 0  # of the year
    late: int = 0  # people

    def add(self, other):
        """Count another in, but for who is late: one person may be so in several courses."""
        self.active += other.active
        self.completed += other.completed
        self.seconds += other.seconds

    @property
    def hours(self):
        """Hours with one decimal, as they are told."""
        return round(self.seconds / 3600, 1)


def units_seen(user):
    """The organs and enterprises below which somebody sees the hours."""
    return Unit.objects.filter(scope.within(user, *SEES, path="path"))


def organs_seen(user):
    """Of these the organs, in their order."""
    return list(units_seen(user).filter(kind=Unit.Kind.ORGAN).order_by("path"))


def last_closed(kind=DAY):
    """The first day of the last day or month whose sums are written down, or None."""
    return LearnedPeriod.objects.filter(kind=kind).aggregate(first=Max("first_on"))["first"]


def periods_of(year):
    """(what is closed of a year, its last closed day or None): the months, and the days after the last of them."""
    rows = LearnedPeriod.objects.filter(first_on__gte=date(year, 1, 1), first_on__lt=date(year + 1, 1, 1))
    months, days = {}, {}
    for pk, kind, first in rows.values_list("pk", "kind", "first_on"):
        (months if kind == MONTH else days)[first] = pk
    since = month_after(max(months)) if months else date(year, 1, 1)
    later = {day: pk for day, pk in days.items() if day >= since}
    return [*months.values(), *later.values()], max(days, default=None)


def month_after(day):
    """The first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def seconds_by_day(first, before):
    """Verified seconds between two moments: [(day, enterprise, course, seconds)]."""
    rows = Credit.objects.filter(answer__at__gte=first, answer__at__lt=before).order_by()
    rows = rows.annotate(day=TruncDate("answer__at")).values_list(
        "day", "enrolment__post__enterprise", "enrolment__course"
    )
    return list(rows.annotate(total=Sum("seconds")))


def seconds_of(firms, year, course=None):
    """Verified seconds of a year up to its last closed day: {(enterprise, course): seconds}; two queries, however many credits."""
    closed, _last = periods_of(year)
    rows = _of_firms(LearnedHours.objects.filter(period__in=closed), "enterprise", firms).order_by()
    rows = rows.filter(course=course) if course else rows
    found = rows.values_list("enterprise", "course").annotate(total=Sum("seconds"))
    return {(firm, which): total for firm, which, total in found}


def _of_firms(rows, name, firms):
    """Rows of some enterprises, by their keys; where they are very many the caller leaves out what is not theirs."""
    return rows.filter(**{f"{name}__in": list(firms)}) if len(firms) <= MOST_KEYS else rows


def told_by(firms, year, today, course=None):
    """What is told of enterprises: {(enterprise, course): Told}, {enterprise: how many people are late}; four queries for any number of people."""
    first, after = midnight(date(year, 1, 1)), midnight(date(year + 1, 1, 1))
    rows = Enrolment.objects.exclude(state=Enrolment.State.CANCELLED).order_by()
    rows = _of_firms(rows.filter(course=course) if course else rows, "post__enterprise", firms)
    found = defaultdict(Told)
    counted = rows.values_list("post__enterprise", "course").annotate(
        active=Count("pk", filter=Q(state=ACTIVE)),
        completed=Count("pk", filter=Q(state=COMPLETED, completed_at__gte=first, completed_at__lt=after)),
        late=Count("pk", filter=Q(state=ACTIVE, due_on__lt=today)),
    )
    for firm, which, active, completed, late in counted:
        found[firm, which] = Told(active=active, completed=completed, late=late)
    for pair, seconds in seconds_of(firms, year, course).items():
        found[pair].seconds = seconds
    late = rows.filter(state=ACTIVE, due_on__lt=today).values_list("post__enterprise")
    return found, dict(late.annotate(people=Count("person", distinct=True)))


def standing(unit, year, today, course=None):
    """({organ right below or None: Told}, {course: Told}, the whole) of an organ; six queries for any number of people."""
    firms = Enterprise.objects.filter(unit__path__startswith=unit.path, is_active=True)
    below = {one.path: one.pk for one in children_of(unit)}
    of_firm = {
        pk: _below(path, unit.path, below) for pk, path in firms.order_by().values_list("pk", "unit__path")
    }
    by_place, by_course, whole = defaultdict(Told), defaultdict(Told), Told()
    for place in of_firm.values():
        by_place[place].enterprises += 1
    pairs, late = told_by(of_firm, year, today, course)
    for (firm, which), told in pairs.items():
        if firm in of_firm:
            for sum_ in (by_place[of_firm[firm]], by_course[which], whole):
                sum_.add(told)
            by_course[which].late += told.late
    for firm, people in late.items():
        if firm in of_firm:
            by_place[of_firm[firm]].late += people
            whole.late += people
    return by_place, by_course, whole


def children_of(unit):
    """The organs right below an organ."""
    return list(Unit.objects.filter(parent=unit, kind=Unit.Kind.ORGAN).order_by("path"))


def _below(path, own, below):
    """Under which of the organs right below an enterprise stands; None if under the organ itself."""
    rest = path.removeprefix(own)
    return below.get(f"{own}{rest.split('/', 1)[0]}/")


def firms_of(unit):
    """The enterprises right below an organ, whom it looks after itself."""
    found = Enterprise.objects.filter(unit__parent=unit, is_active=True)
    return found.select_related("unit").order_by("unit__name", "pk")


def told_of(firms, year, today, course=None):
    """What is told of each of a page of enterprises: {pk: Told}."""
    found = {one.pk: Told(enterprises=1) for one in firms}
    pairs, late = told_by(found, year, today, course)
    for (firm, _course), told in pairs.items():
        found[firm].add(told)
    for firm, people in late.items():
        found[firm].late = people
    return found


def list_learners(unit, year, course="", state="", q="", today=None):
    """The enrolments below a unit that came through its door, of which a year's hours are told."""
    found = Enrolment.objects.exclude(state=Enrolment.State.CANCELLED)
    found = found.filter(post__enterprise__unit__path__startswith=unit.path)
    if course:
        found = found.filter(course__code=course)
    if q:
        found = found.filter(Q(person__name__icontains=q) | Q(post__enterprise__unit__name__icontains=q))
    if state == "late":
        found = found.filter(state=ACTIVE, due_on__lt=today)
    elif state == COMPLETED:
        first, after = midnight(date(year, 1, 1)), midnight(date(year + 1, 1, 1))
        found = found.filter(state=state, completed_at__gte=first, completed_at__lt=after)
    elif state:
        found = found.filter(state=state)
    return found.order_by("post__enterprise", "person", "pk")


def seconds_in(keys, year):
    """The verified seconds of enrolments in a year up to its last closed day: {enrolment: seconds}, so that they add up to the sums."""
    _closed, last = periods_of(year)
    if last is None:
        return {}
    rows = Credit.objects.filter(
        enrolment__in=keys,
        answer__at__gte=midnight(date(year, 1, 1)),
        answer__at__lt=midnight(last + timedelta(days=1)),
    )
    return dict(rows.order_by().values_list("enrolment").annotate(total=Sum("seconds")))


def seconds_in_all(keys, year):
    """The same for as many as a workbook holds, in pieces that a database takes."""
    return {pk: seconds for piece in chunks(keys) for pk, seconds in seconds_in(piece, year).items()}


def told_in_pieces(keys):
    """Enrolments with all that a list says of them, in the order of their keys and in pieces."""
    for piece in chunks(keys):
        yield from team.told(piece)


def unit_seen(user, code):
    """An organ or enterprise below which somebody sees the hours, by its code, or None; without one the uppermost."""
    found = units_seen(user).order_by("path")
    return (found.filter(code=code) if code else found).first()
