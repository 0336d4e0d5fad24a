"""Does an attempt still say what was said? Everything that can be recomputed is, and every difference is one sentence."""

from collections import Counter, defaultdict, namedtuple
from datetime import timedelta

from django.utils.translation import gettext as _

from accounts.models import RecordEntry, User
from audit.log import name_of
from audit.models import AuditEvent
from exams.actions import papers as composing
from exams.actions import scoring, sealing
from exams.actions.blueprints import code_of
from exams.actions.interventions import ACTS, Kind
from exams.engine import chain, clock
from exams.engine.chance import digest
from exams.models import (
    Attempt,
    ExamSession,
    Filing,
    Intervention,
    Paper,
    PaperItem,
    Response,
    Result,
    Score,
)
from exams.queries import responses

CHUNK, LINES = 500, 5_000
# A server's clock may be put back a little, and of two acts that wait for one another the earlier may be taken second.
CLOCK_STEP = timedelta(seconds=5)
STARTED, SUBMITTED, VOIDED, REGRADED, FILED_AFTER = (
    f"attempt.{act}" for act in ("started", "submitted", "voided", "regraded", "filed_after")
)
TOLD = (STARTED, SUBMITTED, VOIDED, REGRADED, FILED_AFTER, *ACTS.values())
Line = namedtuple("Line", "data actor_id")


