"""What somebody may practise and what she has said so far: two queries, whatever came together over the years."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from accounts import scope
from exams.models import Item
from practice.engine import cards, sets
from practice.models import PracticeAnswer


def offered(user, on):
    """The items of practice banks of the units at and above her enterprises, in their categories or in none."""
    door = scope.NOTHING
    for post in scope.posts_of(user):
        door |= scope.offered(post.enterprise, unit="bank__unit", category="bank__category")
    return Item.objects.for_practice(on).filter(door)


def pool_of(user, on):
    """The same as the engine knows them, in the order in which they were entered."""
    rows = offered(user, on).order_by("topic", "pk").values_list("pk", "current", "topic", "type")
    return [sets.Offered(*row) for row in rows]


def said_by(user):
    """All that she ever answered, as the engine folds it."""
    rows = PracticeAnswer.objects.of(user).values_list(
        "revision__item", "device", "number", "said_at", "received_at", "is_right", "confidence", "mode"
    )
    return [cards.Said(*row) for row in rows.order_by()]


@dataclass(frozen=True)
class Standing:
    """Somebody's practice at one moment."""

    pool: list
    given: list  # all answers in their order
    now: datetime
    person: int

    @property
    def today(self):
        """The day on her wall."""
        return timezone.localdate(self.now)

    @cached_property
    def offered(self):
        """The keys of the items that she may practise now."""
        return {one.item for one in self.pool}

    @cached_property
    def book(self):
        """The wrong-answer book, of what is still offered."""
        book = cards.cards(self.given, timezone.get_default_timezone())
        return {item: card for item, card in book.items() if item in self.offered}

    @cached_property
    def due(self):
        """What of it is due."""
        return cards.due(self.book, self.today)

    @cached_property
    def last(self):
        """When each item was last answered."""
        return {one.said.item: one.at for one in self.given}

    @cached_property
    def right(self):
        """Whether each item was answered rightly when it was last answered."""
        return {one.said.item: one.said.is_right for one in self.given}

    @cached_property
    def daily(self):
        """The ten of this day; what she answers today changes nothing of them."""
        before = {one.said.item: one.at for one in self.given if timezone.localdate(one.at) < self.today}
        return sets.daily(self.pool, before, f"{self.person}:{self.today}")

    @cached_property
    def daily_done(self):
        """Which of them were answered today."""
        wanted = {one.item for one in self.daily}
        return {
            one.said.item
            for one in self.given
            if one.said.item in wanted and timezone.localdate(one.at) == self.today
        }

    @property
    def daily_left(self):
        """Those that are still to be answered, in their order."""
        return [one for one in self.daily if one.item not in self.daily_done]


def standing(user, now=None):
    """How somebody stands now; two queries besides those that ask for her posts."""
    now = now or timezone.now()
    pool = pool_of(user, timezone.localdate(now))
    return Standing(pool, cards.in_order(said_by(user)), now, user.pk)


def counts(user, now=None):
    """For first screens: how much of the daily ten is done, and how many wrong answers are due; None where nothing is offered."""
    found = standing(user, now)
    if not found.pool:
        return None
    return {"daily": len(found.daily), "done": len(found.daily_done), "due": len(found.due)}


def due_count(user, now=None):
    """How many cards of the wrong-answer book are due."""
    return len(standing(user, now).due)
