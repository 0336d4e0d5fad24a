"""Start and hand in, and what closes an attempt whose time is over. Saving is `exams.actions.saving`."""

import logging

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.append import append
from audit.log import record
from audit.transitions import Refused, move
from exams.actions import release, scoring, sealing
from exams.actions.saving import Behind, Closed, Entry, Running, Saved, Waiting, canonical, over, save
from exams.engine import chain, clock
from exams.engine.chance import rank
from exams.engine.layout import Place, lay_out_paper
from exams.models import Attempt, Response
from exams.queries import hot, papers, responses
from exams.rules import why_not_start

__all__ = ["Behind", "Closed", "Entry", "Saved", "Waiting", "canonical", "hand_in", "heard", "save", "start"]
log = logging.getLogger("exams")

MOST_IN_A_PAGE = 200  # overdue attempts that one look at a list closes
TRIES = 8


def start(registration, *, by, device="", now=None):
    """Begin an attempt on a device, or give the one that is already in progress.

    Lock the registration; check the rules; take the next paper of the person's own order; write the attempt and its audit
    line. Nothing is drawn here: papers were composed before, and the order of papers is a hash anyone can recompute.
    """
    now = now or timezone.now()
    with transaction.atomic():
        found = _start(registration, by, device, now)
    if found.state == Attempt.State.IN_PROGRESS and is_overdue(found, found.registration.session, now):
        hand_in(None, found.pk, by=None, now=now)  # over and done with, whether or not another one may begin
        with transaction.atomic():
            found = _start(registration, by, device, now)
    return found


def _start(registration, by, device, now):
    """A new attempt, or the one that runs, even if its time is over."""
    hot.REGISTRATION_LOCK.one(pk=registration.pk)
    registration = hot.REGISTRATION_TO_START.one(pk=registration.pk)
    attempts = hot.ATTEMPTS_OF.rows(registration=registration.pk)
    running = next((a for a in attempts if a.state == Attempt.State.IN_PROGRESS), None)
    session = registration.session
    if running:
        running.registration = registration
        return running
    if reason := why_not_start(registration, attempts, now):
        raise Refused(reason)
    number = len(attempts) + 1
    paper_id, paper_number = _paper_for(registration, attempts)
    paper = papers.outline(paper_id)
    layout = _layout(paper.places, session, f"{session.code}:{registration.pk}:{number}")
    attempt = Attempt(
        registration=registration,
        number=number,
        paper_id=paper_id,
        layout=layout,
        started_at=now,
        deadline=clock.deadline(
            now, session.minutes, extra=registration.extra_minutes, closes_at=session.closes_at
        ),
        device=device,
        origin=chain.origin(
            session=session.code,
            candidate=registration.candidate_id,
            number=number,
            paper=paper.digest,
            layout=layout,
            started_at=now,
        ),
    )
    append([attempt])
    record("attempt.started", attempt, by=by, paper=str(paper_number), origin=attempt.origin)
    return attempt


def _paper_for(registration, before):
    """Key and number of the paper that comes next in the person's own order, none that she has had as long as there are others.

    The numbers of a session's papers have no gaps; papers may have been composed since her last attempt.
    """
    session = registration.session
    last = registration.last_paper
    numbers = range(session.papers_from, last + 1) if last else ()
    order = rank([str(n) for n in numbers], f"{session.code}:{registration.pk}")
    if not order:
        raise Refused(_("该场次的试卷尚未生成，请联系组织单位。"))
    had = set(papers.numbers(a.paper_id for a in before)) if before else ()
    fresh = (int(n) for n in order if int(n) not in had)
    chosen = next(fresh, int(order[len(before) % len(order)]))
    return hot.PAPER_KEY.one(session=session.pk, number=chosen).pk, chosen


def _layout(places, session, seed):
    shapes = [
        Place(position, section, kind, body) for position, (section, kind, body) in enumerate(places, start=1)
    ]
    return lay_out_paper(shapes, seed, session.shuffle_items, session.shuffle_options)


def is_overdue(attempt, session, now):
    """Whether the time of a running attempt is over, grace of the network included; a paused one has its time stopped."""
    return clock.is_over(attempt.deadline, session.grace_seconds, now, attempt.paused_at)


def locked(pk, candidate=None):
    """An attempt under its lock, ready to be closed: the candidate's own, or anybody's where the house acts."""
    attempt = hot.LOCKED.one(pk=pk)
    if attempt is None or (candidate is not None and attempt.registration.candidate_id != candidate.pk):
        raise Attempt.DoesNotExist
    return attempt


