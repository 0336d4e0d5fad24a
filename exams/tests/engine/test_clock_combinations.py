"""Ten thousand combinations of window, duration, credit, pause, grace and moment against a reference that shares no line with the clock.

The reference counts whole microseconds since an epoch, event by event; the clock adds up datetimes.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exams.engine import clock

EPOCH = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half an hour before Europe's clocks go forward
MICRO = timedelta(microseconds=1)
SECOND = 1_000_000
ZONES = [
    ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
]
EXAMPLES = 10_000

# One draw for a whole combination, read digit by digit: ten thousand of them cost seconds.
DIGITS = {
    "minutes": 241,  # 0 is no duration
    "closes": 30_000,  # seconds after the start
    "extra": 61,
    "granted": 3601,
    "pause_from": 4000,
    "pause_for": 4000 * 1000,  # in milliseconds
    "has_pause": 2,
    "is_resumed": 2,
    "grace": 121,
    "offset": 4001,  # of the moment from the decisive one, in milliseconds, around zero
    "far": 4,
    "zone": 4,
}
COMBINATIONS = 1
for _size in DIGITS.values():
    COMBINATIONS *= _size


def read(number):
    """The combination that a number stands for."""
    found = {}
    for name, size in DIGITS.items():
        number, found[name] = divmod(number, size)
    return found


def reference(c):
    """(last microsecond of the sitting, credit in seconds, paused from): by counting, without the clock."""
    credit = c["extra"] * 60 + c["granted"]
    if c["has_pause"] and c["is_resumed"]:
        credit += -(-c["pause_for"] // 1000)  # a begun second counts
    ends = [c["closes"]] + ([c["minutes"] * 60] if c["minutes"] else [])
    paused_from = c["pause_from"] * SECOND if c["has_pause"] and not c["is_resumed"] else None
    return (sorted(ends)[0] + credit) * SECOND, credit, paused_from


def at(microseconds):
    return EPOCH + microseconds * MICRO


def told(c):
    """(deadline, paused_at) as an attempt would have them after the same events."""
    minutes = c["minutes"] or None
    end = clock.deadline(EPOCH, minutes, extra=c["extra"], closes_at=at(c["closes"] * SECOND))
    granted, paused_at = [c["granted"]], None
    if c["has_pause"]:
        paused_at = at(c["pause_from"] * SECOND)
        if c["is_resumed"]:
            granted.append(
                clock.paused_seconds(paused_at, paused_at + timedelta(milliseconds=c["pause_for"]))
            )
            paused_at = None
    for seconds in granted:
        end = clock.moved(end, seconds)
    # Moved step by step, or folded at once: one deadline.
    fold = clock.deadline(
        EPOCH, minutes, extra=0, paused=clock.credit(c["extra"], granted), closes_at=at(c["closes"] * SECOND)
    )
    assert end == fold
    return end, paused_at


def test_ten_thousand_combinations_are_decided_as_the_reference_decides_them():
    seen = set()

    @settings(
        max_examples=EXAMPLES + 200, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.integers(0, COMBINATIONS - 1))
    def decide(number):
        c = read(number)
        last, credit, paused_from = reference(c)
        end, paused_at = told(c)
        zone = ZONES[c["zone"]]
        far = (0, 0, 0, 3600 * SECOND)[c["far"]]
        moment = last + c["grace"] * SECOND + (c["offset"] - 2000) * 1000 + far
        now = at(moment).astimezone(zone)  # wherever the server's wall clock stands
        assert end == at(last)
        is_over = moment > last + c["grace"] * SECOND
        assert clock.accepts(end, c["grace"], now, paused_at) == (paused_from is None and not is_over)
        assert clock.is_over(end, c["grace"], now, paused_at) == (paused_from is None and is_over)
        left = last - (moment if paused_from is None else paused_from)
        assert clock.remaining(end, now, paused_at) == max(0, left // SECOND)
        assert clock.finished_at(end, now) == at(min(last, moment))
        # Never before the start, and longer than without any credit by the credit alone.
        bare = clock.deadline(EPOCH, c["minutes"] or None, closes_at=at(c["closes"] * SECOND))
        assert end >= EPOCH
        assert end - bare == timedelta(seconds=credit)
        seen.add(number)

    decide()
    assert len(seen) >= EXAMPLES  # different ones; hypothesis repeats a few where it looks for small ones
    assert COMBINATIONS > 10**20


CREDITS = st.integers(0, 36_000)


@settings(max_examples=1000, deadline=None)
@given(
    st.integers(1, 240),
    st.integers(0, 86_400),
    CREDITS,
    CREDITS,
    st.integers(0, 600),
    st.integers(-10, 90_000),
)
def test_more_of_any_credit_never_ends_earlier_nor_refuses_what_was_accepted(
    minutes, closes, less, more, grace, moment
):
    less, more = sorted((less, more))
    closes_at, now = at(closes * SECOND), at(moment * SECOND)
    for name in ("extra", "paused"):
        first, second = (
            clock.deadline(EPOCH, minutes, **{name: credit}, closes_at=closes_at) for credit in (less, more)
        )
        assert first <= second
        assert clock.accepts(first, grace, now) <= clock.accepts(second, grace, now)
        assert clock.accepts(first, grace, now) <= clock.accepts(first, grace + more, now)


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 30)),  # an hour is left out at two
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 30)),  # an hour comes twice
        ("America/New_York", datetime(2026, 3, 8, 1, 30)),
        ("Australia/Lord_Howe", datetime(2026, 4, 5, 1, 45)),  # half an hour comes twice
    ],
)
@pytest.mark.parametrize("fold", [0, 1])
def test_an_hour_is_an_hour_though_the_wall_clock_jumps(zone, start, fold):
    start = start.replace(tzinfo=ZoneInfo(zone), fold=fold)
    end = clock.deadline(start, 60)
    assert end - start.astimezone(UTC) == timedelta(hours=1)
    wall = end.astimezone(ZoneInfo(zone))
    assert clock.accepts(end, 0, wall)
    assert not clock.accepts(end, 0, (end + MICRO).astimezone(ZoneInfo(zone)))
    assert clock.remaining(end, start) == 3600


@pytest.mark.parametrize("step", [-2, -1, 0, 1, 2])
def test_a_server_clock_that_steps_shifts_decisions_by_the_step_and_no_deadline(step):
    end, grace = at(3600 * SECOND), 60
    for true_second in range(3655, 3666):
        now = at((true_second + step) * SECOND)
        assert clock.accepts(end, grace, now) == (true_second + step <= 3660)
    # Put back in the midst of a pause, nothing is taken; put forward, the candidate gets what she lost.
    paused_at = at(100 * SECOND)
    assert clock.paused_seconds(paused_at, paused_at + timedelta(seconds=step)) == max(0, step)
    assert clock.moved(end, clock.paused_seconds(paused_at, paused_at + timedelta(seconds=step))) >= end


@pytest.mark.parametrize(
    ("milliseconds", "seconds"), [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (90_000, 90), (-5000, 0)]
)
def test_a_pause_is_credited_to_the_second_and_a_begun_one_counts(milliseconds, seconds):
    assert clock.paused_seconds(EPOCH, EPOCH + timedelta(milliseconds=milliseconds)) == seconds


def test_nothing_is_accepted_in_a_pause_and_nothing_runs_out():
    end = at(3600 * SECOND)
    for moment in (at(0), end, end + timedelta(days=3)):
        assert clock.accepts(end, 60, moment, paused_at=at(600 * SECOND)) is False
        assert clock.is_over(end, 60, moment, paused_at=at(600 * SECOND)) is False
        assert clock.remaining(end, moment, paused_at=at(600 * SECOND)) == 3000


def test_no_time_is_ever_taken():
    with pytest.raises(ValueError, match="never"):
        clock.moved(EPOCH, -1)
