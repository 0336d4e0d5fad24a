"""Write a backup while the house goes on working."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.transitions import Refused
from operations import backups


class Command(BaseCommand):
    """backup [--to FOLDER] [--keep N]: database, media and a manifest of digests in one tar; not the keys."""

    help = "Write a backup (database, media, digests; never the keys) while the house works."

    def add_arguments(self, parser):
        """Declare the arguments."""
        parser.add_argument("--to", type=Path, help="a folder; VAR_DIR/backups if none is named")
        parser.add_argument("--keep", type=int, default=0, help="remove all but the newest N")

    def handle(self, *, to, keep, **options):
        """Make it and say what it is."""
        try:
            told = backups.make(to or settings.VAR_DIR / "backups", keep=keep)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        except OSError as problem:
            raise CommandError(_("备份没有写成：%(why)s") % {"why": problem}) from problem
        self.stdout.write(_("备份：%(path)s（%(bytes)s 字节，%(seconds)s 秒）") % told)
        self.stdout.write(_("密钥不在备份里：请把 secret_key 和 field_keys.json 另存他处。"))
