"""Plan reminders by hand, as the worker does every hour."""

from datetime import date

from django.core.management.base import BaseCommand
from django.utils import timezone

from messaging import sources
from messaging.actions import planning


class Command(BaseCommand):
    """plan_messages: safe to repeat and to kill."""

    help = "Plan the reminders of a day; each exists once, however often this runs."

    def add_arguments(self, parser):
        """For which day, and whether only one kind."""
        parser.add_argument("--day", type=date.fromisoformat, default=None)
        parser.add_argument("--kind", choices=sorted(sources.TELLERS), default="")

    def handle(self, *, day, kind, **options):
        """Plan, and say how many are new."""
        for code, new in planning.plan(day or timezone.localdate(), only=kind).items():
            self.stdout.write(f"{code}: {new}")
