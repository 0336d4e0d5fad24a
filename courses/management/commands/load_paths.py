"""Load the standard paths of posts from a table."""

import csv
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from audit.transitions import Refused
from courses.actions import pathing

SHIPPED = settings.BASE_DIR / "fixtures" / "paths" / "paths.csv"


class Command(BaseCommand):
    """Enter or change the paths; run again it changes what the table changed."""

    help = __doc__

    def add_arguments(self, parser):
        """The table, and from which day on the days of those who are in post already count."""
        parser.add_argument("file", nargs="?", default=str(SHIPPED))
        parser.add_argument("--from", dest="starts_on", default="")

    def handle(self, *args, file, starts_on, **options):
        """Tell how many paths there are."""
        day = parse_date(starts_on) if starts_on else timezone.localdate()
        try:
            with Path(file).open(encoding="utf-8-sig", newline="") as rows:
                made = pathing.load(list(csv.DictReader(rows)), starts_on=day)
        except (OSError, Refused) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(_("已载入 %(count)s 条学习路径。") % {"count": len(made)})
