"""Append rows with one statement whose SQL is written once; what only grows is written more often than anything is read."""

from functools import lru_cache

from django.db import DEFAULT_DB_ALIAS, connections

MOST_ROWS = (
    1000  # in one statement; PostgreSQL takes 65,535 values in one and says so nowhere Django could ask
)


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


def _insert(rows, fields, begin, one, connection):
    values = [
        field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"{begin}{', '.join([one] * len(rows))} RETURNING id", values)
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
        fields,
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ",
        f"({', '.join(['%s'] * len(fields))})",
    )
