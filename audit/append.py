"""Append rows with one statement whose SQL is written once; what only grows is written more often than anything is read."""

from contextlib import nullcontext
from functools import lru_cache

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

MOST_ROWS = (
    1000  # in one statement; PostgreSQL takes 65,535 values in one and says so nowhere Django could ask
)

# What a field of exactly this type gives the database as it is. Asking the field took longer than sending it.
PLAIN = {
    models.CharField: str,
    models.TextField: str,
    models.BooleanField: bool,
    models.PositiveIntegerField: int,
    models.PositiveSmallIntegerField: int,
    models.BigIntegerField: int,
    models.ForeignKey: int,
}


def append(rows, using=DEFAULT_DB_ALIAS):
    """Insert new objects of one model and give them their keys; like `bulk_create`, without building the statement each time.

    Many take several statements; whoever wants all or none of them opens the transaction.
    """
    rows = list(rows)
    if not rows:
        return rows
    connection = connections[using]
    fields, begin, one = _statement(type(rows[0]), connection.vendor)
    most = max(1, min(MOST_ROWS, (connection.features.max_query_params or 65_535) // len(fields)))
    for start in range(0, len(rows), most):
        _insert(rows[start : start + most], fields, begin, one, connection)
    return rows


def append_if(rows, sql, params, using=DEFAULT_DB_ALIAS):
    """Insert new objects of one model only if the query gives its one row, locked or not, in one statement; say whether it did.

    What would be a look under a lock and an insert in one transaction is sent, done and committed at once. Every column needs
    a value of its own type; the objects do not learn their keys.
    """
    connection = connections[using]
    fields, _begin, one = _statement(type(rows[0]), connection.vendor)
    into, columns = _guarded(type(rows[0]), connection.vendor)
    statement = f"{into}WITH guard AS ({sql}) SELECT {columns} FROM guard, (VALUES {', '.join([one] * len(rows))}) AS given"
    # A statement that fails spoils the transaction around it; alone it needs none.
    around = transaction.atomic(using) if connection.in_atomic_block else nullcontext()
    with around, connection.cursor() as cursor:
        cursor.execute(statement, [*params, *_values(rows, fields, connection)])
        return cursor.rowcount == len(rows)


def _values(rows, fields, connection):
    return [
        value
        if type(value := getattr(row, name)) is plain
        else field.get_db_prep_save(field.pre_save(row, True), connection)
        for row in rows
        for field, name, plain in fields
    ]


def _insert(rows, fields, begin, one, connection):
    with connection.cursor() as cursor:
        cursor.execute(
            f"{begin}{', '.join([one] * len(rows))} RETURNING id", _values(rows, fields, connection)
        )
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias


@lru_cache(maxsize=64)
def _statement(model, vendor):
    connection = connections[DEFAULT_DB_ALIAS]
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    return (
        [(field, field.attname, PLAIN.get(type(field))) for field in fields],
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ",
        f"({', '.join(['%s'] * len(fields))})",
    )


@lru_cache(maxsize=64)
def _guarded(model, vendor):
    """The head of a guarded insert, and the columns of its values."""
    fields, begin, _one = _statement(model, vendor)
    return begin.removesuffix("VALUES "), ", ".join(f"given.column{n}" for n in range(1, len(fields) + 1))
