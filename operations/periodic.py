"""Periodic jobs: a table of the settings, ticked by every worker; each turn is enqueued once however many workers tick."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import get_date_max

from operations.models import PeriodicJob
from operations.queries import put_off, unfinished

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def turn_of(every, now):
    """The moment of the turn in which we are: whole multiples of `every` seconds since 1970."""
    return datetime.fromtimestamp(int(now.timestamp()) // every * every, UTC)


def tick(known, *, now=None):
    """Enqueue the turn of every job whose time has come; `known` keeps what this process has already seen to."""
    now = now or timezone.now()
    for name, every, path in settings.PERIODIC_JOBS:
        turn = turn_of(every, now)
        if known.get(name, LONG_AGO) < turn:
            take(name, turn, path)
            known[name] = turn


@transaction.atomic
def take(name, turn, path):
    """Enqueue one turn unless another worker has taken it; gives whether it was taken here.

    A turn is left out while the one before is due or runs: jobs sweep, so the next turn finds what this one left. One that failed
    and waits for its next try is this turn: it comes now, so that one bad case slows nobody and no two of them gather.
    """
    PeriodicJob.objects.get_or_create(name=name, defaults={"last_at": LONG_AGO})
    if not PeriodicJob.objects.filter(name=name, last_at__lt=turn).update(last_at=turn):
        return False
    task = import_string(path)
    if put_off(task.module_path, timezone.now()).update(run_after=get_date_max()):
        return True
    if unfinished(task.module_path).exists():
        return False
    task.enqueue()
    return True
