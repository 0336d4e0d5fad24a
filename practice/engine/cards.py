"""The wrong-answer book: what is due when, folded from all answers by FSRS; nothing of it is stored.

An item comes into the book with its first wrong answer. From then on every answer to it, in whatever mode and on whatever
device, is a review. Days are days: a card never comes back on the day on which it was answered.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from fsrs import Card as Memory
from fsrs import Rating, Scheduler, State

LONGEST_AWAY = timedelta(
    days=120
)  # nobody's phone waits longer for a network; what it says of before is its clock
LEARNT_AFTER = 21  # days that a memory lasts before we call the item learnt
LONGEST_INTERVAL = 180
# No steps of minutes and no chance: the same answers give the same day, whoever folds them.
SCHEDULER = Scheduler(
    learning_steps=(), relearning_steps=(), maximum_interval=LONGEST_INTERVAL, enable_fuzzing=False
)
RATINGS = {
    0: Rating.Good,
    1: Rating.Hard,
    2: Rating.Good,
    3: Rating.Easy,
}  # of a right answer, by how sure she was


@dataclass(frozen=True)
class Said:
    """One answer as it came in."""

    item: int
    device: str
    number: int
    said_at: datetime
    received_at: datetime
    is_right: bool
    confidence: int = 0
    mode: str = ""


@dataclass(frozen=True)
class Given:
    """The same, at the time that counts."""

    at: datetime
    said: Said


@dataclass(frozen=True)
class Card:
    """One item of the book."""

    item: int
    due_on: date
    days: float  # that the memory is held to last
    answers: int
    wrong: int
    last_at: datetime
    was_right: bool

    @property
    def is_learnt(self):
        """Whether it is known so well that it comes back rarely."""
        return self.was_right and self.days >= LEARNT_AFTER


def in_order(rows):
    """All answers with the time that counts, in one order that does not hang on when they arrived.

    On one device the numbers are the order, whatever its clock did: the time never runs backwards, is never later than the
    receipt, and never earlier than a phone may have been away.
    """
    given, device, floor = [], None, None
    for said in sorted(rows, key=lambda one: (one.device, one.number)):
        if said.device != device:
            device, floor = said.device, None
        at = max(min(said.said_at, said.received_at), said.received_at - LONGEST_AWAY)
        floor = at if floor is None else max(floor, at)
        given.append(Given(floor, said))
    return sorted(given, key=lambda one: (one.at, one.said.device, one.said.number))


def cards(given, zone: tzinfo):
    """The book: {item: Card} of the items that were ever answered wrongly; `given` comes from `in_order`."""
    by_item = defaultdict(list)
    for one in given:
        if by_item[one.said.item] or not one.said.is_right:
            by_item[one.said.item].append(one)
    return {item: _card(item, answers, zone) for item, answers in by_item.items() if answers}


def _card(item, answers, zone):
    first = answers[0].at.astimezone(UTC)
    memory = Memory(card_id=item, state=State.Learning, due=first)
    for one in answers:
        rating = RATINGS[one.said.confidence] if one.said.is_right else Rating.Again
        memory, _log = SCHEDULER.review_card(memory, rating, one.at.astimezone(UTC))
    last = answers[-1]
    interval = max(1, (memory.due - memory.last_review).days)
    return Card(
        item=item,
        due_on=last.at.astimezone(zone).date() + timedelta(days=interval),
        days=memory.stability,
        answers=len(answers),
        wrong=sum(not one.said.is_right for one in answers),
        last_at=last.at,
        was_right=last.said.is_right,
    )


def due(book, on: date):
    """The cards that are due, those that waited longest first."""
    waiting = [card for card in book.values() if card.due_on <= on]
    return sorted(waiting, key=lambda card: (card.due_on, card.last_at, card.item))
