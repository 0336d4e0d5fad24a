"""Builders of what the stories of messages need: a message that arrived, channels that do as they are told."""

from datetime import date, timedelta
from itertools import count

from django.utils import timezone

from messaging import kinds, sources
from messaging.actions import planning, sending
from messaging.models import Message
from messaging.sources import Reminder

PLAIN = "learning.digest"  # of this kind nobody asks whether it is still true
days = count()


def planned(*people, kind=PLAIN, subject="unit:0", occasion="story", now=None, **facts):
    """Messages to some people, planned by a teller that is there for this moment only, on a day of its own."""
    told = kinds.KINDS[kind].example | facts
    kept, sources.TELLERS[kind] = (
        sources.TELLERS[kind],
        lambda on: [Reminder(one.pk, subject, occasion, told) for one in people],
    )
    try:
        day = date(2030, 1, 1) + timedelta(days=next(days))
        planning.plan_kind(kinds.KINDS[kind], day, now=now or timezone.now())
    finally:
        sources.TELLERS[kind] = kept
    return Message.objects.filter(kind=kind, subject=subject, occasion=occasion).order_by("pk")


def told(person, **more):
    """A message that stands in somebody's inbox."""
    found = planned(person, **more).get(recipient=person)
    sending.arrive(found.next_at)
    found.refresh_from_db()
    return found


def lines(message):
    """What its ledger says: [(what, by what)]."""
    return list(message.ledger.order_by("number").values_list("what", "channel"))
