"""What the database's planner knows of its tables."""

from django.db import connection, transaction

MANY = 1000  # rows; the database finds out about fewer in its own time


def learn(models, rows):
    """Once so many rows are committed that old statistics would mislead, have PostgreSQL look at these tables anew.

    It would do so by itself about a minute later, if its autovacuum is on; until then a list of a table that has just grown a
    thousandfold is planned as if it were empty. SQLite plans the same lists well without.
    """
    if connection.vendor != "postgresql" or rows < MANY:
        return
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    transaction.on_commit(lambda: _analyze(tables), robust=True)


def _analyze(tables):
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {tables}")
