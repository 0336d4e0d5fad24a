"""A table that may grow but never change, held by the database itself."""

from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint

SQLITE = (
    "CREATE TRIGGER {name}_{verb} BEFORE {VERB} ON %(table)s "
    "BEGIN SELECT RAISE(ABORT, 'append-only table: rows may be added, never changed'); END"
)
POSTGRES_FUNCTION = (
    "CREATE OR REPLACE FUNCTION zhikao_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN RAISE EXCEPTION 'append-only table: rows may be added, never changed' "
    "USING ERRCODE = 'integrity_constraint_violation'; END $$"
)
POSTGRES = "CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON %(table)s FOR EACH ROW EXECUTE FUNCTION zhikao_append_only()"


class AppendOnly(BaseConstraint):
    """Rows may be added, never updated or deleted; a model lists it among its constraints.

    It travels through migrations like any other constraint. On SQLite it is two triggers, on PostgreSQL one; emptying a
    whole table (TRUNCATE, used by test databases) is not a change of rows.
    """

    def __init__(self, *, name):
        super().__init__(name=name)

    def __eq__(self, other):
        return self.name == other.name if isinstance(other, AppendOnly) else NotImplemented

    def __hash__(self):
        return hash(self.name)

    def _statements(self, model, schema_editor):
        table = Table(model._meta.db_table, schema_editor.quote_name)
        if schema_editor.connection.vendor == "sqlite":
            return [
                Statement(SQLITE.format(name=self.name, verb=verb, VERB=verb.upper()), table=table)
                for verb in ("update", "delete")
            ]
        return [POSTGRES_FUNCTION, Statement(POSTGRES.format(name=self.name), table=table)]

    def constraint_sql(self, model, schema_editor):
        """Nothing inside CREATE TABLE; the triggers follow once the table has its final name."""
        schema_editor.deferred_sql.extend(self._statements(model, schema_editor))

    def create_sql(self, model, schema_editor):
        """Put the triggers on a table that exists: all but the last at once, the last returned as Django expects."""
        *first, last = self._statements(model, schema_editor)
        for statement in first:
            schema_editor.execute(statement)
        return last

    def remove_sql(self, model, schema_editor):
        """Take the triggers away."""
        table = Table(model._meta.db_table, schema_editor.quote_name)
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {self.name}_update")
            return f"DROP TRIGGER IF EXISTS {self.name}_delete"
        return Statement(f"DROP TRIGGER IF EXISTS {self.name} ON %(table)s", table=table)

    def validate(self, model, instance, exclude=None, using=None):
        """Nothing to say about a row before it is written."""
