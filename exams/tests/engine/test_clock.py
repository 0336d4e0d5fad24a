"""The countdown, the door and the sweep agree."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.engine import clock

NINE = datetime(2025, 11, 3, 9, 0, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))


def after(minutes=0, seconds=0):
    return NINE + timedelta(minutes=minutes, seconds=seconds)


@pytest.mark.parametrize(
    ("minutes", "extra", "paused", "closes_at", "expected"),
    [
        (60, 0, 0, None, after(60)),
        (60, 0, 0, after(90), after(60)),
        (60, 0, 0, after(30), after(30)),
        (60, 10, 0, after(30), after(40)),
        (60, 10, 0, after(90), after(70)),
        (60, 0, 90, None, after(61, 30)),
        (60, 5, 30, after(60), after(65, 30)),
        (None, 0, 0, after(30), after(30)),
        (None, 5, 0, None, None),
    ],
)
def test_the_deadline_is_the_earlier_bound_with_all_credit(minutes, extra, paused, closes_at, expected):
    assert clock.deadline(NINE, minutes, extra, paused, closes_at) == expected


def test_a_deadline_is_in_utc_wherever_the_clock_stood():
    local = datetime(2025, 11, 3, 17, 0, tzinfo=CHINA)
    found = clock.deadline(local, 60, closes_at=local + timedelta(hours=2))
    assert (found, found.tzinfo) == (after(60), UTC)


@pytest.mark.parametrize(
    ("now", "left"),
    [(NINE, 3600), (after(59, 59.5), 0), (after(59), 60), (after(60), 0), (after(61), 0)],
)
def test_the_seconds_left_are_whole_and_never_negative(now, left):
    assert clock.remaining(after(60), now) == left


@pytest.mark.parametrize(
    ("opens_at", "closes_at", "now", "expected"),
    [
        (NINE, after(60), after(-1), "before"),
        (NINE, after(60), NINE, "open"),
        (NINE, after(60), after(59, 59), "open"),
        (NINE, after(60), after(60), "closed"),
        (None, None, NINE, "open"),
        (None, NINE, after(1), "closed"),
        (NINE, None, after(10**6), "open"),
    ],
)
def test_a_window_is_before_open_or_closed(opens_at, closes_at, now, expected):
    assert clock.phase(opens_at, closes_at, now) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(-1, True), (0, True), (30, True), (31, False)])
def test_a_response_counts_until_the_grace_is_over(seconds, expected):
    assert clock.accepts(NINE, 30, after(seconds=seconds)) is expected


def test_an_attempt_closed_late_ended_at_its_deadline():
    assert clock.finished_at(after(60), after(500)) == after(60)
    assert clock.finished_at(after(60), after(20)) == after(20)
    assert clock.finished_at(None, after(20)) == after(20)


def test_without_a_deadline_nothing_runs_out():
    assert (clock.remaining(None, NINE), clock.accepts(None, 0, NINE)) == (None, True)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        clock.remaining(NINE, datetime(2025, 1, 1))


seconds = st.integers(-10_000, 10_000)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 240), st.integers(0, 60), seconds, seconds), min_size=100, max_size=120)
)
def test_countdown_door_and_sweep_agree(combinations):
    for minutes, paused, closing, moment in combinations:
        closes_at, now = after(seconds=closing), after(seconds=moment)
        end = clock.deadline(NINE, minutes, 0, paused, closes_at)
        assert end == min(after(minutes, paused), after(seconds=closing + paused))
        assert (clock.remaining(end, now) > 0) == (clock.phase(None, end, now) == "open")
        assert clock.accepts(end, 0, now) == (clock.finished_at(end, now) == now)
        assert clock.deadline(NINE, minutes, 1, paused, closes_at) == end + timedelta(minutes=1)
