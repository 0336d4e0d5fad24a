"""Which short lessons help after an exam. Pure: what was missed and what is offered come in, at most three picks go out.

First the provisions behind what was missed, those that cost most before the others: of the lessons that cite one the shortest. What
no lesson cites is helped by its topic: a lesson that cites a provision on which other items of the topic rest. A provision that a
picked lesson cites anyway gets no lesson of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

MOST = 3


@dataclass(frozen=True)
class Miss:
    """One item at which points were lost: how many, on which provisions it rests, to which topic it belongs."""

    points: Decimal
    provisions: frozenset
    topic: int


@dataclass(frozen=True)
class Offer:
    """One lesson that may be suggested; `place` decides between lessons of the same length."""

    revision: int
    minutes: int
    provisions: frozenset
    place: tuple = ()


@dataclass(frozen=True)
class Pick:
    """One lesson that is suggested, because of a provision; `topic` where it only stands for what was missed there."""

    rank: int
    revision: int
    provision: int
    points: Decimal
    topic: int | None = None


def choose(
    misses: Iterable[Miss], offers: Iterable[Offer], of_topic: Mapping, most: int = MOST
) -> list[Pick]:
    """Give the picks in their order; `of_topic` names the provisions on which the items of each topic rest."""
    misses, offers = list(misses), sorted(offers, key=lambda one: (one.minutes, one.place, one.revision))
    picked, taken = [], {}

    def take(wanted, points, topic=None):
        if len(picked) == most or any(one.provisions & wanted for one in taken.values()):
            return
        best = next((one for one in offers if one.provisions & wanted), None)
        if best is not None:
            taken[best.revision] = best
            cause = min(best.provisions & wanted)
            picked.append(Pick(len(picked) + 1, best.revision, cause, points, topic))

    for provision, points in _dearest((one, miss.points) for miss in misses for one in miss.provisions):
        take(frozenset({provision}), points)
    helped = {one for offer in taken.values() for one in offer.provisions}
    left = (miss for miss in misses if not miss.provisions & helped)
    for topic, points in _dearest((miss.topic, miss.points) for miss in left):
        take(frozenset(of_topic.get(topic, ())), points, topic)
    return picked


def _dearest(costs):
    """What was lost at each, the greatest loss first; what cost the same stands in the order of the keys."""
    lost = defaultdict(Decimal)
    for key, points in costs:
        lost[key] += points
    return sorted(
        ((key, points) for key, points in lost.items() if points > 0), key=lambda one: (-one[1], one[0])
    )
