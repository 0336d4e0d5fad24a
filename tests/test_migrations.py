"""The suite makes its tables from the models; here the migrations are run, and lead to the very same tables."""

import os
import subprocess
import sys

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from tests.product import ROOT

# Left out: Django's own books, and a key that Django's migrations make smaller than its models would.
OURS = "name NOT LIKE 'sqlite_%' AND name <> 'django_migrations' AND tbl_name <> 'cache'"
QUESTIONS = {
    "sqlite": {
        "columns": "SELECT m.tbl_name, c.name, lower(c.type), c.[notnull], c.dflt_value, c.pk FROM sqlite_master m, pragma_table_info(m.name) c"
        f" WHERE m.type = 'table' AND m.{OURS.replace('AND ', 'AND m.')}",
        "references": "SELECT m.tbl_name, k.[from], k.[table], k.[to] FROM sqlite_master m, pragma_foreign_key_list(m.name) k WHERE m.type = 'table'",
        "indexes and triggers": f"SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND {OURS}",
    },
    "postgresql": {
        "columns": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, is_identity FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name NOT IN ('django_migrations', 'cache', 'auth_group_permissions')",
        "constraints": "SELECT conrelid::regclass::text, regexp_replace(conname, '_[0-9a-f]{8}(_|$)', '_'), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT IN ('django_migrations', 'cache', '-')",
        "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "indexes": "SELECT tablename, regexp_replace(indexdef, '_[0-9a-f]{8}(_| )', '_') FROM pg_indexes"
        " WHERE schemaname = 'public' AND tablename NOT IN ('django_migrations', 'cache')",
    },
}


def shape(cursor: CursorWrapper) -> dict[str, list]:
    """What the tables of a database look like, by kind, sorted."""
    found = {}
    for kind, question in QUESTIONS[connection.vendor].items():
        cursor.execute(question)
        found[kind] = sorted(map(repr, cursor.fetchall()))
    return found


@pytest.fixture
def migrated(tmp_path, django_db_blocker):
    """A database that the migrations made from nothing, as `manage.py migrate` leaves it: a cursor on it."""
    env = {**os.environ, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    (tmp_path / "static").mkdir()
    name = f"{connection.settings_dict['NAME']}_migrated"
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        here = connection.connection.info
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
        env["DATABASE_URL"] = f"postgres://{here.user}@{here.host}:{here.port}/{name}"
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    other = connection.copy("migrated")
    other.settings_dict["NAME"] = (
        name if connection.vendor == "postgresql" else str(tmp_path / "zhikao.sqlite3")
    )
    with other.cursor() as cursor:
        yield cursor
    other.close()
    if connection.vendor == "postgresql":
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}"')


@pytest.mark.django_db
def test_the_migrations_lead_to_the_tables_of_the_models(migrated):
    with connection.cursor() as cursor:
        wanted = shape(cursor)
    made = shape(migrated)
    for kind, rows in wanted.items():
        assert sorted(set(made[kind]) ^ set(rows)) == []
        assert len(made[kind]) == len(rows)
    assert len(wanted["columns"]) > 1_000
