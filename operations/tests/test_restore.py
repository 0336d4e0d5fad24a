"""A backup brought back: byte for byte, all or nothing, again after a failure, from an older version into a newer house."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from accounts.models import User
from operations.tests.houses import House

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and not shutil.which("pg_dump"),
        reason="pg_dump is not on this machine",
    ),
]
MEDIA = {
    "evidence/1.png": bytes(range(256)) * 4097 + b"\r\n",
    "evidence/2024/照片 1.jpg": b"\x00",
    "empty": b"",
}
ADA = {"username": "ada", "name": "Ada\tL.\\N"}
# Another end for the last step of a restore.
ENDING = """
import os, signal
from unittest.mock import patch
from django.core.management import call_command
def no_luck(*args, **kwargs):
    {what}
with patch("operations.restoring.call_command", no_luck):
    call_command("restore", {path!r})
"""


@pytest.fixture
def build(tmp_path):
    """Build houses by name; their databases go when the story is over."""
    houses = []

    def make(name):
        houses.append(House(tmp_path / name))
        return houses[-1]

    yield make
    for house in houses:
        house.close()


@pytest.fixture
def new(build):
    """A prepared, empty house."""
    return build("new")


@pytest.fixture
def old(new, build):
    """A house in which somebody lives, with media."""
    User.objects.create(**ADA)
    house = build("old")
    User.objects.all().delete()
    for name, part in MEDIA.items():
        (house.media / name).parent.mkdir(parents=True, exist_ok=True)
        (house.media / name).write_bytes(part)
    return house


def backup_of(house):
    """The path of its backup."""
    house.manage("backup")
    [path] = (house.var / "backups").glob("zhikao-*.tar")
    return str(path)


@pytest.fixture(scope="session")
def kept():
    """What was made once."""
    return {}


@pytest.fixture
def path(old, kept, tmp_path_factory):
    """A backup of the old house, the same for all stories that do not change it."""
    if not kept:
        kept["path"] = shutil.copy(backup_of(old), tmp_path_factory.mktemp("backup"))
    return kept["path"]


def media_of(house):
    """All that lies in the media folder, also what should not."""
    return {
        path.relative_to(house.media).as_posix(): path.read_bytes()
        for path in house.media.rglob("*")
        if path.is_file()
    }


def people_of(house):
    """Who lives there."""
    return house.rows("SELECT username, name FROM accounts_user")


def state_of(house):
    """Everything that a restore might have left changed."""
    migrations = house.rows("SELECT app, name FROM django_migrations ORDER BY id")
    return media_of(house), people_of(house), house.tables(), migrations, list(house.var.rglob(".restore-*"))


def test_everything_comes_back_byte_for_byte_into_a_prepared_house(old, new, path):
    said = new.manage("restore", path)
    assert (media_of(new), people_of(new)) == (MEDIA, [tuple(ADA.values())])
    assert "已恢复" in said and new.tables() == old.tables()
    code, said = new.run("restore", path)
    assert code == 1 and "已有数据" in said


def test_a_restore_that_fails_at_the_last_step_changes_nothing_and_is_repeated(new, path):
    before = state_of(new)
    code, said = new.run("-c", ENDING.format(what="raise RuntimeError('no luck')", path=path))
    assert code == 1 and "没有改动任何东西" in said and "no luck" in said and "再运行一次" in said
    assert state_of(new) == before
    new.manage("restore", path)
    assert (media_of(new), len(people_of(new))) == (MEDIA, 1)


def test_a_restore_that_is_killed_at_the_last_step_is_repeated(new, path):
    before = state_of(new)
    code, _said = new.run("-c", ENDING.format(what="os.kill(os.getpid(), signal.SIGKILL)", path=path))
    assert code == -9
    assert state_of(new)[1:4] == before[1:4]
    new.manage("restore", path)
    kept = {name: part for name, part in media_of(new).items() if not name.startswith(".restore-")}
    assert (kept, len(people_of(new))) == (MEDIA, 1)


def test_media_that_are_not_those_of_the_backup_are_not_written_over(new, path):
    (new.media / "empty").write_bytes(b"not empty")
    code, said = new.run("restore", path)
    assert code == 1 and "已有数据" in said
    assert media_of(new) == {"empty": b"not empty"}


def test_an_older_backup_is_migrated_in_a_house_that_was_prepared_newer(old, new):
    old.manage("migrate", "operations", "0001")
    assert "operations_backup" not in old.tables()
    new.manage("restore", backup_of(old))
    assert "operations_backup" in new.tables() and len(people_of(new)) == 1
    assert new.rows("SELECT count(*) FROM django_migrations WHERE app = 'operations'") == [(2,)]
    new.manage("backup")
    assert new.rows("SELECT count(*) FROM operations_backup") == [(1,)]


def test_what_only_the_newer_house_had_is_gone_afterwards(new, path):
    """A table of a later version that refers to one of ours would otherwise stay, and keep ours from being replaced."""
    kind = "bigint" if connection.vendor == "postgresql" else "integer"
    new.rows(f"CREATE TABLE later (id {kind} PRIMARY KEY, who {kind} REFERENCES accounts_user (id))")
    new.manage("restore", path)
    assert "later" not in new.tables() and len(people_of(new)) == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite's file")
def test_a_database_that_somebody_has_open_is_not_replaced(new, path):
    before = state_of(new)
    with closing(sqlite3.connect(new.var / "zhikao.sqlite3")) as reader:
        reader.execute("PRAGMA journal_mode=WAL")
        reader.execute("SELECT count(*) FROM accounts_user").fetchall()
        code, said = new.run("restore", path)
    assert code == 1 and "先停止服务" in said
    assert state_of(new) == before
