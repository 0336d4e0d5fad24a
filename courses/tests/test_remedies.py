"""Which lessons help after an exam, by tables of cases: what was missed, what is offered, what is picked and because of what."""

from decimal import Decimal

import pytest

from courses.engine.remedies import MOST, Miss, Offer, Pick, choose


def miss(points, *provisions, topic=1):
    return Miss(Decimal(points), frozenset(provisions), topic)


def offer(revision, minutes, *provisions):
    return Offer(revision, minutes, frozenset(provisions), ("course", revision))


def told(picks):
    """Each pick as (lesson, provision, points, topic)."""
    return [(one.revision, one.provision, str(one.points), one.topic) for one in picks]


CASES = {
    "nothing missed": ([], [offer(1, 5, 10)], {}, []),
    "nothing offered": ([miss(2, 10)], [], {}, []),
    "an offer that cites something else": ([miss(2, 10)], [offer(1, 5, 11)], {}, []),
    "the lesson that cites it": ([miss(2, 10)], [offer(1, 5, 11), offer(2, 9, 10)], {}, [(2, 10, "2", None)]),
    "the shortest of those that cite it": (
        [miss(2, 10)],
        [offer(1, 9, 10), offer(2, 3, 10), offer(3, 5, 10)],
        {},
        [(2, 10, "2", None)],
    ),
    "as long, so as they stand in the course": (
        [miss(2, 10)],
        [offer(2, 3, 10), offer(1, 3, 10)],
        {},
        [(1, 10, "2", None)],
    ),
    "what cost most comes first": (
        [miss(1, 10), miss(3, 11)],
        [offer(1, 5, 10), offer(2, 5, 11)],
        {},
        [(2, 11, "3", None), (1, 10, "1", None)],
    ),
    "losses at one provision add up": (
        [miss(2, 10), miss(3, 11), miss(2, 10)],
        [offer(1, 5, 10), offer(2, 5, 11)],
        {},
        [(1, 10, "4", None), (2, 11, "3", None)],
    ),
    "an item counts for each of its provisions": (
        [miss(2, 10, 11), miss(1, 11)],
        [offer(1, 5, 10), offer(2, 5, 11)],
        {},
        [(2, 11, "3", None), (1, 10, "2", None)],
    ),
    "a lesson that is picked already helps with the next provision as well": (
        [miss(3, 10), miss(2, 11), miss(1, 12)],
        [offer(1, 5, 10, 11), offer(2, 2, 11), offer(3, 5, 12)],
        {},
        [(1, 10, "3", None), (3, 12, "1", None)],
    ),
    "at most three": (
        [miss(9 - n, n) for n in range(5)],
        [offer(n, 5, n) for n in range(5)],
        {},
        [(0, 0, "9", None), (1, 1, "8", None), (2, 2, "7", None)],
    ),
    "what no lesson cites is helped by its topic": (
        [miss(2, 10, topic=7)],
        [offer(1, 5, 11)],
        {7: {10, 11}},
        [(1, 11, "2", 7)],
    ),
    "an item without any provision as well": (
        [miss(2, topic=7)],
        [offer(1, 5, 11)],
        {7: {11}},
        [(1, 11, "2", 7)],
    ),
    "provisions before topics, whatever the topic cost": (
        [miss(1, 10, topic=6), miss(5, topic=7)],
        [offer(1, 5, 11), offer(2, 5, 10)],
        {7: {11}},
        [(2, 10, "1", None), (1, 11, "5", 7)],
    ),
    "the topic of what was helped gets nothing more": (
        [miss(2, 10, topic=7)],
        [offer(1, 5, 10), offer(2, 1, 11)],
        {7: {11}},
        [(1, 10, "2", None)],
    ),
    "half a point is lost as well": ([miss("0.5", 10)], [offer(1, 5, 10)], {}, [(1, 10, "0.5", None)]),
}


@pytest.mark.parametrize(("misses", "offers", "of_topic", "expected"), CASES.values(), ids=CASES)
def test_what_is_picked(misses, offers, of_topic, expected):
    picks = choose(misses, offers, of_topic)
    assert told(picks) == expected
    assert [one.rank for one in picks] == list(range(1, len(picks) + 1))


def test_the_order_in_which_things_come_in_changes_nothing():
    misses = [miss(2, n % 4, topic=n) for n in range(9)]
    offers = [offer(n, 5, n % 4) for n in range(8)]
    one = choose(misses, offers, {})
    assert one == choose(misses[::-1], offers[::-1], {})
    assert len(one) == MOST
    assert isinstance(one[0], Pick)
