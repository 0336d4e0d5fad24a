"""Working days by the official tables, and by weekdays where there is none."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision import calendar
from supervision.engine import days

TABLE = calendar.table()


@pytest.mark.parametrize(
    ("on", "count", "then"),
    [
        (date(2024, 2, 8), 1, date(2024, 2, 9)),
        (date(2024, 2, 9), 1, date(2024, 2, 18)),  # eight days off, then a Sunday that makes up
        (date(2024, 9, 30), 1, date(2024, 10, 8)),
        (date(2025, 1, 24), 2, date(2025, 1, 27)),  # Sunday the 26th is worked
        (date(2025, 9, 26), 3, date(2025, 9, 30)),
        (date(2025, 9, 30), 3, date(2025, 10, 11)),  # Saturday the 11th is worked
        (date(2025, 12, 31), 1, date(2026, 1, 4)),  # Sunday, which makes up for the Friday
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 11, 26), 20, date(2026, 12, 24)),
        (date(2026, 5, 8), 0, date(2026, 5, 8)),
    ],
)
def test_the_last_day_of_a_period(on, count, then):
    assert days.due(on, count, TABLE) == days.Due(then)


def test_a_year_without_a_table_counts_weekdays_and_says_so():
    assert days.due(date(2030, 12, 30), 3, TABLE) == days.Due(date(2031, 1, 2), (2030, 2031))
    day, remark = calendar.due(date(2026, 12, 30), 3)
    assert (day, remark) == (date(2027, 1, 4), "2027 年尚无官方放假安排，按星期一至星期五推算。")
    assert calendar.due(date(2026, 11, 2), 3) == (date(2026, 11, 5), "")


def test_nobody_counts_back():
    with pytest.raises(ValueError, match="cannot count back"):
        days.due(date(2026, 1, 1), -1, TABLE)


@pytest.mark.parametrize(("year", "off", "work"), [(2024, 30, 8), (2025, 28, 5), (2026, 33, 6)])
def test_the_tables_hold_what_the_notices_announce(year, off, work):
    assert (len(TABLE[year]["off"]), len(TABLE[year]["work"])) == (off, work)
    assert all(day.weekday() >= 5 for day in TABLE[year]["work"])
    assert not TABLE[year]["off"] & TABLE[year]["work"]
    assert "国办发明电" in calendar.told()[str(year)]["source"]


@given(st.dates(date(2024, 1, 1), date(2027, 6, 30)), st.integers(0, 60))
def test_between_the_day_and_the_last_day_lie_so_many_working_days(on, count):
    last = days.due(on, count, TABLE).day
    between = [on + timedelta(days=n) for n in range(1, (last - on).days + 1)]
    assert sum(days.is_working(day, TABLE) for day in between) == count
    assert not count or days.is_working(last, TABLE)
