"""Dispose of what need not be kept any longer."""

from django.core.management.base import BaseCommand

from accounts.actions import disposing


class Command(BaseCommand):
    """dispose [--dry-run]: by the classes of accounts/retention.py; a hold wins."""

    help = "Dispose of personal data whose period is over, unless a hold lies on them; prints a report."

    def add_arguments(self, parser):
        """Declare the arguments."""
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")

    def handle(self, *, dry_run, **options):
        """Dispose and report."""
        for one in disposing.dispose(dry_run=dry_run):
            name = disposing.Class(one.code)
            self.stdout.write(f"{name}：到期 {one.due}，保全 {one.held}，已处置 {one.gone}")
        if dry_run:
            self.stdout.write("试运行：没有改动。")
