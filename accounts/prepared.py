"""Queries of the hot path: written with the ORM, turned into SQL once per process, afterwards only filled in.

Building the SQL of a query costs Django four to ten times what sending it costs. A query that thousands send in the same
second is therefore written down as `Prepared(lambda: Model.objects.filter(pk=given("pk")).values_list(…))`.
"""

from collections import namedtuple
from datetime import date, datetime

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models.query import get_related_populators


class Given(models.Expression):
    """The place of a value that is known only when the query is sent."""

    def __init__(self, name, output_field):
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler, connection):
        """A placeholder, with this object in its place among the parameters."""
        return "%s", [self]


def given(name, output_field=None):
    """A value to be given by name; a whole number unless another field is named."""
    return Given(name, output_field or models.BigIntegerField())


class Prepared:
    """One query; `rows` and `one` send it with its values.

    A `values_list` gives named tuples, any other queryset gives its objects, related ones of `select_related` included.
    """

    def __init__(self, build):
        self._build = build
        self._plans = {}

    def rows(self, using=DEFAULT_DB_ALIAS, **values):
        """Give all rows."""
        connection = connections[using]
        plan = self._plans.get(connection.vendor) or self._write(connection)
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, plan.filled(values, connection))
            found = cursor.fetchall()
        if plan.converters:
            found = [_converted(row, plan.converters, connection) for row in found]
        return [plan.make(row) for row in found]

    def one(self, using=DEFAULT_DB_ALIAS, **values):
        """Give the first row, or None."""
        found = self.rows(using, **values)
        return found[0] if found else None

    def statement(self, using=DEFAULT_DB_ALIAS, **values):
        """Give the SQL and its values, to be part of a larger statement, for which a lock needs no transaction around it."""
        connection = connections[using]
        if connection.vendor not in self._plans:
            with transaction.atomic(using):  # or Django would not write a lock down
                self._write(connection)
        plan = self._plans[connection.vendor]
        return plan.sql, plan.filled(values, connection)

    def _write(self, connection):
        queryset = self._build()
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        make = _tuples(queryset) if queryset._fields else _objects(compiler)
        plan = self._plans[connection.vendor] = Plan(sql, params, converters, make)
        return plan


class Plan(namedtuple("Plan", "sql params converters make")):
    """A query written for one database."""

    def filled(self, values, connection):
        """The parameters, with each value in its place."""
        return [_adapted(connection, values[p.name]) if isinstance(p, Given) else p for p in self.params]


def _tuples(queryset):
    names = [str(name).replace("__", "_") for name in queryset._fields]
    return namedtuple("Row", names, rename=True)._make


def _objects(compiler):
    """How Django's own iterator makes objects of rows, with the table of columns worked out beforehand."""
    info, select = compiler.klass_info, compiler.select
    model, (first, last) = info["model"], (info["select_fields"][0], info["select_fields"][-1] + 1)
    names = [column[0].target.attname for column in select[first:last]]
    related = get_related_populators(info, select, DEFAULT_DB_ALIAS)
    annotations = list(compiler.annotation_col_map.items())

    def make(row):
        made = model.from_db(DEFAULT_DB_ALIAS, names, row[first:last])
        for populator in related:
            populator.populate(row, made)
        for name, place in annotations:
            setattr(made, name, row[place])
        return made

    return make


def _adapted(connection, value):
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _converted(row, converters, connection):
    row = list(row)
    for place, (convert, expression) in converters.items():
        for one in convert:
            row[place] = one(row[place], expression, connection)
    return row
