"""Builders of what the stories of practice need: a practice bank, answers as a phone sends them, days that went by."""

import json
from datetime import timedelta

from django.utils import timezone

from exams.models import Item, ItemBank
from practice.actions import answering
from tests import build

PHONE, TABLET = "phone-" + "a" * 16, "phone-" + "b" * 16


def practice_bank(cast, code="practice", each=0, **counts):
    """A bank of the city whose items are for practice."""
    bank = build.make_bank(cast, code, each=each, **counts)
    ItemBank.objects.filter(pk=bank.pk).update(is_practice=True)
    bank.refresh_from_db()
    return bank


def items(bank):
    """Its items in the order in which they were entered."""
    return list(Item.objects.filter(bank=bank).select_related("current").order_by("pk"))


def right(item):
    """What is right for an item."""
    return build.right(item.type, item.current.body, item.current.key)


def told(number, item, *, is_right=True, at=None, **more):
    """One answer as the page's module sends it; of a statement also a wrong one."""
    payload = right(item) if is_right else {"value": not item.current.key["value"]}
    at = at or timezone.now()
    return {
        "number": number,
        "revision": item.current_id,
        "payload": payload,
        "said_at": int(at.timestamp() * 1000),
        "confidence": 0,
        "mode": "topic",
    } | more


def send(client, user, device, answers):
    """What the server says to a sending."""
    body = json.dumps({"person": user.pk, "device": device, "answers": answers})
    return client.post("/practice/answers/", body, content_type="application/json")


def said(user, item, is_right, *, days_ago=0, number, device=PHONE, **more):
    """An answer that was given and received so many days ago."""
    at = timezone.now() - timedelta(days=days_ago)
    entry = answering.Entry(**told(number, item, is_right=is_right, at=at, **more))
    done = answering.take(user, device, [entry], now=at)
    assert not done.refused
    return done