def hand_in(candidate, pk, *, by, entries=(), device=None, sealed=False, auto=False, now=None):
    """Hand in: append what the browser still held, score, and let the result be known. A second time changes nothing.

    `candidate` None is the house, which closes anybody's whose time is over. `auto` is a page that found its time over, which
    is believed only if it is. Raises Closed, the attempt being over all the same, where an answer came along that was too late
    to count; Waiting from a device that no longer answers, and where a page was early.
    """
    now = now or timezone.now()
    for attempt_left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                attempt, lost = _hand_in(candidate, pk, by, entries, device, sealed, auto, now)
            break
        except IntegrityError:
            if not attempt_left:
                raise
    if lost and attempt.ended_by == Attempt.EndedBy.TERMINATED:
        raise Closed(over(attempt.ended_by))
    if lost:
        raise Closed(_("答卷已交，最后的作答到得太晚，没有计入。"))
    return attempt


def _hand_in(candidate, pk, by, entries, device, sealed, auto, now):
    attempt = locked(pk, candidate)
    late = is_overdue(attempt, attempt.registration.session, now)
    if candidate is None and not late:
        return attempt, False  # time was granted or stopped while the lock was waited for
    running = _running(attempt)
    lost = False
    if late or attempt.state != Attempt.State.IN_PROGRESS:
        lost = bool(entries) and not running.knows(entries, sealed)
    else:
        running.check(device, now)
        if auto and now < attempt.deadline:
            raise Waiting(_("考试时间未到，可继续作答。"), "early", attempt.deadline)
        if entries:
            running.last, running.head = _last(attempt)
            running.append(running.read(entries, sealed), now)
    if attempt.state == Attempt.State.IN_PROGRESS:
        in_time = now <= attempt.deadline
        ended_by = Attempt.EndedBy.CANDIDATE if in_time and not auto else Attempt.EndedBy.DEADLINE
        close(attempt, ended_by=ended_by, by=by if in_time else None, now=now)
    return attempt, lost


def _running(attempt):
    """A locked attempt as saving sees it."""
    names = ("pk", "state", "deadline", "paused_at", "device", "origin", "paper_id", "ended_by")
    return Running(*(getattr(attempt, name) for name in names), None, None)


def _last(attempt):
    """Number and link of the last response; read after the lock, so nobody can be further on."""
    last = Response.objects.filter(attempt=attempt).order_by("-number").values_list("number", "link").first()
    return last or (None, None)


def heard(attempt):
    """Number and link of the last answer of an attempt that is over; what a hand-in acknowledges."""
    last, head = getattr(attempt, "heard", None) or _last(attempt)
    return last or 0, head or attempt.origin


def close(attempt, *, ended_by, by, now):
    """Score a running, locked attempt, seal its chain and end it; however late this runs, it ended no later than its deadline."""
    events = responses.events(attempt)
    result, scores = scoring.score(attempt, responses.counting(events), by=None)
    submitted_at = clock.finished_at(attempt.deadline, now)
    links = [event.link for event in events]
    attempt.heard = (events[-1].number, events[-1].link) if events else (0, attempt.origin)
    attempt.seal = sealing.seal(
        attempt, links, result, scores, submitted_at=submitted_at, ended_by=str(ended_by)
    )
    move(
        attempt,
        to=Attempt.State.SUBMITTED,
        by=by,
        facts={"seal": attempt.seal},
        submitted_at=submitted_at,
        ended_by=ended_by,
        paused_at=None,
        pause_called=False,
        current_result=result,
        seal=attempt.seal,
    )
    release.release_with(attempt)


def close_if_due(attempt, *, now=None):
    """Close an attempt whose time is over; any page that reads an attempt asks here first, so no scheduler is needed."""
    now = now or timezone.now()
    if attempt.state != Attempt.State.IN_PROGRESS or not is_overdue(
        attempt, attempt.registration.session, now
    ):
        return attempt
    return hand_in(None, attempt.pk, by=None, now=now)


def close_all_due(door=None, *, now=None, most=None):
    """Close every attempt behind the door (all by default) whose time is over; gives how many. No scheduler is needed.

    A page that looks at many people closes `most` of them and leaves the rest to whoever looks next.
    """
    now = now or timezone.now()
    door = Attempt.objects.all() if door is None else door
    due = door.filter(
        state=Attempt.State.IN_PROGRESS, deadline__lt=now, paused_at__isnull=True
    ).select_related("registration__session")
    return sum(_closed(attempt, now) for attempt in due[:most])


def _closed(attempt, now):
    """Whether it is closed now; one that cannot be closed keeps none of the others waiting."""
    try:
        return close_if_due(attempt, now=now).state == Attempt.State.SUBMITTED
    except Exception:
        log.exception("attempt %s could not be closed", attempt.pk)
        return False
