"""The way back: a backup into an empty house, all of it or nothing.

Everything is read before anything is written. The media are unpacked inside the media folder, which may be a mount of its own, and
put in their places by renaming. The database comes last, with its migrations, in one step: on SQLite a finished file takes the place
of the old one, on PostgreSQL all happens in one transaction. Killed at any moment, it may be run again as it was.
"""

import hashlib
import json
import logging
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from audit.transitions import Refused
from operations.backups import DATABASE, FORMAT, MANIFEST, STAGED, fingerprints, media, program, sweep

ROOM = 1 << 20  # bytes read at a time
# What a prepared house has already, also what a newer one has more than the backup. Extensions are the database's own.
EMPTY_SCHEMA = """
DO $$
DECLARE drops text[] := ARRAY(
    SELECT format('DROP %s IF EXISTS %s CASCADE', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
           WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, oid::regclass)
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype IN ('a', 'e', 'i'))
    UNION ALL
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e'));
    one text;
BEGIN
    FOREACH one IN ARRAY drops LOOP EXECUTE one; END LOOP;
END $$
"""
log = logging.getLogger("operations")


def restore(path):
    """Bring a backup back into an empty house; gives its manifest. What is refused or fails leaves the house as it was."""
    sweep(settings.VAR_DIR, settings.MEDIA_ROOT)
    try:
        with tarfile.open(path, "r:") as tar:
            manifest = _checked(tar)
            _fits(manifest)
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Refused(
            _("无法读取这份备份（%(why)s）。请换一份备份再试。") % {"why": str(problem)[:200]}
        ) from problem
    if not is_empty(manifest):
        raise Refused(_("目标系统里已有数据，没有改动任何东西。请用空数据库和空的 VAR_DIR/media 恢复。"))
    try:
        _take(path)
    except Refused:
        raise
    except Exception as problem:
        log.exception("restore failed")
        raise Refused(
            _("恢复没有完成，没有改动任何东西（%(why)s）。排除原因后，可以原样再运行一次。")
            % {"why": str(problem).strip()[:500]}
        ) from problem
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
        ours = member.name.startswith("media/") or member.name in DATABASE.values()
        if not (member.isfile() and ours) or ".." in PurePosixPath(member.name).parts:
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


def is_empty(manifest):
    """Whether nobody lives here: no person, no act in the log, no medium but those that a killed restore has brought already."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    for model in (get_user_model(), apps.get_model("audit", "AuditEvent")):
        if model._meta.db_table in tables and model._base_manager.exists():
            return False
    told = manifest["members"]
    return all(name in told and _digest(file) == told[name]["sha256"] for name, file in media())


def _digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _take(path):
    root, kind = Path(settings.MEDIA_ROOT), connection.vendor
    root.mkdir(parents=True, exist_ok=True)
    # SQLite's file is renamed, so it is unpacked where it will lie.
    room = Path(connection.settings_dict["NAME"]).parent if kind == "sqlite" else settings.VAR_DIR
    with (
        tarfile.open(path, "r:") as tar,
        tempfile.TemporaryDirectory(dir=room, prefix=STAGED) as scratch,
        tempfile.TemporaryDirectory(dir=root, prefix=STAGED) as staged,
    ):
        for member in tar:
            _unpack(tar, member, Path(staged if member.name.startswith("media/") else scratch))
        with _in_place(Path(staged) / "media", root):
            (_take_sqlite if kind == "sqlite" else _take_postgresql)(Path(scratch) / DATABASE[kind])


def _unpack(tar, member, folder):
    """A file of the tar with its mode; tarfile does it safely by itself from Python 3.11.4 on, and Debian 12 brings 3.11.2."""
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with tar.extractfile(member) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file, ROOM)
    target.chmod(member.mode & 0o644 | 0o600)


@contextmanager
def _in_place(staged, root):
    """The media in their places; out of them again if what follows fails."""
    placed = []
    try:
        for file in (path for path in staged.rglob("*") if path.is_file()):
            target = root / file.relative_to(staged)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                placed.append(target)
            file.replace(target)
        yield
    except BaseException:
        for target in placed:
            target.unlink(missing_ok=True)
            with suppress(OSError):  # not empty, or gone with the one before
                for folder in target.relative_to(root).parents[:-1]:
                    (root / folder).rmdir()
        raise


def _take_sqlite(dump):
    target = Path(connection.settings_dict["NAME"])
    connection.close()
    if target.with_name(f"{target.name}-wal").exists():  # whoever closes last removes it
        raise Refused(_("数据库正被别的进程使用，没有改动任何东西。请先停止服务再恢复。"))
    connection.settings_dict["NAME"] = str(dump)
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(target)
    dump.replace(target)


def _take_postgresql(dump):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(EMPTY_SCHEMA)
            _run_script(cursor, dump)
            cursor.execute("RESET search_path")
        executor = MigrationExecutor(connection)
        for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", migration.app_label, migration.name, interactive=False, verbosity=0)
            connection.check_constraints()  # what waits for the commit would keep the next one from its tables
        call_command("migrate", interactive=False, verbosity=0)
    connection.close()  # with what else the script has set


def _run_script(cursor, dump):
    """Send what pg_restore writes: statements, and between them rows that end with a backslash and a dot."""
    arguments = [program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)]
    with (
        tempfile.TemporaryFile() as told,
        subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=told) as writing,
    ):
        statements = []
        for line in writing.stdout:
            if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
                cursor.execute(b"".join(statements).decode())
                statements.clear()
                with cursor.copy(line.decode().rstrip(";\n")) as rows:
                    for row in writing.stdout:
                        if row == b"\\.\n":
                            break
                        rows.write(row)
            elif not line.startswith((b"\\restrict ", b"\\unrestrict ")):  # for psql alone
                statements.append(line)
        cursor.execute(b"".join(statements).decode())
        if writing.wait():
            told.seek(0)
            raise RuntimeError(f"pg_restore: {told.read().decode(errors='replace').strip()}")
