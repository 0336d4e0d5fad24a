"""Backups: one tar with the database, the media and a manifest of digests; and the way back into an empty house.

The keys of personal data are never in it: beside the database they would make its encryption worth nothing. The manifest keeps
their fingerprints, so that a restore says at once when they are not the ones of that day.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import time
from contextlib import closing
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.transitions import Refused

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
NAME = "zhikao-%Y%m%dT%H%M%SZ.tar"
ROOM = 1 << 20  # bytes read at a time


def make(folder, *, keep=0):
    """Write a backup into a folder while the house goes on working; gives what `last.json` keeps: at, path, bytes, seconds."""
    began, at = time.monotonic(), timezone.now()
    folder.mkdir(parents=True, exist_ok=True)
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
        "at": at.isoformat(),
        "path": str(path),
        "bytes": path.stat().st_size,
        "seconds": round(time.monotonic() - began, 2),
    }
    _remember(told)
    for old in sorted(folder.glob("zhikao-*T*Z.tar"))[:-keep] if keep else ():
        old.unlink()
    return told


def _write(draft, scratch, at):
    dump = scratch / DATABASE[connection.vendor]
    applied = sorted(map(list, MigrationRecorder(connection).applied_migrations()))
    (_dump_sqlite if connection.vendor == "sqlite" else _dump_postgresql)(dump)
    members = {}
    with tarfile.open(draft, "w", format=tarfile.PAX_FORMAT) as tar:
        members[dump.name] = _add(tar, dump, dump.name)
        media = Path(settings.MEDIA_ROOT)  # after the database: whatever a row names is there by now
        for file in sorted(path for path in media.rglob("*") if path.is_file() and not path.is_symlink()):
            name = f"media/{file.relative_to(media).as_posix()}"
            members[name] = _add(tar, file, name)
        manifest = {
            "format": FORMAT,
            "made_at": at.isoformat(),
            "database": connection.vendor,
            "migrations": applied,
            "keys": fingerprints(),
            "members": members,
        }
        kept = scratch / MANIFEST
        kept.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
        tar.add(kept, MANIFEST)
    with draft.open("rb") as file:
        os.fsync(file.fileno())


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


def _run(program, *arguments):
    """One of PostgreSQL's programs on this database; the password goes by the environment, never by the arguments."""
    if not shutil.which(program):
        raise Refused(
            _("找不到 %(program)s，没有改动任何东西。请安装 PostgreSQL 客户端（postgresql-client）后再试。")
            % {"program": program}
        )
    (_psql, *where, name), env = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    done = subprocess.run(
        [program, *where, f"--dbname={name}", "--no-password", *arguments],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(
            _("%(program)s 未能完成：%(why)s") % {"program": program, "why": done.stderr.strip()[-500:]}
        )


def _remember(told):
    """For the operator's page and its alarm; wherever the backup itself lies."""
    kept = settings.VAR_DIR / "backups" / "last.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_name(f".last.{os.getpid()}")
    draft.write_text(json.dumps(told), "utf-8")
    draft.replace(kept)


def fingerprints():
    """By key id the beginning of each key's digest: tells keys apart, tells nothing of them."""
    return {key: hashlib.sha256(text.encode()).hexdigest()[:16] for key, text in settings.FIELD_KEYS.items()}


def restore(path):
    """Bring a backup back into an empty house; gives its manifest. Everything is checked before anything is written."""
    try:
        with tarfile.open(path, "r:") as tar:
            manifest = _checked(tar)
            _fits(manifest)
            if not is_empty():
                raise Refused(
                    _("目标系统里已有数据，没有改动任何东西。请用空数据库和空的 VAR_DIR/media 恢复。")
                )
            with tempfile.TemporaryDirectory(dir=settings.VAR_DIR, prefix=".restore-") as scratch:
                tar.extractall(scratch, filter="data")
                _take(Path(scratch))
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Refused(
            _("无法读取这份备份（%(why)s）。请换一份备份再试。") % {"why": str(problem)[:200]}
        ) from problem
    call_command("migrate", interactive=False, verbosity=0)
    return manifest


def _checked(tar):
    """The manifest of a tar whose every member is what it says."""
    members = tar.getmembers()
    names = [member.name for member in members]
    if MANIFEST not in names or len(set(names)) != len(names):
        raise ValueError(_("没有清单，或有重名的文件"))
    manifest = json.loads(tar.extractfile(MANIFEST).read())
    if manifest["format"] != FORMAT:
        raise ValueError(_("清单格式 %(format)s 不认识") % {"format": manifest["format"]})
    told = manifest["members"]
    if set(names) != {*told, MANIFEST} or DATABASE[manifest["database"]] not in told:
        raise ValueError(_("文件与清单不一致"))
    for member in members:
        if member.name == MANIFEST:
            continue
        if not member.isfile() or not (member.name.startswith("media/") or member.name in DATABASE.values()):
            raise ValueError(_("不该有的文件：%(name)s") % {"name": member.name})
        digest = hashlib.sha256()
        with tar.extractfile(member) as file:
            while part := file.read(ROOM):
                digest.update(part)
        if (member.size, digest.hexdigest()) != (told[member.name]["bytes"], told[member.name]["sha256"]):
            raise ValueError(_("%(name)s 与清单的摘要不符") % {"name": member.name})
    return manifest


def _fits(manifest):
    """Refuse what this house cannot bring back."""
    if manifest["database"] != connection.vendor:
        raise Refused(
            _("这是 %(theirs)s 的备份，本系统用 %(ours)s，没有改动任何东西。请设置对应的 DATABASE_URL。")
            % {"theirs": manifest["database"], "ours": connection.vendor}
        )
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    ours = {app.label for app in apps.get_app_configs()}
    newer = [
        f"{app}.{name}" for app, name in manifest["migrations"] if app in ours and (app, name) not in known
    ]
    if newer:
        raise Refused(
            _("备份来自更新的版本（%(names)s），没有改动任何东西。请先更新程序。")
            % {"names": "、".join(newer[:3])}
        )
    if missing := [key for key, print_ in manifest["keys"].items() if fingerprints().get(key) != print_]:
        raise Refused(
            _(
                "密钥 %(keys)s 不是备份当时的密钥，没有改动任何东西。请先把当时的 field_keys.json（或 FIELD_KEYS）放回来。"
            )
            % {"keys": "、".join(missing)}
        )


def is_empty():
    """Whether nobody lives here: no person, no act in the log, no media."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    for model in (get_user_model(), apps.get_model("audit", "AuditEvent")):
        if model._meta.db_table in tables and model._base_manager.exists():
            return False
    return not any(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*"))


def _take(scratch):
    dump = scratch / DATABASE[connection.vendor]
    if connection.vendor == "sqlite":
        connection.close()
        target = Path(connection.settings_dict["NAME"])
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        dump.replace(target)
    else:
        connection.close()
        options = ("--clean", "--if-exists", "--no-owner", "--no-privileges")
        _run("pg_restore", *options, "--single-transaction", "--exit-on-error", str(dump))
    if (scratch / "media").exists():
        shutil.copytree(scratch / "media", settings.MEDIA_ROOT, dirs_exist_ok=True)
