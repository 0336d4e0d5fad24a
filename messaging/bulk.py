"""Many rows in one statement with one parameter: the rows travel as JSON and the database takes them apart.

A statement with a place for each value is built, parsed and bound value by value, which took longer than planning itself.
"""

import json

from django.db import connection

TEXT, KEY, JSON = "text", "key", "json"
# How a value is taken out of a row, by its place; `{v}` is the row.
POSTGRES = {TEXT: "{v}->>{n}", KEY: "({v}->>{n})::bigint", JSON: "{v}->{n}"}
SQLITE = "json_extract({v}.value, '$[{n}]')"


def _source():
    return "jsonb_array_elements(%s::jsonb) AS v" if _is_postgres() else "json_each(%s) AS v"


def _taken(n, kind):
    return (POSTGRES[kind] if _is_postgres() else SQLITE).format(v="v", n=n)


def _is_postgres():
    return connection.vendor == "postgresql"


def _rows(rows):
    return json.dumps(rows, ensure_ascii=False)


def insert(model, columns, rows, *, leave_known=False, **same):
    """Insert rows, perhaps leaving out those that a unique constraint knows; give the keys of the new ones.

    `columns` is {field: how it is taken out}, in the order of each row; `same` is what all of them have. What is empty is left out.
    """
    fields = {name: model._meta.get_field(name) for name in (*columns, *same)}
    quote = connection.ops.quote_name
    into = ", ".join(quote(field.column) for field in fields.values())
    taken = [_taken(n, kind) for n, kind in enumerate(columns.values())]
    given = [_given(fields[name]) for name in same]
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({into}) SELECT {', '.join([*taken, *given])} FROM {_source()} "
        f"WHERE true {'ON CONFLICT DO NOTHING ' if leave_known else ''}RETURNING id"
    )
    values = [fields[name].get_db_prep_save(value, connection) for name, value in same.items()]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, _rows(rows)])
        return [key for (key,) in cursor.fetchall()]


def _given(field):
    """A constant; PostgreSQL must be told of which type, since it stands in a list of a SELECT."""
    kind = field.db_type(connection).partition("(")[0]
    return f"CAST(%s AS {kind})" if _is_postgres() else "%s"


def update(model, column, pairs):
    """Write one text column of rows, each its own: [(key, text), …]."""
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    statement = (
        f"UPDATE {table} SET {quote(column)} = {_taken(1, TEXT)} FROM {_source()} "
        f"WHERE {table}.id = {_taken(0, KEY)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [_rows(pairs)])
