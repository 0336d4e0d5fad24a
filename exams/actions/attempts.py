"""Start, save, hand in: the three acts that thousands do in the same second."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, Max, OuterRef, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused, move
from exams.actions import release, scoring
from exams.engine import clock
from exams.engine.chance import rank
from exams.engine.items import ITEM_TYPES
from exams.engine.items.base import Unreadable
from exams.engine.layout import Place, lay_out_paper
from exams.models import Attempt, Paper, Registration, Response
from exams.rules import why_not_start

LARGEST_BATCH = 200
MOST_IN_A_PAGE = 200  # overdue attempts that one look at a list closes


class Closed(Refused):
    """The attempt was handed in or its time is over; nothing more is accepted."""


class Behind(Refused):
    """Another page of the same attempt is further on; `last` is the number to count on from."""

    def __init__(self, last):
        super().__init__(_("同一答卷在别处有更新的作答，正在重新对齐。"))
        self.last = last


@dataclass(frozen=True)
class Entry:
    """One answer as the browser sends it."""

    number: int
    position: int
    payload: dict
    flagged: bool = False


@transaction.atomic
def start(registration, *, by, now=None):
    """Begin an attempt, or give the one that is already in progress.

    Lock the registration; check the rules; take the next paper of the person's own order; write the attempt and its audit
    line. Nothing is drawn here: papers were composed before, and the order of papers is a hash anyone can recompute.
    """
    now = now or timezone.now()
    registration = (
        Registration.objects.select_for_update(of=("self",))
        .select_related("session__exam", "post")
        .get(pk=registration.pk)
    )
    attempts = list(registration.attempts.select_related("paper", "current_result").order_by("number"))
    running = next((a for a in attempts if a.state == Attempt.State.IN_PROGRESS), None)
    session = registration.session
    if running and clock.accepts(running.deadline, session.grace_seconds, now):
        return running
    if running:
        running.registration = registration
        _close(running, ended_by=Attempt.EndedBy.DEADLINE, by=None, now=now)
    if reason := why_not_start(registration, attempts, now):
        raise Refused(reason)
    number = len(attempts) + 1
    attempt = Attempt.objects.create(
        registration=registration,
        number=number,
        paper=(paper := _paper_for(registration, number)),
        layout=_layout(paper, session, f"{session.code}:{registration.pk}:{number}"),
        started_at=now,
        deadline=clock.deadline(
            now, session.minutes, extra=registration.extra_minutes, closes_at=session.closes_at
        ),
    )
    record("attempt.started", attempt, by=by, paper=str(paper.number))
    return attempt


def _paper_for(registration, number):
    session = registration.session
    numbers = Paper.objects.filter(session=session, number__gte=session.papers_from).values_list(
        "number", flat=True
    )
    order = rank([str(n) for n in numbers], f"{session.code}:{registration.pk}")
    if not order:
        raise Refused(_("该场次的试卷尚未生成，请联系组织单位。"))
    return Paper.objects.get(session=session, number=int(order[(number - 1) % len(order)]))


def _layout(paper, session, seed):
    shapes = [
        Place(position, section, kind, body)
        for position, (section, kind, body) in enumerate(paper.outline, start=1)
    ]
    return lay_out_paper(shapes, seed, session.shuffle_items, session.shuffle_options)


def _locked(door, pk):
    """The attempt through the caller's door, locked, with its last number: one query."""
    last = (
        Response.objects.filter(attempt=OuterRef("pk"))
        .values("attempt")
        .annotate(n=Max("number"))
        .values("n")
    )
    return (
        door.select_for_update(of=("self",))
        .select_related("registration__session", "paper")
        .annotate(last_number=Subquery(last))
        .get(pk=pk)
    )


def save(door, pk, entries, *, now=None):
    """Append answers to a running attempt; give the attempt and the highest number that is now stored.

    `door` is a queryset of the attempts that the caller may write. A repeated send changes nothing; a number that another
    page already used for something else raises Behind; after deadline and grace, or once handed in, raises Closed.
    """
    now = now or timezone.now()

    def act():
        attempt = _locked(door, pk)
        return attempt, _append(attempt, entries, now)

    return _whole(act)


def _whole(act):
    """Do an act in one transaction. If two sends raced, the database has answered the first by now: look again."""
    try:
        with transaction.atomic():
            return act()
    except IntegrityError:
        with transaction.atomic():
            return act()


def _append(attempt, entries, now):
    if attempt.state != Attempt.State.IN_PROGRESS:
        raise Closed(_("答卷已交，不再接受作答。"))
    if not clock.accepts(attempt.deadline, attempt.registration.session.grace_seconds, now):
        raise Closed(_("考试时间已到，不再接受作答。"))
    entries = sorted(_read(attempt, entries), key=lambda entry: entry.number)
    last = attempt.last_number or 0
    if entries and entries[0].number <= last:
        entries = _unseen(attempt, entries, last)
    if entries:
        Response.objects.bulk_create(
            Response(
                attempt=attempt,
                number=_unless_overtaken(attempt, entry.number) if entry is entries[0] else entry.number,
                position=entry.position,
                payload=entry.payload,
                flagged=entry.flagged,
                saved_at=now,
            )
            for entry in entries
        )
    return entries[-1].number if entries else last


