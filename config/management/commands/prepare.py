"""Prepare the house for serving."""

import sys

from django.core.management.base import BaseCommand

from config.start import prepare, welcome


class Command(BaseCommand):
    """prepare: words, tables, static files, the demo city; progress goes to the error stream, the welcome to the output."""

    help = "Bring translations, database and static files up to date; load the demo city when DEMO is on and nobody is known."

    def handle(self, *args, **options):
        prepare(lambda step: print(f"· {step}", file=sys.stderr, flush=True))
        self.stdout.write(welcome())
