"""Fold the verified time of enrolments anew from every beat and check, and name those whose credits say something else."""

from collections import Counter

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from courses.actions.presence import verified_again
from courses.models import Credit, Enrolment


class Command(BaseCommand):
    """Compare credits with what they were made of."""

    help = __doc__

    def handle(self, *args, **options):
        """Tell how many were read; end with an error if one differs."""
        differing, read = [], 0
        for enrolment in Enrolment.objects.filter(checks__isnull=False).distinct().order_by("pk").iterator():
            read += 1
            kept = Counter()
            for revision, seconds in Credit.objects.filter(enrolment=enrolment).values_list(
                "revision", "seconds"
            ):
                kept[revision] += seconds
            again = verified_again(enrolment)
            stretches = enrolment.checks.count()  # each is written in whole seconds
            if any(not 0 <= again[one] - kept[one] <= stretches for one in {*again, *kept}):
                differing.append(str(enrolment.pk))
        if differing:
            raise CommandError(_("学时与记录不符的学习：%(keys)s") % {"keys": ", ".join(differing)})
        self.stdout.write(_("已核对 %(count)s 项学习的学时，全部相符。") % {"count": read})
