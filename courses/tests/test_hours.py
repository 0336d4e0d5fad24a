"""Verified time as a pure fold: the table of cases, and what holds of any course of events."""

from hypothesis import given
from hypothesis import strategies as st

from courses.engine.hours import Beat, Check, Rhythm, credited, is_due, presence, verified

APART = 40


def beats(*times, visit=1, lesson=1, visible=True):
    return [Beat(at, visit, lesson, visible) for at in times]


def test_time_between_beats_counts_once_a_check_after_it_was_answered():
    rows = beats(0, 15, 30, 45)
    assert presence(rows, APART) == {1: 45}
    assert verified(rows, []) == {}
    assert verified(rows, [Check(45, False)]) == {}
    assert verified(rows, [Check(45, True)]) == {1: 45}


def test_a_missed_check_voids_its_own_stretch_and_no_other():
    rows = beats(0, 15, 30, 45, 60, 75, 90)
    assert verified(rows, [Check(30, True), Check(60, False), Check(90, True)]) == {1: 60}


def test_a_gap_and_a_hidden_tab_do_not_count():
    assert presence(beats(0, 15) + beats(100, 115), APART) == {1: 30}
    rows = [*beats(0, 15), Beat(30, 1, 1, False), Beat(45, 1, 1, False), *beats(60, 75)]
    assert presence(rows, APART) == {1: 30}


def test_tabs_beside_each_other_are_one_person():
    rows = sorted(
        [row for tab in (1, 2, 3) for row in beats(*range(tab, 120 + tab, 15), visit=tab, lesson=tab)],
        key=lambda row: row.at,
    )
    assert sum(presence(rows, APART).values()) <= 107


def test_ten_times_as_many_beats_are_no_more_time():
    assert presence([Beat(n * 1.5, 1, 1, True) for n in range(101)], APART) == {1: 150}


def test_a_lesson_takes_no_more_than_it_needs():
    assert credited({1: 500, 2: 30, 9: 60}, {1: 300, 2: 60, 3: 60}) == {1: 300, 2: 30, 3: 0}


def test_a_check_comes_when_its_gap_is_reached_or_nothing_else_is_lacking():
    assert is_due({1: 90}, 90, {}, {1: 600})
    assert not is_due({1: 89}, 90, {}, {1: 600})
    assert is_due({1: 20}, 90, {1: 580}, {1: 600})
    assert not is_due({1: 20}, 90, {1: 580}, {1: 600, 2: 60})
    assert not is_due({1: 20}, 90, {1: 600}, {1: 600})
    assert not is_due({}, 90, {}, {1: 600})


def test_the_gap_lies_within_its_bounds():
    rhythm = Rhythm()
    assert {rhythm.gap(n) for n in range(1000)} == set(range(90, 241))


@st.composite
def courses_of_events(draw):
    """Beats of up to four tabs in up to three lessons, in the order of the server's clock, with checks at moments of beats."""
    at, rows, checks = 0, [], []
    for _ in range(draw(st.integers(0, 60))):
        at += draw(st.integers(0, 60))
        rows.append(
            Beat(at, draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.booleans() | st.just(True)))
        )
        if draw(st.integers(0, 4)) == 0:
            checks.append(Check(at, draw(st.booleans())))
    return rows, checks


def total(rows, checks):
    return sum(verified(rows, checks).values())


@given(courses_of_events())
def test_hours_never_exceed_the_time_that_passed(events):
    rows, checks = events
    assert total(rows, checks) <= (rows[-1].at - rows[0].at if rows else 0)


@given(courses_of_events(), st.data())
def test_hours_never_shrink_by_what_is_added(events, data):
    rows, checks = events
    n = data.draw(st.integers(0, len(rows)))
    until = rows[n - 1].at if n else -1
    earlier = [check for check in checks if check.at <= until]
    assert total(rows[:n], earlier) <= total(rows, checks)
    answered = [Check(check.at, True) for check in checks]
    assert total(rows, checks) <= total(rows, answered)


@given(courses_of_events())
def test_nothing_is_earned_without_an_answer(events):
    rows, checks = events
    assert total(rows, [Check(check.at, False) for check in checks]) == 0


@given(courses_of_events())
def test_a_copy_of_everything_in_another_tab_adds_nothing(events):
    rows, checks = events
    twice = [one for row in rows for one in (row, Beat(row.at, row.visit + 10, row.lesson, row.is_visible))]
    assert total(twice, checks) == total(rows, checks)
