"""Which reminder a day calls for, pure: a step is taken once, however late somebody looks."""

from collections.abc import Iterable
from datetime import date


def step(day: date, on: date, steps: Iterable[int]) -> int | None:
    """The step of a coming day: the smallest number of days that has not gone by; nothing where it is far off or over.

    With 14, 3 and 1 a day ten days off calls for the 14: whoever was given two days' time is reminded at 3 and at 1, and a morning
    on which nobody planned loses no reminder.
    """
    left = (day - on).days
    return min((one for one in steps if 0 <= left <= one), default=None)


def week(day: date, on: date, most: int) -> int | None:
    """In which week after a day we are, from 1; nothing before it is over, and nothing after so many."""
    late = (on - day).days
    if late <= 0 or (number := (late - 1) // 7 + 1) > most:
        return None
    return number
