"""The state of what the house stands on: disk, clock, backup, cache, tables."""

import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from operations.models import Backup

GIGABYTE = 1024**3
_applied = []


def disk_free():
    """Free bytes where the state lies."""
    return shutil.disk_usage(settings.VAR_DIR).free


def database_disk():
    """(bytes of the database, free bytes on its disk); free is None where that disk is another machine's."""
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        if not path.exists():  # in memory, as in tests
            return 0, None
        return path.stat().st_size, shutil.disk_usage(path.parent).free
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone()
    return size, _free_at_the_server()


def _free_at_the_server():
    """Only where the server is this machine and tells where its files are."""
    if connection.settings_dict["HOST"] not in ("", "127.0.0.1", "localhost", "::1"):
        return None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            (path,) = cursor.fetchone()
        return shutil.disk_usage(path).free
    except (DatabaseError, OSError):
        return None


def clock_offset():
    """By how many seconds this machine's clock is ahead of the database's; 0 where both are one machine."""
    if connection.vendor != "postgresql":
        return 0.0
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    after = timezone.now()
    # The answer was made somewhere between; within that nothing can be told apart.
    return max((before - there).total_seconds(), 0.0) - max((there - after).total_seconds(), 0.0)


def last_backup():
    """The latest backup, on whichever node it was made; None where there is none."""
    return Backup.objects.order_by("-at").first()


def database_answers():
    """Ask it something."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def is_migrated():
    """Whether the tables are those of this code; once they are, this process need not ask again."""
    if not _applied:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _applied.append(True)
    return True


def cache_answers():
    """Whether the cache gives back what was put in; a value of one's own, since nodes ask at the same time."""
    key, value = f"ready:{uuid4().hex}", uuid4().hex
    cache.set(key, value, 10)
    answers = cache.get(key) == value
    cache.delete(key)
    return answers


def media_is_writable():
    """Whether a picture could be stored now."""
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.MEDIA_ROOT) as file:
        file.write(b"ready")
        file.flush()
    return True


def has_room():
    """Whether the disk has room enough to go on."""
    return disk_free() >= settings.READY_FREE_MEGABYTES * 1024**2


READY = {
    "database": database_answers,
    "migrations": is_migrated,
    "cache": cache_answers,
    "media": media_is_writable,
    "disk": has_room,
}
