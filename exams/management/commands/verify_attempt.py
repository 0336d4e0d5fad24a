"""Recompute everything that can be recomputed about attempts, and name every difference."""

import json
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.transitions import Refused
from exams.actions.verifying import problems_of, vanished
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
        held = {told["attempt"]: told for told in map(_read, receipt)}
        if not (keys or session or held or options["all"]):
            raise CommandError(_("请写明答卷编号、--session、--receipt 或 --all。"))
        door = Attempt.objects.all()
        if session:
            door = door.filter(registration__session__code=session)
        named = {*keys, *held}
        if named and not options["all"]:
            door = door.filter(pk__in=named)
        began, verified, wrong, unchained = time.perf_counter(), 0, 0, []
        for pk, problems in problems_of(door, held):
            named.discard(pk)
            if problems is None:
                unchained.append(pk)
                continue
            verified += not problems
            wrong += bool(problems)
            for problem in problems:
                self.stdout.write(f"{pk}: {problem}")
        gone = vanished(session or "") if session or options["all"] else ()
        for pk in gone:
            named.discard(pk)
            wrong += 1
            self.stdout.write(_("%(pk)s：操作日志中有这份答卷，系统里却没有。") % {"pk": pk})
        self._tell(door, verified, wrong, unchained, sorted(named), time.perf_counter() - began)
        if wrong or named:
            raise CommandError(_("%(count)s 份答卷有问题。") % {"count": wrong + len(named)})

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
    """What a receipt says; the house reads none that it did not sign."""
    try:
        raw = path.read_bytes()
        receipts.read(raw)
        return json.loads(raw)
    except OSError as problem:
        raise CommandError(str(problem)) from problem
    except Refused as refused:
        raise CommandError(f"{path}: {refused}") from refused
