"""Chapter of messages: yesterday's reminders stand in the inboxes, some read, one confirmed. Nothing left the house: the demo is in test mode."""

from datetime import timedelta

from accounts.models import User
from config.demo import files
from messaging.actions import planning, reading, sending
from messaging.models import Message

READERS = ("王雨晨", "李䶮")  # who opened what asks for nothing
CONFIRMS = "孙晓彤"


def load(today):
    """Plan and send yesterday morning, then let some look."""
    yesterday = today - timedelta(days=1)
    planning.plan(yesterday, now=files.moment(f"{yesterday} 08:00"))
    while sending.arrive(files.moment(f"{yesterday} 08:01")):
        pass
    at = files.moment(f"{yesterday} 12:20")
    plain = Message.objects.exclude(kind__in=reading.asking()).filter(arrived_at__isnull=False)
    for message in plain.filter(recipient__name__in=READERS).order_by("pk"):
        reading.shown([message], now=at)
        reading.read(message, now=at)
    asked = Message.objects.filter(
        kind__in=reading.asking(), recipient__name=CONFIRMS, arrived_at__isnull=False
    )
    for message in asked:
        reading.shown([message], now=at)
        reading.confirm(message, by=User.objects.get(pk=message.recipient_id), now=at + timedelta(minutes=1))
