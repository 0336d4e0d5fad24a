"""Bring a backup back into an empty house."""

from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.transitions import Refused
from operations import restoring


class Command(BaseCommand):
    """restore FILE: into an empty database and media folder, digests checked first, chains verified afterwards."""

    help = "Restore a backup into an empty house, then verify every attempt."

    def add_arguments(self, parser):
        """Declare the arguments."""
        parser.add_argument("file", type=Path)

    def handle(self, *, file, **options):
        """Restore, then verify."""
        try:
            manifest = restoring.restore(file)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            _("已恢复 %(at)s 的备份：%(count)s 个文件。正在核验每一份答卷……")
            % {"at": manifest["made_at"], "count": len(manifest["members"])}
        )
        call_command("verify_attempt", "--all", stdout=self.stdout)
