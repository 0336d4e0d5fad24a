"""Days on the clock on the wall."""

from datetime import date, datetime, time

from django.utils import timezone


def midnight(day: date) -> datetime:
    """The first moment of a day."""
    return timezone.make_aware(datetime.combine(day, time.min))
