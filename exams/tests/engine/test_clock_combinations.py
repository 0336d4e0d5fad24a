"""Ten thousand combinations of window, duration, credits, pauses, grace, zones, a stepping clock and moment against a reference that
shares no line with the clock.

The reference counts whole microseconds since an epoch, event by event; the clock adds up datetimes.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha512
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exams.engine import clock

EPOCH = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half an hour before Europe's clocks go forward
MICRO = timedelta(microseconds=1)
SECOND = 1_000_000
HOUR = 3600 * SECOND
ZONES = [
    ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
]
# Where the wall clock of one of the zones jumps; the last is where nothing does.
JUMPS = [
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Berlin, an hour is left out
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # Berlin, an hour comes twice
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York, forward
    datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York, back
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe, half an hour comes twice
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),  # Lord Howe, half an hour is left out
    datetime(2026, 5, 4, 1, tzinfo=UTC),  # nowhere
]
EXAMPLES = 10_000
EVENTS = 5
NOTHING, GRANT, PAUSE = range(3)

# One draw for a whole combination, read digit by digit: ten thousand of them cost seconds.
DIGITS = {
    "jump": len(JUMPS),
    "before": 14_400,  # seconds from two hours before the jump until the start
    "minutes": 241,  # 0 is no duration
    "closes": 30_000,  # seconds after the start
    "extra": 61,
    "grace": 121,
    "offset": 8001,  # of the moment from the decisive one, in milliseconds, around zero
    "far": 4,
    "starts_in": len(ZONES),
    "closes_in": len(ZONES),
    "asked_in": len(ZONES),
    "step": 4001,  # of the server's clock, in milliseconds, around zero
    "steps_at": 2 * EVENTS + 2,  # before an event or in the midst of a pause; the last two never
    "is_resumed": 4,  # 0: the last pause still lasts
}
for _n in range(EVENTS):
    DIGITS |= {f"kind{_n}": 3, f"gap{_n}": 1_200_000, f"length{_n}": 900_000}  # both in milliseconds
COMBINATIONS = 1
for _size in DIGITS.values():
    COMBINATIONS *= _size


def read(seed):
    """The combination that a seed stands for. Of a long number hypothesis draws mostly small ones; a digest has no such preference."""
    found, number = {}, int.from_bytes(sha512(seed.to_bytes(8)).digest()) % COMBINATIONS
    for name, size in DIGITS.items():
        number, found[name] = divmod(number, size)
    return found


def events(c, step):
    """What happened, as the server's clock saw it: [(kind, from, to)] in microseconds after the start; the last pause may last.

    `step` milliseconds are added from the place on where the clock was put forward or back.
    """
    true, shift, seen = 0, 0, []
    for n in range(EVENTS):
        if c["steps_at"] == 2 * n:
            shift = step * 1000
        true += c[f"gap{n}"] * 1000
        begins = true + shift
        if c[f"kind{n}"] == PAUSE:
            if c["steps_at"] == 2 * n + 1:
                shift = step * 1000
            true += c[f"length{n}"] * 1000
        seen.append((c[f"kind{n}"], begins, true + shift))
    pauses = [n for n, (kind, _begins, _ends) in enumerate(seen) if kind == PAUSE]
    if pauses and not c["is_resumed"]:
        last = pauses[-1]
        seen = [*seen[:last], (PAUSE, seen[last][1], None)]
    return seen


def minutes_of(c, n):
    """What the n-th event grants."""
    return c[f"length{n}"] % 60 + 1


def reference(c, seen):
    """(last microsecond of the sitting, credit in seconds, paused from): by counting, without the clock."""
    credit, paused_from = c["extra"] * 60, None
    for n, (kind, begins, ends) in enumerate(seen):
        if kind == GRANT:
            credit += minutes_of(c, n) * 60
        elif kind == PAUSE and ends is None:
            paused_from = begins
        elif kind == PAUSE and ends > begins:
            credit += -(-(ends - begins) // SECOND)  # a begun second counts
    ends = [c["closes"]] + ([c["minutes"] * 60] if c["minutes"] else [])
    return (sorted(ends)[0] + credit) * SECOND, credit, paused_from


def told(c, seen, start):
    """(deadline, paused_at) as an attempt would have them after the same events, with times as they stood on several walls."""

    def at(microseconds, zone):
        return (start + microseconds * MICRO).astimezone(ZONES[zone])

    minutes, closes_at = c["minutes"] or None, at(c["closes"] * SECOND, c["closes_in"])
    starts_at = at(0, c["starts_in"])
    end = clock.deadline(starts_at, minutes, extra=c["extra"], closes_at=closes_at)
    granted, paused_at = [], None
    for n, (kind, begins, ends) in enumerate(seen):
        if kind == GRANT:
            granted.append(minutes_of(c, n) * 60)
            end = clock.moved(end, granted[-1])
        elif kind == PAUSE:
            paused_at = at(begins, c["starts_in"])
            if ends is not None:
                granted.append(clock.paused_seconds(paused_at, at(ends, c["closes_in"])))
                end, paused_at = clock.moved(end.astimezone(ZONES[c["asked_in"]]), granted[-1]), None
    # Moved step by step, or folded at once: one deadline.
    fold = clock.deadline(
        starts_at, minutes, extra=0, paused=clock.credit(c["extra"], granted), closes_at=closes_at
    )
    assert end == fold
    return end, paused_at


def test_ten_thousand_combinations_are_decided_as_the_reference_decides_them():
    seeds, shapes = set(), set()

    @settings(
        max_examples=EXAMPLES + 200, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.integers(0, 2**64 - 1))
    def decide(seed):
        c = read(seed)
        start = JUMPS[c["jump"]] + timedelta(seconds=c["before"] - 7200)
        step = c["step"] - 2000
        seen = events(c, step)
        last, credit, paused_from = reference(c, seen)
        end, paused_at = told(c, seen, start)
        far = (0, 0, 0, HOUR)[c["far"]]
        moment = last + c["grace"] * SECOND + (c["offset"] - 4000) * 1000 + far
        now = (start + moment * MICRO).astimezone(
            ZONES[c["asked_in"]]
        )  # wherever the server's wall clock stands
        assert end == start + last * MICRO
        is_over = moment > last + c["grace"] * SECOND
        assert clock.accepts(end, c["grace"], now, paused_at) == (paused_from is None and not is_over)
        assert clock.is_over(end, c["grace"], now, paused_at) == (paused_from is None and is_over)
        left = last - (moment if paused_from is None else paused_from)
        assert clock.remaining(end, now, paused_at) == max(0, left // SECOND)
        assert clock.finished_at(end, now) == start + min(last, moment) * MICRO
        # Never before the start, and longer than without any credit by the credit alone.
        bare = clock.deadline(
            start, c["minutes"] or None, closes_at=(start + c["closes"] * SECOND * MICRO).astimezone(ZONES[0])
        )
        assert end >= bare >= start
        assert end - bare == timedelta(seconds=credit)
        # A clock that steps moves the deadline by its step and a begun second at most, and not at all outside a pause.
        steady, _credit, _paused = reference(c, events(c, 0))
        assert abs(last - steady) <= (abs(step) * 1000 + SECOND if c["steps_at"] % 2 else 0)
        seeds.add(seed)
        kinds = [kind for kind, _begins, _ends in seen]
        shapes.add((kinds.count(GRANT) > 1, kinds.count(PAUSE) > 1, paused_from is None, is_over))

    decide()
    assert len(seeds) >= EXAMPLES  # different ones; hypothesis repeats a few where it looks for small ones
    assert len(shapes) == 2**4  # several grants or not, several pauses or not, paused or not, over or not
    assert COMBINATIONS > 10**70


def at(microseconds):
    return EPOCH + microseconds * MICRO


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
