"""The wrong-answer book as a fold: what comes in, when it is due, and that it does not hang on clocks or on arrival."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from practice.engine import calibration, cards, sets

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # noon of 2 March on the wall
DAY = timedelta(days=1)


def said(item, is_right, after=0, *, device="a", number=1, confidence=0, late=0):
    at = NOON + after * DAY
    return cards.Said(item, device, number, at, at + late * DAY, is_right, confidence)


def book(*rows):
    return cards.cards(cards.in_order(rows), SHANGHAI)


def test_only_what_was_wrong_once_comes_into_the_book():
    assert set(book(said(1, True), said(2, False, number=2), said(3, True, number=3))) == {2}


def test_a_wrong_answer_comes_back_on_the_next_day():
    card = book(said(1, False))[1]
    assert (card.due_on, card.answers, card.wrong, card.was_right) == (date(2026, 3, 3), 1, 1, False)


def test_late_in_the_evening_the_day_is_that_of_the_wall():
    late = cards.Said(
        1, "a", 1, datetime(2026, 3, 2, 15, 59, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC), False
    )
    assert book(late)[1].due_on == date(2026, 3, 3)
    past = cards.Said(
        1, "a", 1, datetime(2026, 3, 2, 16, 1, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC), False
    )
    assert book(past)[1].due_on == date(2026, 3, 4)


def test_the_steadier_she_is_the_longer_it_stays_away():
    rows, waits, day = [said(1, False)], [], 1
    for number in range(2, 8):
        rows.append(said(1, True, day, number=number))
        card = book(*rows)[1]
        waits.append((card.due_on - date(2026, 3, 2)).days - day)
        day = (card.due_on - date(2026, 3, 2)).days
    assert waits == sorted(waits) and waits[0] >= 1 and waits[-1] > 10
    assert card.is_learnt
    assert book(*rows, said(1, False, day, number=8))[1].is_learnt is False


def test_who_was_sure_waits_longer_than_who_guessed():
    waits = [book(said(1, False), said(1, True, 3, number=2, confidence=c))[1].due_on for c in (1, 2, 3)]
    assert waits[0] < waits[1] < waits[2]
    assert (
        book(said(1, False), said(1, True, 3, number=2))[1].due_on == waits[1]
    )  # unmarked is as good as fairly


@pytest.mark.parametrize(
    ("moments", "counts"),
    [
        # (what the clock said, when it was received) in days → the day that counts
        ([(0, 2)], [0]),
        ([(9, 2)], [2]),  # a clock ahead of time
        ([(-900, 2)], [2 - 120]),  # a clock of years ago
        ([(1, 5), (0, 5), (2, 5)], [1, 1, 2]),  # a clock that was put back between two answers
    ],
)
def test_the_clock_of_a_phone_is_held_within_bounds_and_never_runs_back(moments, counts):
    rows = [
        cards.Said(1, "a", number, NOON + clock * DAY, NOON + received * DAY, False)
        for number, (clock, received) in enumerate(moments, start=1)
    ]
    assert [one.at for one in cards.in_order(rows)] == [NOON + day * DAY for day in counts]


@settings(max_examples=60, deadline=None)
@drawn(st.data())
def test_the_book_is_the_same_in_whatever_order_the_answers_arrive(data):
    rows = [
        cards.Said(
            data.draw(st.integers(1, 4)), device, number, NOON + data.draw(st.integers(-3, 30)) * DAY,
            NOON + data.draw(st.integers(0, 40)) * DAY, data.draw(st.booleans()), data.draw(st.integers(0, 3)),
        )
        for device in "ab"
        for number in range(1, data.draw(st.integers(1, 8)))
    ]  # fmt: skip
    shuffled = data.draw(st.permutations(rows))
    assert book(*shuffled) == book(*rows)
    for device in "ab":
        mine = [one.said.number for one in cards.in_order(shuffled) if one.said.device == device]
        assert mine == sorted(mine)


def test_what_waited_longest_is_asked_first():
    found = book(said(1, False, 0), said(2, False, -5, number=2, device="b"), said(3, False, 4, device="c"))
    assert [card.item for card in cards.due(found, date(2026, 3, 4))] == [2, 1]


# --- sets ---------------------------------------------------------------------------------------------------------------


def pool(count, kinds=("single",)):
    return [sets.Offered(n, 100 + n, n % 3, kinds[n % len(kinds)]) for n in range(1, count + 1)]


def test_the_daily_ten_are_the_same_all_day_and_new_ones_come_first():
    everything = pool(30)
    first = sets.daily(everything, {}, "7:2026-03-02")
    assert len(first) == 10 and first == sets.daily(everything[::-1], {}, "7:2026-03-02")
    assert first != sets.daily(everything, {}, "7:2026-03-03")
    seen = {one.item: NOON - n * DAY for n, one in enumerate(everything[:25])}
    fresh = sets.daily(everything, seen, "7:2026-03-03")
    assert {one.item for one in fresh[:5]} == set(range(26, 31))
    assert [one.item for one in fresh[5:]] == [25, 24, 23, 22, 21]  # longest ago


@pytest.mark.parametrize(
    ("wanted", "there", "count", "given"),
    [
        ({"single": 20, "multiple": 10, "truefalse": 20}, {"single": 99, "multiple": 99, "truefalse": 99}, 10, {"single": 4, "multiple": 2, "truefalse": 4}),
        ({"single": 1, "multiple": 1, "truefalse": 1}, {"single": 9, "multiple": 9, "truefalse": 9}, 10, {"single": 3, "multiple": 4, "truefalse": 3}),
        ({"single": 10, "case": 10}, {"single": 9, "case": 1}, 10, {"single": 9, "case": 1}),
        ({"single": 10}, {"single": 3}, 10, {"single": 3}),
        ({"case": 10}, {"single": 3}, 10, {}),
    ],
)  # fmt: skip
def test_a_mock_keeps_the_proportions_as_far_as_there_are_items(wanted, there, count, given):
    assert sets.scaled(wanted, there, count) == given


def test_a_mock_of_everything_takes_as_many_as_were_asked_for():
    drawn_ = sets.mock(pool(30, ("single", "truefalse")), {}, 10, "seed")
    assert len({one.item for one in drawn_}) == 10
    kinds = [one.type for one in drawn_]
    assert sum(a != b for a, b in pairwise(kinds)) <= 1  # one type after the other


# --- calibration --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "answers", "verdict"),
    [(10, 20, "over"), (19, 20, "fits"), (17, 20, "fits"), (9, 9, ""), (16, 20, "over")],
)
def test_who_is_often_wrong_though_sure_is_told_so(right, answers, verdict):
    marked = [(3, n < right) for n in range(answers)] + [(0, True)] * 50
    level = calibration.levels(marked)[2]
    assert (level.answers, level.right, level.verdict) == (answers, right, verdict)


def test_an_interval_holds_its_share_and_narrows():
    few, many = calibration.interval(8, 10), calibration.interval(80, 100)
    assert few[0] < many[0] < 80 < many[1] < few[1]
    assert calibration.interval(0, 0) == (0.0, 100.0)
