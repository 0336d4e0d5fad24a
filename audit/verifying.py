"""Does the log still say what it said when it was sealed? Every difference is one sentence; the memory it takes stays the same."""

import hmac
from itertools import islice

from django.db import DatabaseError
from django.db.models import Max, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from audit import roots
from audit.models import AuditEvent, AuditSeal
from audit.spelling import Sum, rows, unmark

SEALS, ROOTS = 20, 500  # read at once
NAMED = 20  # rows of one seal that are named one by one
COLUMNS = ("number", "at_text", "last_id", "count", "marks", "digest")


class Verification:
    """One pass over the log; afterwards it knows how much it has read."""

    def __init__(self, file=None):
        self.file = file
        self.rows = self.seals = self.unsealed = self.roots = self.unread = 0

    def problems(self):
        """Yield a sentence for everything that differs: rows, seals, and the exported roots if there is a file."""
        try:
            yield from self._chain()
        except DatabaseError as problem:
            yield _("从第 %(seal)s 号封存之后起无法读出：%(why)s") % {"seal": self.seals, "why": problem}
        if self.file:
            yield from self._roots()

    def _chain(self):
        # What is sealed from now on is left to the next verification: its rows may appear behind the one that was just read.
        newest = AuditSeal.objects.aggregate(last=Max("number"))["last"] or 0
        left, expected, before, last = rows(), 1, {""}, None
        row = next(left, None)
        for number, at, last_id, count, marks, digest in _seals(newest):
            if number < expected:
                yield _("第 %(number)s 号封存不在其位。") % {"number": number}
                continue
            said, made = unmark(marks), Sum()
            if number > expected:
                yield _gap(expected, number - 1)
                before = set()
            first, last = (said[0][0], said[-1][0]) if said else (0, last_id)
            while row and row[0] <= last:
                if before or row[0] >= first:  # whose seal is missing cannot be verified
                    made.add(row)
                row = next(left, None)
            told = {"number": number, "at": at, "last_id": last_id, "count": count, "marks": marks}
            made_here = {made.digest(before=one, **told) for one in before}
            if not any(hmac.compare_digest(one.encode(), digest.encode()) for one in made_here):
                differences = list(_differences(said, unmark(made.marks)))
                if before and not differences:
                    yield _("第 %(number)s 号封存自身被改动，或不是本系统所作。") % {"number": number}
                for difference in differences:
                    yield _("第 %(number)s 号封存：%(what)s") % {"number": number, "what": difference}
            self.rows, self.seals = self.rows + made.count, self.seals + 1
            # A seal whose own hash was changed does not put the blame on those after it.
            before, expected = made_here | {digest}, number + 1
        self.unsealed = (
            AuditEvent.objects if last is None else AuditEvent.objects.filter(pk__gt=last)
        ).count()

    def _roots(self):
        lines = roots.read(self.file)
        while chunk := list(islice(lines, ROOTS)):
            wanted = [number for _line, number, _digest in chunk if number is not None]
            kept = dict(AuditSeal.objects.filter(number__in=wanted).values_list("number", "digest"))
            for line, number, digest in chunk:
                where = {"line": line, "number": number}
                if number is None:
                    self.unread += 1
                elif number not in kept:
                    yield _("封存根文件第 %(line)s 行：第 %(number)s 号封存曾经存在，现在没有了。") % where
                elif kept[number] != digest:
                    yield _("封存根文件第 %(line)s 行：第 %(number)s 号封存已不是当时那一个。") % where
                self.roots += number is not None


def _seals(newest):
    last = None
    found = (
        AuditSeal.objects.filter(number__lte=newest)
        .order_by("number")
        .annotate(at_text=Cast("at", TextField()))
    )
    while chunk := list(
        (found if last is None else found.filter(number__gt=last)).values_list(*COLUMNS)[:SEALS]
    ):
        last = chunk[-1][0]
        for number, at, last_id, count, marks, digest in chunk:
            yield number, at, last_id, count, bytes(marks), digest


def _gap(first, last):
    if first == last:
        return _("第 %(first)s 号封存不见了。") % {"first": first}
    return _("第 %(first)s 至 %(last)s 号封存不见了。") % {"first": first, "last": last}


def _differences(said, found):
    """Which rows differ from the marks of their seal, each in words; many are counted."""
    said, found = dict(said), dict(found)
    told = [(key, _("审计记录 %(key)s 不见了。")) for key in said.keys() - found.keys()]
    told += [(key, _("审计记录 %(key)s 是封存之后塞进来的。")) for key in found.keys() - said.keys()]
    told += [
        (key, _("审计记录 %(key)s 被改动。")) for key in said.keys() & found.keys() if said[key] != found[key]
    ]
    told.sort()
    for key, sentence in told[:NAMED]:
        yield sentence % {"key": key}
    if len(told) > NAMED:
        yield _("另有 %(count)s 条审计记录不符。") % {"count": len(told) - NAMED}
