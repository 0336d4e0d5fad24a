"""A log that was sealed, and what a tamperer needs: the triggers out of the way."""

from types import SimpleNamespace

from django.db import connection

from audit import roots, sealing, tasks
from audit.append_only import AppendOnly
from audit.models import AuditEvent, AuditSeal
from audit.verifying import Verification


def unlock():
    """Take the append-only triggers away; the test's transaction brings them back."""
    with connection.cursor() as cursor:
        editor = SimpleNamespace(
            connection=connection,
            quote_name=connection.ops.quote_name,
            execute=lambda sql: cursor.execute(str(sql)),
        )
        for model in (AuditEvent, AuditSeal):
            for constraint in model._meta.constraints:
                if isinstance(constraint, AppendOnly):
                    editor.execute(constraint.remove_sql(model, editor))


def seal_all():
    """Seal what there is, as the worker does; gives the newest seal."""
    tasks._seen.clear()
    tasks.seal_log.call()
    return sealing.newest()


def problems():
    """What verification finds, with the roots of the house."""
    file = roots.path()
    return list(Verification(file if file.exists() else None).problems())
