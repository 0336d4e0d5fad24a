"""Enter the next version of the notice before processing."""

from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions.privacy import enter_notice
from audit.transitions import Refused


class Command(BaseCommand):
    """enter_notice CHINESE.md ENGLISH.md [--from 2026-12-01T00:00]: a version never changes; a new text is a new version."""

    help = (
        "Enter a version of the notice before processing (Markdown); people are shown it when they sign in."
    )

    def add_arguments(self, parser):
        """Declare the arguments."""
        parser.add_argument("zh", type=Path)
        parser.add_argument("en", type=Path)
        parser.add_argument("--from", dest="start", help="in force from, local time; default now")

    def handle(self, *, zh, en, start, **options):
        """Enter it and say its number."""
        try:
            at = timezone.make_aware(datetime.fromisoformat(start)) if start else None
            made = enter_notice(
                zh.read_text(encoding="utf-8"), en.read_text(encoding="utf-8"), in_force_from=at
            )
        except (OSError, ValueError, Refused) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(
            f"个人信息处理告知{made}，生效时间 {timezone.localtime(made.in_force_from):%Y-%m-%d %H:%M}。"
        )
