"""After many rows at once the database's planner knows of them."""

import pytest
from django.db import connection

from accounts.actions import import_people
from accounts.actions.importing import FILLED
from accounts.models import Post, User
from accounts.planning import read_sheet
from accounts.tests.sheets import row, table
from operations import statistics

on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite plans well without")
pytestmark = pytest.mark.django_db


def known():
    """The tables of which the planner has statistics."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = current_schema()")
        return {name for (name,) in cursor.fetchall()}


def forget():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relname LIKE 'accounts%%')")  # fmt: skip


@on_postgresql
def test_after_a_large_import_the_planner_knows_every_table_that_grew(
    cast, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(statistics, "MANY", 6)
    forget()
    with django_capture_on_commit_callbacks(execute=True) as done:
        import_people(read_sheet(table(row(1))))  # an enterprise, a person, a post
    assert (len(done), known() & {"accounts_user"}) == (0, set())
    with django_capture_on_commit_callbacks(execute=True) as done:
        import_people(read_sheet(table(*[row(n) for n in range(2, 6)])))
    assert (len(done), {model._meta.db_table for model in FILLED} - known()) == (1, set())


@on_postgresql
def test_few_rows_and_what_is_not_committed_ask_for_nothing(cast, django_capture_on_commit_callbacks):
    forget()
    with django_capture_on_commit_callbacks() as waiting:
        statistics.learn([User], statistics.MANY - 1)
    assert waiting == []
    with django_capture_on_commit_callbacks() as waiting:
        statistics.learn([User, Post], statistics.MANY)
    assert (len(waiting), known() & {"accounts_user", "accounts_post"}) == (1, set())


@pytest.mark.skipif("connection.vendor == 'postgresql'")
def test_sqlite_is_asked_for_nothing(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting:
        statistics.learn([User], statistics.MANY)
    assert waiting == []