def _unless_overtaken(attempt, number):
    """The number for the INSERT, or NULL, which the table refuses, where another page stored a higher one meanwhile.

    Whoever waited for the lock on PostgreSQL holds a `last_number` from before the wait; the INSERT sees what is true now,
    without one query more.
    """
    overtaken = Exists(Response.objects.filter(attempt=attempt, number__gte=number))
    return Case(When(overtaken, then=None), default=number)


def _read(attempt, entries):
    """Each entry in its canonical form; anything that does not belong to this paper is refused whole."""
    if len(entries) > LARGEST_BATCH:
        raise Refused(_("一次发送的作答过多。"))
    outline = attempt.paper.outline
    for entry in entries:
        if not (1 <= entry.position <= len(outline) and 1 <= entry.number < 2**31):
            raise Refused(_("作答不属于这份试卷。"))
        yield Entry(
            entry.number, entry.position, canonical(attempt, entry.position, entry.payload), entry.flagged
        )


def canonical(attempt, position, payload):
    """A payload for one place of the paper in its one spelling; Refused when it cannot be read."""
    _section, kind, body = attempt.paper.outline[position - 1]
    try:
        return ITEM_TYPES[kind].read(payload, body)
    except Unreadable as unreadable:
        raise Refused(_("作答的格式无法识别。")) from unreadable


def _unseen(attempt, entries, last):
    """Leave out what is already stored exactly so; whatever else bears an old number means this page is behind."""
    stored = _stored(attempt, entries)
    fresh = [entry for entry in entries if entry not in stored]
    if fresh and fresh[0].number <= last:
        raise Behind(last)
    return fresh


def _stored(attempt, entries):
    """What is stored under the numbers of these entries."""
    rows = attempt.responses.filter(number__in=[entry.number for entry in entries])
    return [Entry(row.number, row.position, row.payload, row.flagged) for row in rows]


def _are_stored(attempt, entries):
    stored = _stored(attempt, entries)
    return all(entry in stored for entry in _read(attempt, entries))


def hand_in(door, pk, *, by, entries=(), now=None):
    """Hand in: append what the browser still held, score, and let the result be known. A second time changes nothing.

    Raises Closed, the attempt being over all the same, where an answer came along that was too late to count.
    """
    now = now or timezone.now()

    def act():
        attempt = _locked(door, pk)
        late = not clock.accepts(attempt.deadline, attempt.registration.session.grace_seconds, now)
        is_over = late or attempt.state != Attempt.State.IN_PROGRESS
        lost = is_over and bool(entries) and not _are_stored(attempt, entries)
        if attempt.state == Attempt.State.IN_PROGRESS:
            if entries and not late:
                _append(attempt, entries, now)
            in_time = now <= attempt.deadline
            _close(
                attempt,
                ended_by=Attempt.EndedBy.CANDIDATE if in_time else Attempt.EndedBy.DEADLINE,
                by=by if in_time else None,
                now=now,
            )
        return attempt, lost

    attempt, lost = _whole(act)
    if lost:
        raise Closed(_("答卷已交，最后的作答到得太晚，没有计入。"))
    return attempt


def _close(attempt, *, ended_by, by, now):
    """Score a running attempt and end it; however late this runs, it ended no later than its deadline."""
    result = scoring.score(attempt, by=None)
    move(
        attempt,
        to=Attempt.State.SUBMITTED,
        by=by,
        submitted_at=clock.finished_at(attempt.deadline, now),
        ended_by=ended_by,
        current_result=result,
    )
    transaction.on_commit(
        lambda: release.release(attempt), robust=True
    )  # the result page repairs what failed


def close_if_due(attempt, *, now=None):
    """Close an attempt whose time is over; any page that reads an attempt asks here first, so no scheduler is needed."""
    now = now or timezone.now()
    session = attempt.registration.session
    if attempt.state != Attempt.State.IN_PROGRESS or clock.accepts(
        attempt.deadline, session.grace_seconds, now
    ):
        return attempt
    return hand_in(Attempt.objects.all(), attempt.pk, by=None, now=now)


def close_all_due(door=None, *, now=None, most=None):
    """Close every attempt behind the door (all by default) whose time is over; gives how many. No scheduler is needed.

    A page that looks at many people closes `most` of them and leaves the rest to whoever looks next.
    """
    now = now or timezone.now()
    door = Attempt.objects.all() if door is None else door
    due = door.filter(state=Attempt.State.IN_PROGRESS, deadline__lt=now).select_related(
        "registration__session"
    )
    return sum(close_if_due(attempt, now=now).state == Attempt.State.SUBMITTED for attempt in due[:most])
