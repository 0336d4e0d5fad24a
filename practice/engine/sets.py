"""Which items make up a set: the daily ten, a topic, what is due, a mock exam. The same seed gives the same set."""

from collections import defaultdict
from dataclasses import dataclass

from exams.engine.chance import rank

DAILY = 10
SET = 20


@dataclass(frozen=True)
class Offered:
    """An item that somebody may practise."""

    item: int
    revision: int
    topic: int
    type: str


def _rank(pool, seed):
    known = {one.item: one for one in pool}
    return [known[item] for item in rank(known, seed)]


def daily(pool, last, seed, count=DAILY):
    """What was never answered first, then what was answered longest ago; `last` knows only days before this one."""
    ranked = _rank(pool, seed)
    fresh = [one for one in ranked if one.item not in last]
    return (fresh + sorted((one for one in ranked if one.item in last), key=lambda one: last[one.item]))[
        :count
    ]


def of_topic(pool, topic, last, count=SET):
    """The items of a topic: never answered first in their order, then those answered longest ago."""
    mine = [one for one in pool if one.topic == topic]
    fresh = [one for one in mine if one.item not in last]
    return (fresh + sorted((one for one in mine if one.item in last), key=lambda one: last[one.item]))[:count]


def of_items(pool, items, count=SET):
    """These items in this order, as far as they are offered."""
    known = {one.item: one for one in pool}
    return [known[item] for item in items if item in known][:count]


def mock(pool, wanted, count, seed):
    """So many items, by type in the proportions that are wanted, or of all alike where none are; in the order of the types."""
    by_type = defaultdict(list)
    for one in _rank(pool, seed):
        by_type[one.type].append(one)
    if not wanted:
        return [one for members in _by_kind(_rank(pool, seed)[:count]).values() for one in members]
    shares = scaled(wanted, {kind: len(members) for kind, members in by_type.items()}, count)
    return [one for kind, n in shares.items() for one in by_type[kind][:n]]


def _by_kind(drawn):
    kinds = defaultdict(list)
    for one in drawn:
        kinds[one.type].append(one)
    return kinds


def scaled(wanted, there, count):
    """How many of each type: the wanted proportions by largest remainders, never more than there are."""
    given = dict.fromkeys(wanted, 0)
    left = min(count, sum(there.get(kind, 0) for kind in wanted))
    while left > 0:
        open_ = {kind: n for kind, n in wanted.items() if n > 0 and given[kind] < there.get(kind, 0)}
        whole = sum(open_.values())
        if not whole:
            break
        exact = {kind: left * n / whole for kind, n in open_.items()}
        before = left
        for kind, share in exact.items():
            more = min(int(share), there[kind] - given[kind])
            given[kind] += more
            left -= more
        for kind in sorted(open_, key=lambda one: (int(exact[one]) - exact[one], one)):
            if left and given[kind] < there[kind]:
                given[kind] += 1
                left -= 1
        if left == before:
            break
    return {kind: n for kind, n in given.items() if n}
