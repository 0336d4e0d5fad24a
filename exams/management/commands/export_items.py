"""Write a bank to a file that imports again to the identical bank."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from exams import workbooks
from exams.models import Item, ItemBank
from exams.queries import bank as queries

KINDS = ("csv", "xlsx", "zip")


class Command(BaseCommand):
    """export_items --bank CODE FILE: the ending of the file's name chooses the form."""

    help = "Export a bank's items (all but retired ones) to .csv, .xlsx or .zip (with pictures)."

    def add_arguments(self, parser):
        """Declare the arguments."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--bank", required=True, help="code of the bank")

    def handle(self, *, file, bank, **options):
        """Write the file."""
        kind = file.suffix.lstrip(".").lower()
        if kind not in KINDS:
            raise CommandError(_("文件名须以 .csv、.xlsx 或 .zip 结尾。"))
        found = ItemBank.objects.filter(code=bank).first()
        if found is None:
            raise CommandError(_("没有代码为 %(code)s 的题库。") % {"code": bank})
        written = queries.drafts_for_export(found.items.exclude(state=Item.State.RETIRED))
        file.write_bytes(workbooks.write_file(written, kind, queries.pictures_in(written)))
        self.stdout.write(_("导出 %(count)s 题 → %(file)s") % {"count": len(written), "file": file})
