"""Send what is due by hand, as the worker does every minute."""

from django.conf import settings
from django.core.management.base import BaseCommand

from messaging.actions import sending


class Command(BaseCommand):
    """send_messages: what is due arrives and goes out, outside the quiet hours."""

    help = "Send the messages that are due, for so many seconds."

    def add_arguments(self, parser):
        """For how long."""
        parser.add_argument("--seconds", type=float, default=60)

    def handle(self, *, seconds, **options):
        """Send, and say what was done."""
        told = sending.send_due(seconds=seconds)
        mode = " (test mode: nothing leaves the house)" if settings.MESSAGES_TEST else ""
        self.stdout.write(f"{told['arrived']} arrived, {told['carried']} handed over{mode}")
