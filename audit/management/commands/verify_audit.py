"""Recompute the seals of the log of acts and name every row that was altered, removed, inserted or put elsewhere."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit import roots
from audit.verifying import Verification


class Command(BaseCommand):
    """verify_audit [--roots FILE]: ends with an error when anything differs."""

    help = (
        "Verify the sealed log of acts; non-zero on any altered, removed, inserted or reordered row or seal."
    )

    def add_arguments(self, parser):
        """Declare the arguments."""
        parser.add_argument(
            "--roots", type=Path, help="roots that were kept elsewhere; otherwise VAR_DIR/audit-roots.txt"
        )

    def handle(self, **options):
        """Verify, print every problem as it is found, then the counts."""
        file, began, problems = self._roots(options["roots"]), time.perf_counter(), 0
        done = Verification(file)
        for problem in done.problems():
            problems += 1
            self.stdout.write(problem)
        self.stdout.write(
            _(
                "已核验审计记录 %(rows)s 条、封存 %(seals)s 个、封存根 %(roots)s 个；最新 %(left)s 条尚未封存；用时 %(seconds)s 秒"
            )
            % {
                "rows": done.rows,
                "seals": done.seals,
                "roots": done.roots,
                "left": done.unsealed,
                "seconds": f"{time.perf_counter() - began:.1f}",
            }
        )
        if done.unread:
            self.stdout.write(_("封存根文件有 %(count)s 行无法读出，已略过。") % {"count": done.unread})
        if problems:
            raise CommandError(_("审计记录有 %(count)s 处问题。") % {"count": problems})

    def _roots(self, file):
        if file is None and not roots.path().exists():
            self.stdout.write(_("没有封存根文件：末尾的封存若被整个删去，无从发现。"))
            return None
        file = file or roots.path()
        if not file.is_file():
            raise CommandError(_("没有这个文件：%(path)s") % {"path": file})
        return file
