"""How long a browser may be silent before its person is signed out: by role, the shortest counts."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.scope import grants_of

OFFICER = "officer"  # whoever holds no role


def limit_of(person) -> timedelta:
    """The time for this person."""
    minutes = settings.IDLE_MINUTES
    return timedelta(
        minutes=min((minutes[held.role] for held in grants_of(person)), default=minutes[OFFICER])
    )


def is_idle(person, seen_at) -> bool:
    """Whether a browser was silent for too long; asks for roles only if it would be for somebody."""
    silent = timezone.now() - seen_at
    return silent > timedelta(minutes=min(settings.IDLE_MINUTES.values())) and silent > limit_of(person)
