"""Who says what is due: each floor adds, for a kind of its own, a teller that takes a day and gives reminders piece by piece."""

from itertools import islice
from typing import NamedTuple

from messaging import kinds

TELLERS = {}
PAGE = 2000


class Reminder(NamedTuple):
    """What one person is to be told. (kind, subject, recipient, occasion) exists once, whoever plans and how often."""

    recipient: int  # the person's key
    subject: str  # what it is about, as `enrolment:17`
    occasion: str  # when or why again, as `3:2026-12-01`
    facts: dict  # what the words say; plain values of JSON


def add(kind, teller):
    """Let a kind be planned every day."""
    kinds.register(kind)
    TELLERS[kind.code] = teller


def pieces(reminders, size=PAGE):
    """An endless row in lists of so many."""
    reminders = iter(reminders)
    while some := list(islice(reminders, size)):
        yield some


def paged(rows, size=PAGE):
    """The rows of a queryset by their keys, page after page: nothing stays open on the database while others are written."""
    last, rows = 0, rows.order_by("pk")
    while some := list(rows.filter(pk__gt=last)[:size]):
        yield from some
        last = some[-1].pk
