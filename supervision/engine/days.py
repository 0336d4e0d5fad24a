"""Working days by the official holiday table, pure: the table is data, a year without one counts its weekdays."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Due:
    """The last day of a period, and the years that were counted by weekdays for want of a table."""

    day: date
    untabled: tuple[int, ...] = ()


def is_working(day, table):
    """Whether a day is worked: weekdays but for the holidays, and the weekend days that make up for them."""
    year = table.get(day.year)
    if year is None:
        return day.weekday() < 5
    if day in year["work"]:
        return True
    return day.weekday() < 5 and day not in year["off"]


def due(on, working_days, table):
    """The last of so many working days, the first of which is the working day after `on`.

    `table` is {year: {"off": days, "work": days}}.
    """
    if working_days < 0:
        raise ValueError("cannot count back")
    day, left, untabled = on, working_days, set()
    while left:
        day += timedelta(days=1)
        if day.year not in table:
            untabled.add(day.year)
        left -= is_working(day, table)
    return Due(day, tuple(sorted(untabled)))


def months_before(day, months):
    """The same day so many months earlier, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def read(data):
    """The table from the data file: {"2026": {"off": ["01-01/01-03", …], "work": ["01-04", …]}}; a span is both its ends."""
    return {
        int(year): {
            kind: frozenset(day for span in told[kind] for day in _days(int(year), span))
            for kind in ("off", "work")
        }
        for year, told in data.items()
    }


def _days(year, span):
    first, _, last = span.partition("/")
    day, end = (date.fromisoformat(f"{year}-{one}") for one in (first, last or first))
    while day <= end:
        yield day
        day += timedelta(days=1)
