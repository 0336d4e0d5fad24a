"""Planning: what is due becomes rows. A worker may die anywhere; whoever comes next goes on, and each reminder stays one row."""

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.log import record
from messaging import bulk, kinds, sources
from messaging.engine import quiet
from messaging.models import Batch, LedgerLine, Message, What
from operations import statistics

CHUNK = 2000
COLUMNS = {"recipient": bulk.KEY, "subject": bulk.TEXT, "occasion": bulk.TEXT, "facts": bulk.JSON}
log = logging.getLogger("messaging")


class Unplanned(Exception):
    """Some kinds could not be planned; the others were, and the task is tried again."""


def out_of_quiet(at):
    """The moment itself, or the end of the quiet hours in which it lies."""
    return quiet.ends(timezone.localtime(at), quiet.parse(settings.QUIET_HOURS))


def plan(on, *, now=None, only=""):
    """Plan every kind for a day; gives how many messages are new by kind. What is finished for the day is not asked again."""
    done, broken = {}, []
    for code in sources.TELLERS:
        if only and code != only:
            continue
        try:
            done[code] = plan_kind(kinds.KINDS[code], on, now=now or timezone.now())
        except Exception:  # one teller that fails must not silence the others
            log.exception("kind %s could not be planned", code)
            broken.append(code)
    if broken:
        raise Unplanned(", ".join(broken))
    return done


def plan_kind(kind, on, *, now):
    """Plan one kind for one day, chunk by chunk, each in a transaction of its own; gives how many messages are new."""
    begun = {"begun_at": now, "due_at": out_of_quiet(now)}
    batch, _is_new = Batch.objects.get_or_create(kind=kind.code, day=on, defaults=begun)
    if batch.finished_at:
        return 0
    new = 0
    for some in sources.pieces(sources.TELLERS[kind.code](on), CHUNK):
        new += _write(batch, some, now)
    _finish(batch)
    return new


@transaction.atomic
def _write(batch, reminders, now):
    """Messages that there are not yet, each with the first line of its ledger: both or neither."""
    due = max(batch.due_at, out_of_quiet(now))
    same = {
        "kind": batch.kind,
        "batch": batch.pk,
        "planned_at": now,
        "due_at": due,
        "next_at": due,
        "last_at": now,
    }
    keys = bulk.insert(
        Message, COLUMNS, reminders, leave_known=True, **same,
        last=What.PLANNED, lines=1, channel="", tries=0, said="",
    )  # fmt: skip
    first = {"number": 1, "what": What.PLANNED, "at": now, "channel": "", "note": ""}
    bulk.insert(LedgerLine, {"message": bulk.KEY}, [[key] for key in keys], **first)
    return len(keys)


@transaction.atomic
def _finish(batch):
    """Say that all is planned, once, whoever is first."""
    planned = batch.messages.count()
    if Batch.objects.filter(pk=batch.pk, finished_at=None).update(
        finished_at=timezone.now(), planned=planned
    ):
        if planned:
            record("messages.planned", batch, by=None, count=planned)
        statistics.learn([Message, LedgerLine], planned)
