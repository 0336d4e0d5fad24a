"""Save: the act that thousands do all the time. Two statements: look, and append if nothing has changed since.

The second one locks the attempt, looks again whether it is as it was, appends and is committed, all at once. That spares the
database and the network the two halves of a transaction around a look under a lock. What another save of the same attempt
appended in between is noticed by the table, where no two responses follow the same one.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, OperationalError
from django.db.models import CharField, DateTimeField, Exists, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.prepared import Prepared, given
from audit.append import append, append_if
from audit.transitions import Refused
from exams import tokens
from exams.engine import chain, clock
from exams.engine.items import ITEM_TYPES
from exams.engine.items.base import Unreadable
from exams.models import Attempt, Registration, Response
from exams.queries import papers

LARGEST_BATCH = 200
MOST = 20_000  # responses of one attempt: more than one a second for five hours; they can never be deleted
FURTHEST = 10_000  # numbers that may be left out: a made-up one must not use up all there are
TRIES = 8  # whoever lost a race against another save of the same attempt looks again; somebody always wins


class Closed(Refused):
    """The attempt was handed in or its time is over; nothing more is accepted."""


class Behind(Refused):
    """Another page of the same attempt is further on; `last` is the number to count on from."""

    def __init__(self, last):
        super().__init__(_("同一答卷在别处有更新的作答，正在重新对齐。"))
        self.last = last


class Waiting(Refused):
    """Not now and not here, though the attempt runs: paused, answered on another device, or not over yet. Nothing was lost."""

    def __init__(self, sentence, why, deadline=None):
        super().__init__(sentence)
        self.why, self.deadline = why, deadline


def over(ended_by):
    """The sentence for whoever writes to an attempt that is over."""
    if ended_by == Attempt.EndedBy.TERMINATED:
        return _("监考人员已终止这次考试，不再接受作答；此前保存的作答都在。")
    return _("答卷已交，不再接受作答。")


@dataclass(frozen=True)
class Entry:
    """One answer as the browser sends it."""

    number: int
    position: int
    payload: dict
    flagged: bool = False


@dataclass(frozen=True)
class Saved:
    """The acknowledgement: the highest number stored, the digest of the whole chain up to it, and until when it goes on."""

    last: int
    head: str
    deadline: datetime


def _of(name):
    """A column of the attempt's last response."""
    newest = Response.objects.filter(attempt=OuterRef("pk")).order_by("-number")
    return Subquery(newest.values(name)[:1])


HERS = Registration.objects.filter(pk=OuterRef("registration"), candidate=given("candidate"))
SEEN = ("pk", "state", "deadline", "paused_at", "device", "origin", "paper_id", "ended_by")


def _hers():
    return Attempt.objects.filter(Exists(HERS), pk=given("pk")).order_by()


LOOK = Prepared(lambda: _hers().values_list(*SEEN, _of("number"), _of("link")))
# A join would lock the registration as well, for which starts wait.
LOCKED = Prepared(
    lambda: _hers().select_for_update(no_key=True).values_list(*SEEN, _of("number"), _of("link"))
)
# Running, and as it was seen: a pause, a hand-in, more time and another device each make it another.
UNCHANGED = Prepared(
    lambda: (
        Attempt.objects.filter(
            pk=given("pk"),
            state=Attempt.State.IN_PROGRESS,
            paused_at__isnull=True,
            deadline=given("deadline", DateTimeField()),
            device=given("device", CharField()),
        )
        .order_by()
        .select_for_update(no_key=True)
        .values_list("pk")
    )
)


def save(candidate, pk, entries, *, device=None, sealed=False, now=None):
    """Append answers to the candidate's running attempt and acknowledge them with the head of the chain.

    A repeated send changes nothing. Raises Behind where a number was already used for something else, Closed after deadline
    and grace or once handed in, Waiting while paused or answered from another `device`, Refused for what does not belong to
    the paper. With `sealed` the payloads name options by the tokens of the attempt's page.
    """
    arrived = now or timezone.now()
    for tries_left in reversed(range(TRIES)):
        found = LOOK.one(pk=pk, candidate=candidate.pk)
        if found is None:
            raise Attempt.DoesNotExist
        running = Running(*found)
        try:
            running.check(device, arrived)
        except Closed:
            if running.knows(entries, sealed):  # the acknowledgement was lost on the way
                return Saved(running.last, running.head, running.deadline)
            raise
        responses, saved = running.chained(running.read(entries, sealed), now or timezone.now(), most=MOST)
        try:
            if not responses or running.take(responses):
                return saved
        except IntegrityError:
            if not tries_left:
                raise
    raise OperationalError("the attempt was another one at every look")


