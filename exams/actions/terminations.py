"""Terminating a running attempt takes two people, reversing it a third; every step stays."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused
from exams import rules
from exams.actions import attempts, interventions, release
from exams.models import Attempt, Intervention, Termination
from exams.signals import termination_reversed

Kind = Termination.Kind
ACTS = {
    Kind.PROPOSED: "termination.proposed",
    Kind.WITHDRAWN: "termination.withdrawn",
    Kind.CONFIRMED: "termination.confirmed",
    Kind.REVERSED: "termination.reversed",
}


@transaction.atomic
def propose(attempt, *, why, by, now=None):
    """Propose to terminate a running attempt; its clock stands still until a second person confirms, or somebody withdraws it."""
    attempt, before, why, now = _taken(attempt, why, now)
    if reason := rules.why_not_propose(attempt, before, by, now):
        raise Refused(reason)
    stops = attempt.paused_at is None
    if stops:
        attempt.paused_at = now
        Attempt.objects.filter(pk=attempt.pk).update(paused_at=now)
        interventions.note([attempt], Intervention.Kind.PAUSED, why=why, by=by, now=now)
    return _step(attempt, before, Kind.PROPOSED, why, by, now, stopped_clock=stops)


@transaction.atomic
def withdraw(attempt, *, why, by, now=None):
    """Withdraw a proposal that nobody confirmed; the clock goes on with the time added, unless a pause was called and not ended."""
    attempt, before, why, now = _taken(attempt, why, now)
    if reason := rules.why_not_withdraw(attempt, before, by):
        raise Refused(reason)
    row = _step(attempt, before, Kind.WITHDRAWN, why, by, now)
    if not attempt.pause_called:
        interventions.run_on([attempt], why=why, by=by, now=now)
    return row


@transaction.atomic
def confirm(attempt, *, why, by, now=None):
    """Confirm another person's proposal: the attempt is over, scored from what was saved, and counts for nothing meanwhile."""
    attempt, before, why, now = _taken(attempt, why, now)
    if reason := rules.why_not_confirm(attempt, before, by):
        raise Refused(reason)
    row = _step(attempt, before, Kind.CONFIRMED, why, by, now)
    interventions.note([attempt], Intervention.Kind.TERMINATED, why=why, by=by, now=now)
    attempts.close(attempt, ended_by=Attempt.EndedBy.TERMINATED, by=by, now=now)
    return row


@transaction.atomic
def reverse(attempt, *, why, by, voids=False, now=None):
    """Reverse a termination as a third person: what was scored counts, or, with `voids`, nothing does and she may sit again."""
    attempt, before, why, now = _taken(attempt, why, now)
    if reason := rules.why_not_reverse(attempt, before, by, proposer(attempt), voids, now):
        raise Refused(reason)
    row = _step(attempt, before, Kind.REVERSED, why, by, now)
    if voids:
        interventions.void(attempt, why=why, by=by)
    else:
        attempt = release.release(attempt)
    termination_reversed.send(sender=Attempt, attempt=attempt, by=by, why=why)
    return row


def _taken(attempt, why, now):
    """An attempt under its lock, the step that counts or None, the reason, and the moment after the lock."""
    if not why.strip():
        raise Refused(_("请写明原因。"))
    attempt = attempts.locked(attempt.pk)
    before = Termination.objects.filter(attempt=attempt).order_by("-number").first()
    return attempt, before, why.strip()[:200], now or timezone.now()


def proposer(attempt):
    """The key of who proposed the last time, or None."""
    rows = Termination.objects.filter(attempt=attempt, kind=Kind.PROPOSED).order_by("-number")
    return rows.values_list("by", flat=True).first()


def _step(attempt, before, kind, why, by, now, **more):
    row = Termination.objects.create(
        attempt=attempt, number=before.number + 1 if before else 1, kind=kind, why=why, by=by, at=now, **more
    )
    record(ACTS[kind], attempt, by=by, why=why, number=row.number)
    return row
