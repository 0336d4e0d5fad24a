"""What is done to running attempts from outside: time granted, pause and resume, another device. Nothing here shortens time."""

import logging

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record_many
from audit.transitions import Refused, move
from exams.actions import sealing, signals
from exams.actions.attempts import close, is_overdue
from exams.engine import chain, clock
from exams.models import Attempt, Intervention
from exams.queries import terminations

log = logging.getLogger("exams")
Kind = Intervention.Kind
ACTS = {
    Kind.EXTENDED: "attempt.extended",
    Kind.PAUSED: "attempt.paused",
    Kind.RESUMED: "attempt.resumed",
    Kind.TAKEN_OVER: "attempt.taken_over",
    Kind.FILED: "attempt.filed",
    Kind.TERMINATED: "attempt.terminated",
    Kind.PAUSE_JOINED: "attempt.pause_joined",
    Kind.PAUSE_LIFTED: "attempt.pause_lifted",
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
    """Pause every running attempt behind the door that is not yet; gives the attempts.

    A clock that a proposal to terminate has stopped goes on standing, from when it stopped; the pause outlasts the proposal.
    """
    why = _reason(why)
    attempts, now = _running(door, now, meant=lambda one: not one.pause_called)
    joined = [one for one in attempts if one.paused_at]
    stopped = [one for one in attempts if not one.paused_at]
    for one in attempts:
        one.paused_at, one.pause_called = one.paused_at or now, True
    Attempt.objects.bulk_update(attempts, ["paused_at", "pause_called"], batch_size=500)
    note(stopped, Kind.PAUSED, why=why, by=by, now=now)
    note(joined, Kind.PAUSE_JOINED, why=why, by=by, now=now)
    return attempts


@transaction.atomic
def resume(door, *, why, by, now=None):
    """End the pause of every attempt behind the door that is in one: its clock runs on with the time added; gives the attempts.

    Of one whose termination is proposed only the pause ends: its clock stands until that is withdrawn, and is given all of it then.
    """
    why = _reason(why)
    attempts, now = _running(door, now, meant=lambda one: one.paused_at)
    attempts = [one for one in attempts if one.pause_called]
    if not attempts:
        raise Refused(_("终止建议正在等待确认；先撤回建议，才能恢复考试。"))
    proposed = terminations.waiting_among(attempts)
    lifted = [one for one in attempts if one.pk in proposed]
    for one in attempts:
        one.pause_called = False
    Attempt.objects.filter(pk__in=proposed).update(pause_called=False)
    run_on([one for one in attempts if one.pk not in proposed], why=why, by=by, now=now)
    note(lifted, Kind.PAUSE_LIFTED, why=why, by=by, now=now)
    return attempts


def run_on(attempts, *, why, by, now):
    """Let the clock of these locked attempts run on, with the time for which it stood still added to the second."""
    seconds = {one.pk: clock.paused_seconds(one.paused_at, now) for one in attempts}
    for one in attempts:
        one.deadline = clock.moved(one.deadline, seconds[one.pk])
        one.paused_at = None
    Attempt.objects.bulk_update(attempts, ["deadline", "paused_at", "pause_called"], batch_size=500)
    return note(attempts, Kind.RESUMED, seconds=seconds, why=why, by=by, now=now)


@transaction.atomic
def take_over(candidate, pk, *, device, now=None):
    """Let the candidate go on with her running attempt on this device; the one before can only be read from now on."""
    gone = _("答卷已交，不能再换设备作答。")
    attempts, now = _running(Attempt.objects.of(candidate).filter(pk=pk), now, otherwise=gone)
    session, before = attempts[0].registration.session, attempts[0].device
    if session.is_held and before and before != device:
        raise Refused(_("本场考试换设备须经监考人员同意，请在新设备上申请。"))
    if before != device:
        Attempt.objects.filter(pk=pk).update(device=device)
        note(attempts, Kind.TAKEN_OVER, by=candidate, now=now)
        signals.note_device(attempts[0], now)
    return attempts[0]


@transaction.atomic
def move_over(wish, *, by, now=None):
    """Let the device that a candidate asked for answer her running attempt, as whoever supervises agreed; both names are kept."""
    gone = _("答卷已交，不能再换设备作答。")
    attempts, now = _running(Attempt.objects.filter(pk=wish.attempt_id), now, otherwise=gone)
    attempt = attempts[0]
    if attempt.device != wish.device:
        Attempt.objects.filter(pk=attempt.pk).update(device=wish.device)
        name = attempt.registration.candidate.name
        why = _("%(candidate)s 申请，监考人员 %(name)s 同意") % {"candidate": name, "name": by.name}
        note([attempt], Kind.TAKEN_OVER, why=why, by=by, now=now)
        signals.note_device(attempt, now)
    return attempt


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


def _running(door, now, *, meant=None, otherwise=""):
    """The running attempts behind a door, locked, and the moment at which they were; those whose time is over are closed instead.

    With `meant` only those of which it is true. The moment is read under the lock, so that nothing saved before it is later.
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
        elif meant is None or meant(attempt):
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