def problems_of(attempts, receipts=None):
    """Yield (key, [sentences]) of each attempt; `receipts` are candidates' copies by key. The memory it takes stays the same.

    An attempt from before there were chains yields (key, None): it can be read, not verified.
    """
    checked = {}
    door, last = attempts.select_related("registration"), 0
    while chunk := list(door.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        facts = _Facts(chunk)
        for attempt in chunk:
            if not attempt.origin and not _had_a_chain(attempt, facts):
                yield attempt.pk, None
                continue
            if attempt.paper_id not in checked:
                checked[attempt.paper_id] = _paper_is_whole(attempt.paper)
            held = (receipts or {}).get(attempt.pk)
            yield attempt.pk, list(_problems(attempt, facts, checked[attempt.paper_id], held))


def vanished(session=""):
    """Yield the keys of attempts that the log tells of and that are no more, of one session by its code or of all."""
    lines = AuditEvent.objects.filter(action__in=(STARTED, SUBMITTED)).order_by("pk")
    if session:
        lines = lines.filter(target_label__startswith=f"{session} ")
    last, told = 0, set()
    while rows := list(lines.filter(pk__gt=last).values_list("pk", "target")[:LINES]):
        last = rows[-1][0]
        named = {int(key) for key in (target.rpartition(":")[2] for _pk, target in rows) if key.isdecimal()}
        gone = named - set(Attempt.objects.filter(pk__in=named).values_list("pk", flat=True)) - told
        told |= gone
        yield from sorted(gone)


def _had_a_chain(attempt, facts):
    """Whether anything tells of a chain: nobody escapes by blanking the first link."""
    is_linked = any(event.link for event in facts.events[attempt.pk])
    is_told = any(line.data.get("origin") for line in facts.log[name_of(attempt)][STARTED])
    return bool(is_linked or is_told or attempt.seal or facts.interventions[attempt.pk])


class _Facts:
    """What the tables hold about a chunk of attempts: ten queries."""

    def __init__(self, chunk):
        keys = [attempt.pk for attempt in chunk]
        # Joined to every attempt, papers and sessions would be read as often; there are few of them.
        papers = Paper.objects.in_bulk({attempt.paper_id for attempt in chunk})
        sessions = ExamSession.objects.in_bulk({attempt.registration.session_id for attempt in chunk})
        for attempt in chunk:
            attempt.paper = papers[attempt.paper_id]
            attempt.registration.session = sessions[attempt.registration.session_id]
        self.events = defaultdict(list)
        rows = Response.objects.filter(attempt__in=keys).order_by("attempt", "pk")
        for key, *event in rows.values_list("attempt", *responses.Event._fields):
            self.events[key].append(responses.Event._make(event))
        self.log = defaultdict(lambda: defaultdict(list))
        lines = AuditEvent.objects.filter(target__in=[name_of(attempt) for attempt in chunk], action__in=TOLD)
        for target, action, *line in lines.order_by("pk").values_list("target", "action", *Line._fields):
            self.log[target][action].append(Line._make(line))
        self.interventions = _by_attempt(Intervention.objects.filter(attempt__in=keys))
        self.results = _by_attempt(Result.objects.filter(attempt__in=keys))
        self.filings = _by_attempt(Filing.objects.filter(attempt__in=keys).select_related("result"))
        self.scores = defaultdict(list)
        wanted = [result.pk for several in self.results.values() for result in several]
        rows = Score.objects.filter(result__in=wanted).order_by("position")
        for key, *score in rows.values_list("result", *sealing.Scored._fields):
            self.scores[key].append(sealing.Scored._make(score))
        entries = RecordEntry.objects.filter(subject__in=[_subject(attempt) for attempt in chunk])
        self.file = dict(entries.order_by("number").values_list("subject", "facts"))


def _by_attempt(rows):
    found = defaultdict(list)
    for row in rows.order_by("number"):
        found[row.attempt_id].append(row)
    return found


def _subject(attempt):
    return f"attempt:{attempt.pk}"


def _paper_is_whole(paper):
    rows = PaperItem.objects.filter(paper=paper).select_related("revision__item__bank").order_by("position")
    chosen = [(row, code_of(row.revision.item.bank.code, row.revision.item.code)) for row in rows]
    said = composing.content(chosen, {code: row.revision for row, code in chosen})
    outline = [[row.section, row.revision.item.type] for row in rows]
    return (
        digest(said) == paper.digest
        and outline == [place[:2] for place in paper.outline]
        and sum(row.points for row in rows) == paper.max_points
        and [row.position for row in rows] == list(range(1, len(rows) + 1))
    )


def _problems(attempt, facts, paper_is_whole, held):
    log, events = facts.log[name_of(attempt)], facts.events[attempt.pk]
    interventions, filings = facts.interventions[attempt.pk], facts.filings[attempt.pk]
    if not paper_is_whole:
        yield _("试卷与组卷时的摘要不符。")
    yield from _begun(attempt, log[STARTED])
    yield from _said(attempt, events, _closed_times(interventions))
    yield from _intervened(attempt, interventions)
    if Counter(ACTS[row.kind] for row in interventions) != Counter(
        {act: len(log[act]) for act in ACTS.values() if log[act]}
    ):
        yield _("干预记录与操作日志的条数不符。")
    filed = [row.at for row in interventions if row.kind == Kind.FILED]
    yield from sealing.problems_of_filings(attempt, filings, filed, log[FILED_AFTER])
    if held is not None:
        yield from _held(attempt, held, events, interventions)
    if attempt.state == Attempt.State.IN_PROGRESS:
        if attempt.seal or attempt.current_result_id or facts.results[attempt.pk] or log[SUBMITTED]:
            yield _("答题尚未结束，却已有成绩或封存码。")
        return
    yield from _ended(attempt, facts, log)
    yield from sealing.problems_of_void(attempt, log[VOIDED])
    told = facts.file.get(_subject(attempt))
    yield from sealing.problems_of_release(attempt, facts.results[attempt.pk], told)


def _begun(attempt, lines):
    if attempt.origin not in _origins(attempt):
        yield _("考生、试卷、题序或开始时间与起始摘要不符。")
    if [line.data.get("origin") for line in lines] != [attempt.origin]:
        yield _("操作日志中没有与起始摘要相符的开考记录。")


def _origins(attempt):
    """The first link as it must be; she may have sat under an account that was merged into hers since."""
    facts = {
        "session": attempt.registration.session.code,
        "number": attempt.number,
        "paper": attempt.paper.digest,
        "layout": attempt.layout,
        "started_at": attempt.started_at,
    }
    candidate = attempt.registration.candidate_id
    yield chain.origin(candidate=candidate, **facts)
    for absorbed in User.objects.filter(merged_into=candidate).order_by("pk").values_list("pk", flat=True):
        yield chain.origin(candidate=absorbed, **facts)


def _closed_times(interventions):
    """When nothing was taken: [(from, to), …], the pauses without what was filed in them; a pause that lasts has no end."""
    closed, since = [], None
    for row in interventions:
        if row.kind == Kind.PAUSED:
            since = row.at
        elif row.kind in (Kind.RESUMED, Kind.FILED) and since:
            closed.append((since, row.at))
            since = row.at if row.kind == Kind.FILED else None
    return closed + ([(since, None)] if since else [])


def _said(attempt, events, closed):
    """The chain of responses: each follows the one before, in number and in time, and none came when none was taken."""
    link, number, at = attempt.origin, 0, attempt.started_at
    until = attempt.deadline + timedelta(seconds=attempt.registration.session.grace_seconds)
    for event in events:
        expected = chain.link(
            link,
            number=event.number,
            position=event.position,
            payload=event.payload,
            flagged=event.flagged,
            saved_at=event.saved_at,
        )
        if event.previous != number or event.number <= number or event.link != expected:
            yield _("第 %(number)s 次作答与前后的链不符。") % {"number": event.number}
        is_late = event.saved_at > until and not attempt.paused_at
        if is_late or event.saved_at < at - CLOCK_STEP or _is_within(event.saved_at, closed):
            yield _("第 %(number)s 次作答的时间不可能。") % {"number": event.number}
        if not 1 <= event.position <= len(attempt.paper.outline):
            yield _("第 %(number)s 次作答不在试卷上。") % {"number": event.number}
        link, number, at = event.link, event.number, event.saved_at


def _is_within(at, closed):
    return any(since + CLOCK_STEP < at and (to is None or at < to - CLOCK_STEP) for since, to in closed)


def _intervened(attempt, interventions):
    """The chain of interventions with its seals, each resume as long as its pause, and the deadline that follows from them."""
    link, granted, paused = attempt.origin, 0, None
    for count, row in enumerate(interventions, start=1):
        expected = chain.intervention(
            link, number=row.number, kind=row.kind, seconds=row.seconds, why=row.why, by=row.by_id, at=row.at
        )
        if (row.number, row.link, row.seal) != (count, expected, row.keyed()):
            yield _("第 %(number)s 条干预记录与前后的链不符。") % {"number": row.number}
        if row.kind == Kind.RESUMED and (
            paused is None or row.seconds != clock.paused_seconds(paused, row.at)
        ):
            yield _("第 %(number)s 条干预记录补足的时间与暂停的时间不符。") % {"number": row.number}
        link, granted = row.link, granted + row.seconds
        paused = row.at if row.kind == Kind.PAUSED else None if row.kind == Kind.RESUMED else paused
    if attempt.state == Attempt.State.IN_PROGRESS and attempt.paused_at != paused:
        yield _("暂停状态与干预记录不符。")
    session = attempt.registration.session
    deadline = clock.deadline(
        attempt.started_at,
        session.minutes,
        extra=attempt.registration.extra_minutes,
        paused=granted,
        closes_at=session.closes_at,
    )
    if deadline != attempt.deadline:
        yield _("截止时间与考试规则和干预记录不符。")


def _held(attempt, held, events, interventions):
    """What the candidate's receipt says that the tables do not: answers, interventions, beginning and end."""
    stored = {event.number: event.link for event in events}
    if any(stored.get(event["number"]) != event["link"] for event in held["events"]):
        yield _("考生持有的回执中有系统里没有的作答。")
    stored = {row.number: row.link for row in interventions}
    if any(stored.get(row["number"]) != row["link"] for row in held["interventions"]):
        yield _("考生持有的回执中有系统里没有的干预记录。")
    now = {
        "origin": attempt.origin,
        "started_at": chain.stamp(attempt.started_at),
        "deadline": chain.stamp(attempt.deadline),
        "submitted_at": attempt.submitted_at and chain.stamp(attempt.submitted_at),
        "ended_by": attempt.ended_by,
        "seal": attempt.seal,
    }
    if any(held.get(name, value) != value for name, value in now.items()):
        yield _("考生持有的回执中的时间或封存码与系统不符。")


def _ended(attempt, facts, log):
    """The close with its seal, every later result with its own, and the newest as the answers are judged today."""
    results, events = facts.results[attempt.pk], facts.events[attempt.pk]
    if not results or attempt.current_result_id != results[-1].pk:
        yield _("成绩缺失，或指向的不是最后一次评分。")
        return
    if [result.number for result in results] != list(range(1, len(results) + 1)):
        yield _("评分的次序有缺。")
    sealed = sealing.seal(
        attempt,
        [event.link for event in events],
        results[0],
        facts.scores[results[0].pk],
        submitted_at=attempt.submitted_at,
        ended_by=attempt.ended_by,
        interventions=[row.link for row in facts.interventions[attempt.pk]],
    )
    if sealed != attempt.seal or results[0].seal:
        yield _("作答、时间或成绩与交卷时的封存码不符。")
    if [line.data.get("seal") for line in log[SUBMITTED]] != [attempt.seal]:
        yield _("操作日志中没有与封存码相符的交卷记录。")
    if attempt.submitted_at > attempt.deadline:
        yield _("交卷时间晚于截止时间。")
    yield from sealing.problems_of_results(attempt, results, facts.scores, log[REGRADED])
    said = scoring.counting(attempt, responses.counting(events), facts.filings[attempt.pk])
    try:
        judged = scoring.judge_attempt(attempt, said)
    except Exception:  # what the table holds may be anything; that it cannot be judged is the finding
        judged = {}
    stored = {one.position: one[1:] for one in facts.scores[results[-1].pk]}
    now = {
        n: (one.fraction, sealing.points(one.fraction, one.weight), one.weight) for n, one in judged.items()
    }
    if stored != now:
        yield _("得分与按作答重新评分的结果不符。")
