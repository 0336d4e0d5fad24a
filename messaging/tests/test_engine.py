"""Quiet hours and steps, by tables of cases."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from messaging.engine import quiet
from messaging.engine.steps import step, week

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    ("hours", "at", "ends"),
    [
        ("22:00-07:30", "2026-05-06T21:59", "2026-05-06T21:59"),
        ("22:00-07:30", "2026-05-06T22:00", "2026-05-07T07:30"),
        ("22:00-07:30", "2026-05-06T23:59", "2026-05-07T07:30"),
        ("22:00-07:30", "2026-05-07T00:00", "2026-05-07T07:30"),
        ("22:00-07:30", "2026-05-07T07:29", "2026-05-07T07:30"),
        ("22:00-07:30", "2026-05-07T07:30", "2026-05-07T07:30"),
        ("12:00-14:00", "2026-05-06T13:00", "2026-05-06T14:00"),
        ("12:00-14:00", "2026-05-06T14:00", "2026-05-06T14:00"),
        ("", "2026-05-06T03:00", "2026-05-06T03:00"),
        ("08:00-08:00", "2026-05-06T08:00", "2026-05-06T08:00"),
    ],
)
def test_what_falls_into_the_quiet_hours_waits_until_they_end(hours, at, ends):
    def moment(text):
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)

    assert quiet.ends(moment(at), quiet.parse(hours)) == moment(ends)


@pytest.mark.parametrize(
    ("left", "taken"), [(15, None), (14, 14), (10, 14), (4, 14), (3, 3), (2, 3), (1, 1), (0, 1), (-1, None)]
)
def test_a_day_that_comes_near_calls_for_one_step_at_a_time(left, taken):
    assert step(DAY, date.fromordinal(DAY.toordinal() - left), (14, 3, 1)) == taken


@pytest.mark.parametrize(
    ("late", "number"), [(-1, None), (0, None), (1, 1), (7, 1), (8, 2), (84, 12), (85, None)]
)
def test_a_day_that_is_over_is_told_once_a_week_and_not_for_ever(late, number):
    assert week(DAY, date.fromordinal(DAY.toordinal() + late), 12) == number
