"""Close attempts whose time is over."""

from django.core.management.base import BaseCommand

from exams.actions import attempts


class Command(BaseCommand):
    """A sweep for operators: any page that reads an attempt closes it as well, so nothing depends on this."""

    help = "Close every attempt whose time is over."

    def handle(self, *args, **options):
        """Close them and say how many."""
        self.stdout.write(f"{attempts.close_all_due()} closed")
