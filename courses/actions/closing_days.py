"""A day or a month that is over can gain no hour any more, so its sums are written down, once."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Min, Sum
from django.utils import timezone

from courses.models import LearnedHours, LearnedPeriod, PresenceAnswer
from courses.queries import hours as queries
from operations.days import midnight

LINGERS = timedelta(hours=1)  # how long an answer of a day may still be on its way into the tables
MOST_DAYS = 400  # at once; the next turn goes on
DAY, MONTH = LearnedPeriod.Kind.DAY, LearnedPeriod.Kind.MONTH


def close_days(*, now):
    """Close every day that is over and still open, the oldest first, and each month with its last day; gives how many days."""
    last = timezone.localdate(now - LINGERS) - timedelta(days=1)
    closed = 0
    while closed < MOST_DAYS and (day := next_day()) and day <= last:
        try:
            close_day(day, now=now)
        except IntegrityError:  # another worker was quicker
            break
        closed += 1
    return closed


def next_day():
    """The first day that is not closed and of which something may be told, or None where nobody ever learned."""
    if last := queries.last_closed():
        return last + timedelta(days=1)
    first = PresenceAnswer.objects.aggregate(at=Min("at"))["at"]
    return first and timezone.localdate(first)


@transaction.atomic
def close_day(day, *, now):
    """Write down the sums of one day, and with the last day of a month those of the month; the database refuses a double."""
    rows = queries.seconds_by_day(midnight(day), midnight(day + timedelta(days=1)))
    made = _write(DAY, day, [row[1:] for row in rows], now)
    if (day + timedelta(days=1)).day == 1:
        _close_month(day.replace(day=1), now)
    return made


def _close_month(first, now):
    days = LearnedHours.objects.filter(
        period__kind=DAY, period__first_on__gte=first, period__first_on__lt=queries.month_after(first)
    )
    rows = days.order_by().values_list("enterprise", "course").annotate(total=Sum("seconds"))
    _write(MONTH, first, list(rows), now)


def _write(kind, first, rows, now):
    made = LearnedPeriod.objects.create(
        kind=kind, first_on=first, seconds=sum(row[-1] for row in rows), at=now
    )
    LearnedHours.objects.bulk_create(
        [
            LearnedHours(period=made, enterprise_id=firm, course_id=course, seconds=seconds)
            for firm, course, seconds in rows
        ],
        batch_size=1000,
    )
    return made
