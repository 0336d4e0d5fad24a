"""Bring a workbook of items into a bank."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

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
            self.stderr.write(f"第 {problem.row} 行「{problem.column}」：{say_fault(problem)}")
        if outcome.unknown:
            self.stdout.write(f"保留为备注的列：{'、'.join(outcome.unknown)}")
        self.stdout.write(
            f"读入 {outcome.rows} 行 = 入库 {outcome.stored_rows} + 未变 {outcome.unchanged_rows}"
            f" + 有问题 {outcome.reported_rows}；新增 {outcome.new} 题，更新 {outcome.changed} 题，"
            f"未变 {outcome.unchanged} 题，批准 {outcome.approved} 题"
        )
        if outcome.problems:
            raise CommandError("文件有问题，没有写入任何试题。")
        if dry_run:
            self.stdout.write("试运行：没有写入。")

    @staticmethod
    def _bank(code):
        bank = ItemBank.objects.select_related("unit").filter(code=code).first()
        if bank is None:
            raise CommandError(f"没有代码为 {code} 的题库。")
        return bank


def _person(username):
    if not username:
        return None
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"没有用户 {username}。")
    return person


def _folder(folder):
    if folder is None:
        return {}
    if not folder.is_dir():
        raise CommandError(f"{folder} 不是文件夹。")
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.name.lower().endswith(workbooks.PICTURE_NAMES)
    }
