"""Enter the rule profiles that come with the system."""

from django.core.management.base import BaseCommand

from supervision.actions.standing import enter_shipped_profiles


class Command(BaseCommand):
    """load_profiles: idempotent; what was changed since stays."""

    help = "Enter the rule profiles of spot checks that come with the system, where they are not known yet."

    def handle(self, *args, **options):
        """Enter them and say which."""
        made = enter_shipped_profiles()
        self.stdout.write("、".join(f"{p.code} v{p.number}" for p in made) or "没有变化。")
