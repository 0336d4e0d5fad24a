"""Recompute every digest and seal of minutes, signatures, refusals and publications, and look at every picture."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from supervision.actions.verifying import problems


class Command(BaseCommand):
    """verify_minutes: ends with an error when anything differs."""

    help = "Verify the minutes of spot checks, their signatures and publications; non-zero on any problem."

    def handle(self, **options):
        """Print every problem, then the counts."""
        counts, wrong = {}, 0
        for thing, said in problems(counts):
            wrong += 1
            self.stdout.write(f"{thing}: {said}")
        told = _("、").join(f"{label} {count}" for label, count in counts.items())
        if wrong:
            raise CommandError(_("发现 {wrong} 处不符（已核对 {told}）。").format(wrong=wrong, told=told))
        self.stdout.write(_("全部相符：{told}。").format(told=told))
