"""What the background worker does for training files."""

from django_tasks import task

from courses.actions import file_exports
from courses.models import FileExport


@task()
def make_export(export_pk):
    """Make an archive that was asked for; a second worker finds it made."""
    export = FileExport.objects.select_related("enterprise__unit__parent", "by").get(pk=export_pk)
    if export.state == FileExport.State.WAITING:
        export = file_exports.make(export)
    return export.state


@task()
def clear_exports():
    """Throw away the archives whose days are over."""
    file_exports.sweep()
