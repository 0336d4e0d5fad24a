"""Load regions, product categories and legal provisions from CSV files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from catalog import actions
from catalog.tables import Unreadable, read_table

DIRECTORY_FILES = ("regions.csv", "categories.csv", "provisions.csv")


class Command(BaseCommand):
    """load_catalog FILE…: idempotent, all files or none; a directory stands for the three files in it."""

    help = "Load regions.csv, categories.csv and provisions.csv; the header tells which is which."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE")

    def handle(self, *args, files, **options):
        tables = {}
        for path in map(Path, files):
            for file in [path / name for name in DIRECTORY_FILES] if path.is_dir() else [path]:
                try:
                    tables[str(file)] = read_table(file.read_bytes(), file.name)
                except (OSError, Unreadable) as problem:
                    raise CommandError(f"{file}: {problem}") from problem
        done = actions.load(tables)
        for problem in done.problems:
            sentence = problem.message.format(**problem.params)
            self.stderr.write(f"{Path(problem.file).name} 第 {problem.row} 行 {problem.column}：{sentence}")
        if done.problems:
            raise CommandError(f"{len(done.problems)} 处问题，未作任何改动。")
        counts = done.counts()
        for action, count in sorted(counts.items()):
            self.stdout.write(f"{action}: {count}")
        if not counts:
            self.stdout.write("没有变化。")
