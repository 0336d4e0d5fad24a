"""What the training file tells beside courses: classes that were attended, training elsewhere, and the plans of the year."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, F, Max, Q
from django.utils import timezone, translation

from courses.models import ClassCredit, OutsideTraining, TrainingPlan
from operations.days import midnight

CLASSROOM, OUTSIDE = "classroom", "outside"


@dataclass(frozen=True)
class Training:
    """Training that was no course here: `kind` is classroom or outside, days as dates, `note` where and by whom."""

    kind: str
    title: str
    first: date
    last: date
    minutes: int
    note: str = ""


def trainings(people, enterprise, first, last):
    """What people were taught in classes and elsewhere, in an enterprise's posts, from one day to another: {person: [Training, …]}; two queries."""
    found = defaultdict(list)
    classes = ClassCredit.objects.filter(
        attendance__person__in=people,
        attendance__post__enterprise=enterprise,
        attendance__meeting__begins_at__gte=midnight(first),
        attendance__meeting__begins_at__lt=midnight(last + timedelta(days=1)),
    )
    for row in classes.select_related("attendance__meeting__unit"):
        meeting = row.attendance.meeting
        note = "，".join(word for word in (meeting.unit.name, meeting.place, meeting.teacher) if word)
        begun, ended = timezone.localdate(meeting.begins_at), timezone.localdate(meeting.ends_at)
        given = Training(CLASSROOM, meeting.title, begun, ended, row.minutes, note)
        found[row.attendance.person_id].append(given)
    outside = OutsideTraining.objects.filter(
        person__in=people,
        post__enterprise=enterprise,
        state=OutsideTraining.State.CONFIRMED,
        ends_on__gte=first,
        ends_on__lte=last,
    )
    for row in outside:
        given = Training(OUTSIDE, row.title, row.begins_on, row.ends_on, row.minutes, row.organiser)
        found[row.person_id].append(given)
    return {key: sorted(rows, key=lambda one: (one.first, one.title)) for key, rows in found.items()}


def plans(enterprise, year):
    """The enterprise's training plans of a year for its cover: [{"name", "people", "due_on", "state"}, …], all of them texts; one query."""
    held = Q(entries__end__isnull=True)
    rows = (
        TrainingPlan.objects.filter(enterprise=enterprise, year=year)
        .exclude(state__in=(TrainingPlan.State.DRAFT, TrainingPlan.State.DROPPED))
        .annotate(
            people=Count("entries__members__post__person", filter=held, distinct=True),
            due_on=Max(F("entries__members__due_on"), filter=held),
        )
        .order_by("pk")
    )
    with translation.override(settings.LANGUAGE_CODE):  # a cover is Chinese, whoever prints it
        return [
            {
                "name": row.title,
                "people": f"{row.people} 人",
                "due_on": row.due_on.isoformat() if row.due_on else "",
                "state": str(row.get_state_display()),
            }
            for row in rows
        ]
