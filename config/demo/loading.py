"""The one act: an empty database becomes a city."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from config.demo import (
    checks,
    classes,
    courses,
    duplicates,
    exams,
    messages,
    people,
    plans,
    practice,
    sittings,
)

CHAPTERS = (people, exams, practice, sittings, courses, classes, plans, duplicates, checks, messages)


@transaction.atomic
def load() -> bool:
    """Load everything, or nothing where somebody is already known; tell which.

    All chapters share one transaction: a start that is interrupted leaves an empty database, and the next one begins anew.
    """
    if User.objects.exists():
        return False
    today = timezone.localdate()
    for chapter in CHAPTERS:
        chapter.load(today)
    return True