@dataclass
class Running:
    """An attempt under its lock, as far as a save must know it."""

    pk: int
    state: str
    deadline: datetime
    paused_at: datetime | None
    device: str
    origin: str
    paper_id: int
    ended_by: str
    last: int | None
    head: str | None

    @property
    def paper(self):
        """What every attempt at the same paper shares."""
        return papers.outline(self.paper_id)

    def check(self, device, now):
        """Raise the reason why nothing may be appended now."""
        if self.state != Attempt.State.IN_PROGRESS:
            raise Closed(over(self.ended_by))
        if self.paused_at:
            raise Waiting(_("考试已暂停，恢复后再继续作答；暂停的时间会补给您。"), "paused")
        if not clock.accepts(self.deadline, self.paper.grace_seconds, now):
            raise Closed(_("考试时间已到，不再接受作答。"))
        if device is not None and self.device and device != self.device:
            raise Waiting(_("这份答卷已转到另一台设备上作答，本页不再保存。"), "elsewhere")

    def read(self, entries, sealed):
        """Each entry in its canonical form, in the order of the numbers; what does not belong to this paper is refused whole."""
        if len(entries) > LARGEST_BATCH:
            raise Refused(_("一次发送的作答过多。"))
        for entry in entries:
            if not (1 <= entry.position <= len(self.paper.places) and 1 <= entry.number < 2**31):
                raise Refused(_("作答不属于这份试卷。"))
        if len({entry.number for entry in entries}) < len(entries):
            raise Refused(_("一次发送中有两个作答用了同一个编号。"))
        read = [
            Entry(e.number, e.position, self.canonical(e.position, e.payload, sealed), e.flagged)
            for e in entries
        ]
        return sorted(read, key=lambda entry: entry.number)

    def canonical(self, position, payload, sealed=False):
        """A payload for one place of the paper in its one spelling; Refused when it cannot be read."""
        return canonical(self.pk, self.paper, position, payload, sealed)

    def knows(self, entries, sealed):
        """Whether every one of the entries, and at least one, is stored exactly so."""
        try:
            read = self.read(entries, sealed)
        except Refused:
            return False
        known = stored(self.pk, read)
        return bool(read) and all(entry in known for entry in read)

    def append(self, entries, now):
        """Store what is new of the entries, under the attempt's lock."""
        responses, _saved = self.chained(entries, now)
        append(responses)

    def take(self, responses):
        """Store responses if the attempt is still as it was seen, which is said."""
        return append_if(
            responses, *UNCHANGED.statement(pk=self.pk, deadline=self.deadline, device=self.device)
        )

    def chained(self, entries, now, *, most=None):
        """What is new of the entries as responses chained to what is there, and the acknowledgement of them.

        Refused where it would become more than `most` responses. `now` is read after the look, so that the times of a chain
        and of pauses stand in the order in which things happened; who came in time and had to wait still came in time.
        """
        now = min(now, clock.moved(self.deadline, self.paper.grace_seconds))
        last, head = self.last or 0, self.head or self.origin
        if entries and entries[0].number <= last:
            entries = self._unseen(entries, last)
        if entries and entries[-1].number > last + FURTHEST:
            raise Refused(_("作答的编号跳得太远。"))
        if most and entries and self._would_exceed(most, entries):
            raise Refused(
                _("这份答卷的作答次数已到上限，这一次没有保存；已保存的作答不受影响，请检查后交卷。")
            )
        values = []
        for entry in entries:
            previous, last = last, entry.number
            if self.origin:
                head = chain.link(
                    head,
                    number=entry.number,
                    position=entry.position,
                    payload=entry.payload,
                    flagged=entry.flagged,
                    saved_at=now,
                )
            values.append(
                Response(
                    attempt_id=self.pk,
                    number=entry.number,
                    position=entry.position,
                    payload=entry.payload,
                    flagged=entry.flagged,
                    saved_at=now,
                    previous=previous,
                    link=head if self.origin else "",
                )
            )
        return values, Saved(last, head, self.deadline)

    def _would_exceed(self, most, entries):
        """Counted only past as many numbers: no number stands twice, so up to there they cannot be more."""
        if entries[-1].number <= most:
            return False
        return Response.objects.filter(attempt=self.pk).count() + len(entries) > most

    def _unseen(self, entries, last):
        """Leave out what is already stored exactly so; whatever else bears an old number means this page is behind."""
        known = stored(self.pk, entries)
        fresh = [entry for entry in entries if entry not in known]
        if fresh and fresh[0].number <= last:
            raise Behind(last)
        return fresh


def canonical(attempt_id, paper, position, payload, sealed=False):
    """A payload for one place of a paper in its one spelling; Refused when it cannot be read."""
    _section, kind, body = paper.places[position - 1]
    try:
        if sealed:
            payload = tokens.opened(attempt_id, position, payload, body)
        return ITEM_TYPES[kind].read(payload, body)
    except Unreadable as unreadable:
        raise Refused(_("作答的格式无法识别。")) from unreadable


def stored(attempt_id, entries):
    """What is stored under the numbers of these entries."""
    rows = Response.objects.filter(attempt=attempt_id, number__in=[entry.number for entry in entries])
    return [Entry(row.number, row.position, row.payload, row.flagged) for row in rows]
