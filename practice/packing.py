"""The sets that a page plays and a phone keeps: the daily ten, what is due, a topic, favourites, one item."""

from django.urls import reverse
from django.utils.translation import gettext as _

from practice import presenting
from practice.actions.answering import MOST
from practice.engine import sets
from practice.models import PracticeAnswer
from practice.queries import items as queries

Mode = PracticeAnswer.Mode


def daily(standing, kept):
    """What is left of this day's ten."""
    return _pack(standing, "daily", Mode.DAILY.label, Mode.DAILY, standing.daily_left, kept)


def wrong(standing, kept):
    """What is due of the wrong-answer book."""
    found = sets.of_items(standing.pool, [card.item for card in standing.due])
    return _pack(standing, "wrong", Mode.WRONG.label, Mode.WRONG, found, kept)


def favourites(standing, kept):
    """What she keeps, the newest first."""
    return _pack(
        standing,
        "favourites",
        Mode.FAVOURITES.label,
        Mode.FAVOURITES,
        sets.of_items(standing.pool, kept),
        kept,
    )


def topic(standing, topic_, kept):
    """Some items of a topic, those first that she knows least."""
    found = sets.of_topic(standing.pool, topic_.pk, standing.last)
    return _pack(standing, f"topic-{topic_.pk}", _(topic_.name), Mode.TOPIC, found, kept)


def item(standing, item_, kept):
    """One item."""
    found = sets.of_items(standing.pool, [item_.pk])
    return _pack(standing, f"item-{item_.pk}", _(item_.topic.name), Mode.ITEM, found, kept)


BY_CODE = {"daily": daily, "wrong": wrong, "favourites": favourites}


def _pack(standing, code, name, mode, offered, kept):
    seed = f"{standing.person}:{standing.today}"
    return presenting.pack(code, str(name), mode, offered, seed, kept) | {"on": str(standing.today)}


def config(request, **more):
    """What the page's modules must know."""
    return {
        "person": request.user.pk,
        "most": min(MOST, 100),
        "answers": reverse("practice:answers"),
        "pack": reverse("practice:pack"),
        "home": reverse("practice:home"),
        "worker": reverse("practice:worker"),
        "topic": reverse("practice:topic", args=[0]),
        "favourite": reverse("practice:favourite", args=[0]),
        **more,
    }


def kept_by(user):
    """The keys of the items that she keeps, the newest first."""
    return queries.favourites(user)
