"""Disposing of messages whose time is over; their ledger, which names nobody, stays."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from accounts.models import Hold
from messaging.models import Message

CHUNK = 5000


def forget(now):
    """Delete old messages but for those to people on whom a hold lies; gives how many."""
    old = Message.objects.filter(
        planned_at__lt=now - timedelta(days=settings.MESSAGES_KEPT_DAYS), next_at=None
    )
    free = old.exclude(Exists(Hold.objects.on(OuterRef("recipient")))).order_by("pk")
    gone = 0
    while keys := list(free.values_list("pk", flat=True)[:CHUNK]):
        gone += Message.objects.filter(pk__in=keys).delete()[0]
    return gone
