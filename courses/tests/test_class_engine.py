"""The code that turns, the minutes that count, and the sums of a year, in tables and for any course of events."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.engine import classes, yearly
from courses.engine.yearly import Terms, ledger, year_of

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
SECRET = b"a secret of the class"
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)


def at(minute):
    return NINE + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("age", "verdict"),
    [(0, "good"), (14, "good"), (15, "good"), (29, "good"), (30, "old"), (31, "old"), (9 * 60, "old"), (11 * 60, "wrong")],
)  # fmt: skip
def test_a_code_is_good_in_its_turn_and_the_next_then_old_and_at_last_forgotten(age, verdict):
    shown = classes.code(SECRET, NINE)  # a turn begins with each full minute
    assert classes.judge(SECRET, shown, NINE + timedelta(seconds=age)) == verdict


def test_a_code_is_read_as_people_type_it_and_fits_one_class_only():
    shown = classes.code(SECRET, NINE)
    assert classes.judge(SECRET, f" {shown[:3].lower()}-{shown[3:]} ", NINE) == "good"
    assert classes.judge(b"another", shown, NINE) == "wrong"
    assert (
        classes.judge(SECRET, classes.code(SECRET, NINE + timedelta(seconds=15)), NINE) == "wrong"
    )  # to come
    assert classes.judge(SECRET, "", NINE) == "wrong"
    assert classes.TURN <= 15


@pytest.mark.parametrize(
    ("signs", "most", "counted"),
    [
        ([], 60, 0),
        ([(0, 1), (60, 0)], 60, 60),
        ([(-20, 1), (90, 0)], 60, 60),  # before and after the class nothing counts
        ([(0, 1), (60, 0)], 45, 45),  # never more than the cap
        ([(10, 1), (40.5, 0)], 60, 30),  # whole minutes
        ([(0, 1)], 60, 0),  # who does not leave was there nobody knows how long
        ([(0, 1), (20, 0), (30, 1), (60, 0)], 60, 50),
        ([(0, 1), (20, 0), (30, 1)], 60, 20),
        ([(70, 1), (80, 0)], 60, 0),
        ([(-30, 1), (-10, 0)], 60, 0),
    ],
)
def test_minutes_are_the_overlap_of_presence_and_class(signs, most, counted):
    told = [(at(minute), bool(arrives)) for minute, arrives in signs]
    assert classes.minutes(told, NINE, TEN, most) == counted


MOMENTS = st.lists(st.integers(-90, 150), max_size=12)


def alternate(moments):
    return [(at(minute), n % 2 == 0) for n, minute in enumerate(sorted(moments))]


@CALM
@given(MOMENTS, st.integers(1, 90))
def test_minutes_never_exceed_the_class_the_cap_or_the_presence(moments, most):
    counted = classes.minutes(alternate(moments), NINE, TEN, most)
    ordered = sorted(moments)
    present = sum(b - a for a, b in zip(ordered[::2], ordered[1::2], strict=False))
    assert 0 <= counted <= min(60, most, present)


@CALM
@given(MOMENTS, st.integers(0, 60))
def test_a_further_sign_takes_nothing_away(moments, later):
    before = classes.minutes(alternate(moments), NINE, TEN, 60)
    more = [*moments, max([*moments, -90]) + later]
    assert classes.minutes(alternate(more), NINE, TEN, 60) >= before


# --- a year ------------------------------------------------------------------------------------------------------------

COUNTS = st.fixed_dictionaries({source: st.integers(0, 6000) for source in yearly.SOURCES})
TERMS = st.builds(
    Terms,
    owed=st.integers(0, 6000),
    carry=st.integers(0, 3000),
    sources=st.sets(st.sampled_from(yearly.SOURCES)).map(lambda kinds: tuple(sorted(kinds))),
)


@pytest.mark.parametrize(
    ("done", "carried", "short", "onward"),
    [(0, 0, 720, 0), (720, 0, 0, 0), (700, 0, 20, 0), (1000, 0, 0, 240), (600, 240, 0, 120), (0, 900, 0, 0), (900, 900, 0, 240)],
)  # fmt: skip
def test_one_year_of_twelve_hours_of_which_four_may_be_carried(done, carried, short, onward):
    told = year_of(Terms(owed=720, carry=240), 2026, {"course": done}, carried)
    assert (told.short, told.onward) == (short, onward)


def test_only_the_kinds_that_count_are_counted():
    by_source = {"course": 100, "class": 30, "outside": 7}
    assert year_of(Terms(120, sources=("course", "outside")), 2026, by_source).done == 107


@CALM
@given(TERMS, st.dictionaries(st.integers(2020, 2026), COUNTS))
def test_the_years_hand_on_no_more_than_the_rule_lets_and_no_minute_twice(terms, by_year):
    years = ledger(terms, by_year, 2020, 2026)
    carried = 0
    for one in years:
        assert one.carried == carried
        carried = one.onward
        assert 0 <= one.onward <= min(terms.carry, one.done)
        assert one.short == max(0, one.owed - one.carried - one.done)
        assert not (one.short and one.onward)
        # What is used here and what goes on were both learned here, or used here and learned before.
        assert one.onward <= max(0, one.done + one.carried - one.owed)
    assert sum(one.done for one in years) >= sum(one.onward for one in years)


@CALM
@given(TERMS, COUNTS, st.integers(0, 3000), st.integers(0, 500))
def test_who_learns_more_is_never_short_of_more(terms, by_source, carried, extra):
    less = year_of(terms, 2026, by_source, carried)
    more = year_of(terms, 2026, by_source | {"course": by_source["course"] + extra}, carried)
    assert more.short <= less.short
    assert more.onward >= less.onward


@CALM
@given(TERMS, st.dictionaries(st.integers(2020, 2026), COUNTS))
def test_without_carrying_over_each_year_stands_for_itself(terms, by_year):
    plain = Terms(terms.owed, 0, terms.sources)
    assert ledger(plain, by_year, 2020, 2026)[-1] == year_of(plain, 2026, by_year.get(2026, {}))
