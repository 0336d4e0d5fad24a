"""Recompute everything that can be recomputed about attempts, and name every difference."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.transitions import Refused
from exams.actions.verifying import problems_of
from exams.models import Attempt, Response
from exams.queries import receipts


class Command(BaseCommand):
    """verify_attempt [PK …] [--all] [--session CODE] [--receipt FILE …]: ends with an error when anything differs."""

    help = "Verify the chains, seals, deadlines, papers and scores of attempts; non-zero on any problem."

    def add_arguments(self, parser):
        """Declare the arguments."""
        parser.add_argument("keys", nargs="*", type=int, metavar="PK")
        parser.add_argument("--all", action="store_true", help="every attempt of the house")
        parser.add_argument("--session", help="every attempt of the session with this code")
        parser.add_argument(
            "--receipt", type=Path, action="append", default=[], help="a receipt that a candidate holds"
        )

    def handle(self, *, keys, session, receipt, **options):
        """Verify, print every problem, then the counts."""
        held = dict(_read(path) for path in receipt)
        if not (keys or session or held or options["all"]):
            raise CommandError(_("请写明答卷编号、--session、--receipt 或 --all。"))
        door = Attempt.objects.all()
        if session:
            door = door.filter(registration__session__code=session)
        if (keys or held) and not options["all"]:
            door = door.filter(pk__in=[*keys, *held])
        began, verified, wrong, unchained, seen = time.perf_counter(), 0, 0, [], set()
        for pk, problems in problems_of(door, held):
            seen.add(pk)
            if problems is None:
                unchained.append(pk)
                continue
            verified += not problems
            wrong += bool(problems)
            for problem in problems:
                self.stdout.write(f"{pk}: {problem}")
        missing = sorted({*keys, *held} - seen)
        self._tell(door, verified, wrong, unchained, missing, time.perf_counter() - began)
        if wrong or missing:
            raise CommandError(_("%(count)s 份答卷有问题。") % {"count": wrong + len(missing)})

    def _tell(self, door, verified, wrong, unchained, missing, seconds):
        for pk in missing:
            self.stdout.write(_("%(pk)s：没有这份答卷。") % {"pk": pk})
        if unchained:
            some = "、".join(map(str, unchained[:20])) + ("…" if len(unchained) > 20 else "")
            self.stdout.write(
                _("早于链式记录、无法核验：%(count)s 份（%(keys)s）")
                % {"count": len(unchained), "keys": some}
            )
        events = Response.objects.filter(attempt__in=door.values("pk")).count()
        self.stdout.write(
            _("核验无误 %(verified)s 份，有问题 %(wrong)s 份，作答 %(events)s 条，用时 %(seconds)s 秒")
            % {"verified": verified, "wrong": wrong, "events": events, "seconds": f"{seconds:.1f}"}
        )


def _read(path):
    try:
        return receipts.read(path.read_bytes())
    except OSError as problem:
        raise CommandError(str(problem)) from problem
    except Refused as refused:
        raise CommandError(f"{path}: {refused}") from refused
