"""Minutes by year and source: one fold over credits, classes and confirmed outside training, the same queries for one and for all."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, Sum
from django.db.models.functions import ExtractYear

from accounts import oneself
from courses.models import ClassCredit, Credit, OutsideTraining


@dataclass
class Hours:
    """Minutes of one person in one calendar year, by where they come from."""

    course: int = 0  # verified in lessons
    classes: int = 0  # fixed at the end of classes, those of lessons as well
    outside: int = 0  # confirmed

    @property
    def total(self):
        """All of them."""
        return self.course + self.classes + self.outside

    @property
    def by_source(self):
        """As the engine takes them."""
        return {"course": self.course, "class": self.classes, "outside": self.outside}


def hours_of(people, year) -> dict[int, Hours]:
    """Minutes by source of each person in one calendar year, by her key; three queries, however many people (rows, keys or a queryset)."""
    found = hours_between(people, year, year)
    return {person: years[year] for person, years in found.items() if year in years}


def hours_between(people, first, last) -> dict[int, dict[int, Hours]]:
    """The same for the years from the first to the last: {person: {year: Hours}}; years without a minute are left out."""
    found = defaultdict(lambda: defaultdict(Hours))
    for person, year, seconds in _course_seconds(people, last):
        if year >= first:
            found[person][year].course += seconds
    for years in found.values():
        for one in years.values():
            one.course //= 60
    for person, year, minutes in _classes(people, first, last):
        found[person][year].classes += minutes
    for person, year, minutes in _outside(people, first, last):
        found[person][year].outside += minutes
    return {
        person: {year: one for year, one in years.items() if one.total} for person, years in found.items()
    }


def _course_seconds(people, last):
    """(person, year, seconds) of each lesson: of what was verified in it, only so much as it needs, the earliest first."""
    rows = (
        Credit.objects.filter(enrolment__person__in=oneself.ids_of_all(people), answer__at__year__lte=last)
        .annotate(owner=oneself.owner("enrolment__person"), year=ExtractYear("answer__at"))
        .values("owner", "enrolment", "revision", "year", needed=F("revision__minutes") * 60)
        .annotate(total=Sum("seconds"))
        .order_by("enrolment", "revision", "year")
    )
    lesson, left = None, 0
    for row in rows:
        if lesson != (row["enrolment"], row["revision"]):
            lesson, left = (row["enrolment"], row["revision"]), row["needed"]
        counted = min(left, row["total"])
        left -= counted
        yield row["owner"], row["year"], counted


def _classes(people, first, last):
    rows = ClassCredit.objects.filter(
        attendance__person__in=oneself.ids_of_all(people),
        attendance__meeting__begins_at__year__gte=first,
        attendance__meeting__begins_at__year__lte=last,
    ).annotate(owner=oneself.owner("attendance__person"), year=ExtractYear("attendance__meeting__begins_at"))
    return rows.values_list("owner", "year").annotate(total=Sum("minutes")).order_by()


def _outside(people, first, last):
    rows = OutsideTraining.objects.filter(
        person__in=oneself.ids_of_all(people),
        state=OutsideTraining.State.CONFIRMED,
        ends_on__year__gte=first,
        ends_on__year__lte=last,
    ).annotate(owner=oneself.owner("person"), year=ExtractYear("ends_on"))
    return rows.values_list("owner", "year").annotate(total=Sum("minutes")).order_by()
