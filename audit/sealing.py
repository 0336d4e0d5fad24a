"""Seals the log in batches by a chain of keyed hashes; whoever acts waits for none of it.

Writing a row takes no lock and reads nothing of the chain: a row is sealed afterwards, by one short insert into a table that acts never
touch. PostgreSQL gives a row its key before the commit, so a row with a smaller key may turn up later. Therefore a pass first notes
(`look`) the highest key it sees and which transactions hold the lock that every writer of the table holds until its end, in a mode in
which no writer waits for another. What was given a key up to there belongs to one of these transactions or is decided already; once the
last of them is over (`is_settled`) nothing can appear below, and the rows are sealed. A snapshot's numbers would not do: a key may be drawn a
moment before its transaction has a number. SQLite has one writer at a time, so there is nobody to wait for.
"""

from itertools import islice
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from audit.models import AuditEvent, AuditSeal
from audit.spelling import Sum, rows

ROWS = 1_000  # under one seal
WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted
AND pid IS DISTINCT FROM pg_backend_pid()
"""


class Look(NamedTuple):
    """The highest key that was seen, and who was writing just after."""

    last_id: int
    writers: frozenset


def look():
    """Look how far the log reaches; the writers are asked for afterwards, for whoever has ended between the two is read by then."""
    last_id = AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0
    return Look(last_id, _writers())


def is_settled(seen):
    """Whether no row can appear any more up to the highest key of that look."""
    return not seen.writers or not seen.writers & _writers()


def _writers():
    if connection.vendor != "postgresql":
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(WRITERS, [AuditEvent._meta.db_table])
        return frozenset(name for (name,) in cursor)


def newest():
    """The newest seal without its marks, or None."""
    return AuditSeal.objects.defer("marks").order_by("-number").first()


def seal_next(before, *, up_to):
    """Seal the next rows up to a key that is settled; None where there are none or another process was quicker."""
    made = Sum()
    for row in islice(rows(before.last_id if before else None, ROWS), ROWS):
        if row[0] > up_to:
            break
        made.add(row)
    if not made.count:
        return None
    told = {
        "number": before.number + 1 if before else 1,
        "at": timezone.now(),
        "last_id": made.last_id,
        "count": made.count,
        "marks": bytes(made.marks),
    }
    digest = made.digest(before=before.digest if before else "", **(told | {"at": told["at"].isoformat()}))
    seal = AuditSeal(digest=digest, **told)
    try:
        with transaction.atomic():
            seal.save(force_insert=True)
    except IntegrityError:
        return None
    return seal


def waiting_since():
    """When the oldest row was written that no seal covers; None where every row is sealed."""
    seal = newest()
    left = AuditEvent.objects.filter(pk__gt=seal.last_id if seal else 0)
    return left.order_by("pk").values_list("at", flat=True).first()
