"""Compile the translations."""

from django.conf import settings
from django.core.management.base import BaseCommand

from config.words import compile_words


class Command(BaseCommand):
    """compile_words: quick when nothing changed."""

    help = "Compile the translations whose sources changed; needs no gettext programs."
    requires_system_checks = []

    def handle(self, *args, **options):
        elsewhere, source = settings.LOCALE_PATHS
        for path in compile_words(source, elsewhere):
            self.stdout.write(str(path))
