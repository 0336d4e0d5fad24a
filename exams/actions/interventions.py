"""What is done to running attempts from outside: time granted, pause and resume, another device. Nothing here shortens time."""

import logging

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record_many
from audit.transitions import Refused, move
from exams.actions import sealing
from exams.actions.attempts import close, is_overdue
from exams.engine import chain, clock
from exams.models import Attempt, Intervention

log = logging.getLogger("exams")
Kind = Intervention.Kind
ACTS = {
    Kind.EXTENDED: "attempt.extended",
    Kind.PAUSED: "attempt.paused",
    Kind.RESUMED: "attempt.resumed",
    Kind.TAKEN_OVER: "attempt.taken_over",
    Kind.FILED: "attempt.filed",
}


@transaction.atomic
def extend(door, *, minutes, why, by, now=None):
    """Grant every running attempt behind the door so many minutes more, paused or not; gives the attempts."""
    if not 1 <= minutes <= clock.MOST_MINUTES:
        raise Refused(_("延长的时间须在 1 到 %(most)s 分钟之间。") % {"most": clock.MOST_MINUTES})
    why = _reason(why)
    attempts, now = _running(door, now)
    seconds = minutes * 60
    for one in attempts:
        one.deadline = clock.moved(one.deadline, seconds)
    Attempt.objects.bulk_update(attempts, ["deadline"], batch_size=500)
    return note(attempts, Kind.EXTENDED, seconds={a.pk: seconds for a in attempts}, why=why, by=by, now=now)


@transaction.atomic
def pause(door, *, why, by, now=None):
    """Stop the clock of every running attempt behind the door that is not paused yet; gives the attempts."""
    why = _reason(why)
    attempts, now = _running(door, now, paused=False)
    for one in attempts:
        one.paused_at = now
    Attempt.objects.filter(pk__in=[a.pk for a in attempts]).update(paused_at=now)
    return note(attempts, Kind.PAUSED, why=why, by=by, now=now)


@transaction.atomic
def resume(door, *, why, by, now=None):
    """Let the clock of every paused attempt behind the door run on, with the paused time added to the second."""
    why = _reason(why)
    attempts, now = _running(door, now, paused=True)
    seconds = {a.pk: clock.paused_seconds(a.paused_at, now) for a in attempts}
    for one in attempts:
        one.deadline = clock.moved(one.deadline, seconds[one.pk])
        one.paused_at = None
    Attempt.objects.bulk_update(attempts, ["deadline", "paused_at"], batch_size=500)
    return note(attempts, Kind.RESUMED, seconds=seconds, why=why, by=by, now=now)


@transaction.atomic
def take_over(candidate, pk, *, device, now=None):
    """Let the candidate go on with her running attempt on this device; the one before can only be read from now on."""
    gone = _("答卷已交，不能再换设备作答。")
    attempts, now = _running(Attempt.objects.of(candidate).filter(pk=pk), now, otherwise=gone)
    if attempts[0].device != device:
        Attempt.objects.filter(pk=pk).update(device=device)
        note(attempts, Kind.TAKEN_OVER, by=candidate, now=now)
    return attempts[0]


@transaction.atomic
def void(attempt, *, why, by):
    """Declare a finished attempt void; it no longer counts, and what it says stays. A certificate it earned is not touched."""
    why, at = _reason(why), timezone.now()
    seal = sealing.of_void(attempt, why=why, by=by.pk, at=at)
    return move(attempt, to=Attempt.State.VOIDED, by=by, why=why, facts={"seal": seal}, voided_at=at)


def _reason(why):
    if not why.strip():
        raise Refused(_("请写明原因。"))
    return why.strip()[:200]


def _running(door, now, *, paused=None, otherwise=""):
    """The running attempts behind a door, locked, and the moment at which they were; those whose time is over are closed instead.

    With `paused` only those that are, or are not. The moment is read under the lock, so that nothing saved before it is later.
    """
    locked = list(
        door.filter(state=Attempt.State.IN_PROGRESS)
        .select_for_update(of=("self",), no_key=True)
        .select_related("registration__session__exam", "registration__candidate", "paper")
        .order_by("pk")
    )
    now = now or timezone.now()
    running = []
    for attempt in locked:
        if is_overdue(attempt, attempt.registration.session, now):
            _close(attempt, now)
        elif paused is None or paused == bool(attempt.paused_at):
            running.append(attempt)
    if not running:
        raise Refused(otherwise or _("所选答卷的状态已变化，没有可以办理的。"))
    return running, now


def _close(attempt, now):
    """Close one whose time is over; should that fail, the others get what they were granted all the same."""
    try:
        with transaction.atomic():
            close(attempt, ended_by=Attempt.EndedBy.DEADLINE, by=None, now=now)
    except Exception:
        log.exception("attempt %s could not be closed", attempt.pk)


def note(attempts, kind, *, seconds=None, why="", by, now):
    """Append one intervention to the chain of each attempt, and a line of the log."""
    last = {}
    for row in Intervention.objects.filter(attempt__in=attempts).order_by("number"):
        last[row.attempt_id] = row
    rows = []
    for attempt in attempts:
        before = last.get(attempt.pk)
        facts = {
            "number": before.number + 1 if before else 1,
            "kind": str(kind),
            "seconds": (seconds or {}).get(attempt.pk, 0),
            "why": why,
            "at": now,
        }
        link = chain.intervention(
            before.link if before else attempt.origin, by=by.pk if by else None, **facts
        )
        session = attempt.registration.session_id
        rows.append(Intervention(attempt=attempt, session_id=session, by=by, link=link, **facts))
    Intervention.objects.bulk_create(rows, batch_size=500)
    record_many(
        [
            (
                ACTS[kind],
                row.attempt,
                {"seconds": row.seconds, "why": why} if why or row.seconds else {},
            )
            for row in rows
        ],
        by=by,
    )
    return attempts
