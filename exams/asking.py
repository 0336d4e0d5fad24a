"""What the sitting's pages read from a request and tell about time."""

from django.utils import timezone


def whole(text, otherwise):
    """A small whole number out of an address or a form, whatever was typed."""
    return int(text) if text and text.isdecimal() and len(text) < 6 else otherwise


def time_of(deadline, paused_at=None):
    """What the countdown needs: the server's clock, which stands while paused, and the deadline, in milliseconds since the epoch."""
    now = paused_at or timezone.now()
    return {"now": int(now.timestamp() * 1000), "deadline": int(deadline.timestamp() * 1000)}
