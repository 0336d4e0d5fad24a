"""Import enterprises, people and posts from a workbook."""

import hashlib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import import_people
from accounts.models import User
from accounts.planning import read_sheet
from catalog.tables import Unreadable, read_table


class Command(BaseCommand):
    """import_people FILE [--dry-run] [--by USERNAME]: all rows or none, upsert by credit code and ID number."""

    help = "Import enterprises, people and posts from .xlsx or .csv."

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument(
            "--dry-run", action="store_true", help="tell what would happen and change nothing"
        )
        parser.add_argument(
            "--by", default="", metavar="USERNAME", help="within this person's reach and in her name"
        )

    def handle(self, *args, file, dry_run, by, **options):
        user = User.objects.filter(username=by, is_active=True).first() if by else None
        if by and user is None:
            raise CommandError(f"没有用户名为 {by} 的可登录人员。")
        try:
            content = Path(file).read_bytes()
            table = read_table(content, file)
        except (OSError, Unreadable) as problem:
            raise CommandError(str(problem)) from problem
        made = import_people(
            read_sheet(table),
            by=user,
            dry_run=dry_run,
            known_as=Path(file).name,
            digest=hashlib.sha256(content).hexdigest(),
        )
        for problem in made.problems:
            hint = f"（建议：{problem.suggestion}）" if problem.suggestion else ""
            place = f"第 {problem.row} 行" + (f"“{problem.column}”" if problem.column else "")
            self.stderr.write(f"{place}：{problem.message.format(**problem.params)}{hint}")
        if made.problems:
            raise CommandError(f"{len(made.problems)} 处问题，未作任何改动。")
        words = "、".join(f"{name} {count}" for name, count in made.counts().items())
        self.stdout.write(("预检通过：" if dry_run else "已导入：") + words)
