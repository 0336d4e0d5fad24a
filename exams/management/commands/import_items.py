"""Bring a workbook of items into a bank."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import User
from audit.transitions import Refused
from exams import workbooks
from exams.actions.bank import say_fault
from exams.actions.imports import import_items
from exams.models import ItemBank


class Command(BaseCommand):
    """import_items FILE --bank CODE: everything or nothing, with the row and the column of every problem."""

    help = "Import items from .xlsx, .csv or a .zip with pictures; all or nothing."

    def add_arguments(self, parser):
        """Declare the arguments."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--bank", required=True, help="code of the bank")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument("--by", help="username of the editor who imports")
        parser.add_argument("--approve-by", help="username of the reviewer who approves checked rows")
        parser.add_argument("--pictures", type=Path, help="folder of the pictures that stems name")

    def handle(self, *, file, bank, dry_run, by, approve_by, pictures, **options):
        """Open, import, print the counts."""
        try:
            opened = workbooks.open_file(file.name, file.read_bytes())
            files = opened.files | _folder(pictures)
            outcome = import_items(
                self._bank(bank),
                opened.read(),
                by=_person(by),
                approve_by=_person(approve_by),
                dry_run=dry_run,
                files=files,
            )
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror}") from None
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        for problem in outcome.problems:
            told = {"row": problem.row, "column": problem.column, "text": say_fault(problem)}
            self.stderr.write(_("第 %(row)s 行「%(column)s」：%(text)s") % told)
        if outcome.unknown:
            self.stdout.write(_("保留为备注的列：%(columns)s") % {"columns": "、".join(outcome.unknown)})
        counted = [
            "rows",
            "stored_rows",
            "unchanged_rows",
            "reported_rows",
            "new",
            "changed",
            "unchanged",
            "approved",
        ]
        figures = {name: getattr(outcome, name) for name in counted}
        if outcome.problems or dry_run:  # nothing is written, so nothing is called stored
            told = _(
                "读入 %(rows)s 行 = 可入库 %(stored_rows)s + 未变 %(unchanged_rows)s + 有问题 %(reported_rows)s"
            )
        else:
            told = _(
                "读入 %(rows)s 行 = 入库 %(stored_rows)s + 未变 %(unchanged_rows)s + 有问题 %(reported_rows)s；"
                "新增 %(new)s 题，更新 %(changed)s 题，未变 %(unchanged)s 题，批准 %(approved)s 题"
            )
        self.stdout.write(told % figures)
        if outcome.problems:
            raise CommandError(_("文件有问题，没有写入任何试题。"))
        if dry_run:
            self.stdout.write(_("试运行：没有写入。"))

    @staticmethod
    def _bank(code):
        bank = ItemBank.objects.select_related("unit").filter(code=code).first()
        if bank is None:
            raise CommandError(_("没有代码为 %(code)s 的题库。") % {"code": code})
        return bank


def _person(username):
    if not username:
        return None
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(_("没有用户 %(name)s。") % {"name": username})
    return person


def _folder(folder):
    if folder is None:
        return {}
    if not folder.is_dir():
        raise CommandError(_("%(path)s 不是文件夹。") % {"path": folder})
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.name.lower().endswith(workbooks.PICTURE_NAMES)
    }
