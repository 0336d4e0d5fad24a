"""Backups: one tar with the database, the media and a manifest of digests. The way back is operations/restoring.py.

The keys of personal data are never in it: beside the database they would make its encryption worth nothing. The manifest keeps
their fingerprints, so that a restore says at once when they are not the ones of that day.
"""

import hashlib
import json
import logging
import os
import shutil
import socket
import sqlite3
import subprocess
import tarfile
import tempfile
import time
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.transitions import Refused
from operations.models import Backup

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
NAME = "zhikao-%Y%m%dT%H%M%SZ.tar"
STAGED = ".restore-"  # how the folders begin in which a restore unpacks
LEFTOVERS = (".dump-*", ".zhikao-*.tar.*", f"{STAGED}*")
DAY = 24 * 3600
log = logging.getLogger("operations")


def make(folder, *, keep=0):
    """Write a backup into a folder while the house goes on working, and note it in the database; gives what was noted."""
    began, at = time.monotonic(), timezone.now()
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder, settings.VAR_DIR, settings.MEDIA_ROOT)
    path = folder / at.strftime(NAME)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".dump-") as scratch:
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            _write(draft, Path(scratch), at)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    told = {
        "at": at,
        "node": socket.gethostname(),
        "path": str(path),
        "bytes": path.stat().st_size,
        "seconds": round(time.monotonic() - began, 2),
    }
    _note(told)
    for old in sorted(folder.glob("zhikao-*T*Z.tar"))[:-keep] if keep else ():
        old.unlink()
    return told


def _note(told):
    """For the operator's page and its alarm, on every node. A backup that cannot be noted is a backup all the same."""
    try:
        with transaction.atomic():
            Backup.objects.create(**told)
    except DatabaseError as problem:
        log.warning("the backup is made but could not be noted: %s", problem)


def sweep(*folders):
    """Delete what runs that were killed have left behind, a day later."""
    for folder in map(Path, folders):
        for path in (found for pattern in LEFTOVERS for found in folder.glob(pattern)):
            if path.lstat().st_mtime < time.time() - DAY:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _write(draft, scratch, at):
    dump = scratch / DATABASE[connection.vendor]
    applied = sorted(map(list, MigrationRecorder(connection).applied_migrations()))
    (_dump_sqlite if connection.vendor == "sqlite" else _dump_postgresql)(dump)
    members = {}
    with tarfile.open(draft, "w", format=tarfile.PAX_FORMAT) as tar:
        members[dump.name] = _add(tar, dump, dump.name)
        left_out = 0
        for name, file in media():  # after the database: whatever a row names is there by now
            try:
                members[name] = _add(tar, file, name)
            except FileNotFoundError:  # deleted since it was listed
                left_out += 1
        if left_out:
            log.warning("%s media vanished while the backup was made and are not in it", left_out)
        manifest = {
            "format": FORMAT,
            "made_at": at.isoformat(),
            "database": connection.vendor,
            "migrations": applied,
            "keys": fingerprints(),
            "members": members,
            "left_out": left_out,
        }
        kept = scratch / MANIFEST
        kept.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
        tar.add(kept, MANIFEST)
    with draft.open("rb") as file:
        os.fsync(file.fileno())


def media():
    """What belongs into a backup beside the database: (name in the tar, file); a restore that was killed has left things that do not."""
    root = Path(settings.MEDIA_ROOT)
    for file in sorted(root.rglob("*")):
        inner = file.relative_to(root)
        if file.is_file() and not file.is_symlink() and not inner.parts[0].startswith(STAGED):
            yield f"media/{inner.as_posix()}", file


def _add(tar, path, name):
    """Add a file; its size and digest are those of the bytes that went in."""
    with path.open("rb") as file:
        info = tar.gettarinfo(arcname=name, fileobj=file)
        reading = _Reading(file)
        tar.addfile(info, reading)
    return {"bytes": info.size, "sha256": reading.digest.hexdigest()}


class _Reading:
    """A file that digests what is read of it."""

    def __init__(self, file):
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size=-1):
        part = self.file.read(size)
        self.digest.update(part)
        return part


def _dump_sqlite(path):
    """SQLite's own online copy: one consistent state, and in WAL mode nobody who writes waits for it."""
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)


def _dump_postgresql(path):
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")


def _run(name, *arguments):
    """One of PostgreSQL's programs on this database; the password goes by the environment, never by the arguments."""
    (_psql, *where, database), env = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    done = subprocess.run(
        [program(name), *where, f"--dbname={database}", "--no-password", *arguments],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(
            _("%(program)s 未能完成：%(why)s") % {"program": name, "why": done.stderr.strip()[-500:]}
        )


def program(name):
    """The path of one of PostgreSQL's programs."""
    if path := shutil.which(name):
        return path
    raise Refused(
        _("找不到 %(program)s，没有改动任何东西。请安装 PostgreSQL 客户端（postgresql-client）后再试。")
        % {"program": name}
    )


def fingerprints():
    """By key id the beginning of each key's digest: tells keys apart, tells nothing of them."""
    return {key: hashlib.sha256(text.encode()).hexdigest()[:16] for key, text in settings.FIELD_KEYS.items()}
