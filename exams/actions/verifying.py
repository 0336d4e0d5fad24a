"""Does an attempt still say what was said? Everything that can be recomputed is, and every difference is one sentence."""

from collections import Counter, defaultdict
from datetime import timedelta

from django.utils.translation import gettext as _

from audit.log import name_of
from audit.models import AuditEvent
from exams.actions import papers as composing
from exams.actions import scoring, sealing
from exams.actions.blueprints import code_of
from exams.actions.interventions import ACTS
from exams.engine import chain, clock
from exams.engine import scoring as engine
from exams.engine.chance import digest
from exams.models import Attempt, Intervention, PaperItem, Response, Result, Score
from exams.queries import responses

CHUNK = 500
# A server's clock may be put back a little, and of two saves that wait for one another the earlier may be taken second.
CLOCK_STEP = timedelta(seconds=5)
STARTED, SUBMITTED, VOIDED, REGRADED = (
    f"attempt.{act}" for act in ("started", "submitted", "voided", "regraded")
)
Kind = Intervention.Kind


def problems_of(attempts, receipts=None):
    """Yield (key, [sentences]) of each attempt; `receipts` are candidates' copies by key: {key: [(number, link), …]}.

    An attempt from before there were chains yields (key, None): it can be read, not verified.
    """
    checked = {}
    door = attempts.select_related(
        "registration__session__exam", "registration__candidate", "paper", "current_result"
    )
    last = 0
    while chunk := list(door.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        facts = _Facts(chunk)
        for attempt in chunk:
            if not attempt.origin and not _had_a_chain(attempt, facts):
                yield attempt.pk, None
                continue
            if attempt.paper_id not in checked:
                checked[attempt.paper_id] = _paper_is_whole(attempt.paper)
            yield (
                attempt.pk,
                list(_problems(attempt, facts, checked[attempt.paper_id], (receipts or {}).get(attempt.pk))),
            )


def _had_a_chain(attempt, facts):
    """Whether anything tells of a chain: nobody escapes by blanking the first link."""
    line = facts.log[name_of(attempt)].get(STARTED) or {}
    linked = any(event.link for event in facts.events[attempt.pk])
    return bool(linked or attempt.seal or line.get("origin") or facts.interventions[attempt.pk])


class _Facts:
    """What the tables hold about a chunk of attempts: seven queries."""

    def __init__(self, chunk):
        keys = [attempt.pk for attempt in chunk]
        self.events, self.interventions = defaultdict(list), defaultdict(list)
        rows = Response.objects.filter(attempt__in=keys).order_by("attempt", "pk")
        for key, *event in rows.values_list("attempt", *responses.Event._fields):
            self.events[key].append(responses.Event._make(event))
        for row in Intervention.objects.filter(attempt__in=keys).order_by("number"):
            self.interventions[row.attempt_id].append(row)
        self.log = defaultdict(dict)
        lines = AuditEvent.objects.filter(
            target__in=[name_of(attempt) for attempt in chunk],
            action__in=(STARTED, SUBMITTED, VOIDED, REGRADED, *ACTS.values()),
        ).order_by("pk")
        self.acts, self.regraded = defaultdict(Counter), defaultdict(dict)
        for target, action, data in lines.values_list("target", "action", "data"):
            self.log[target].setdefault(action, data)
            self.acts[target][action] += 1
            if action == REGRADED:
                self.regraded[target][data.get("number")] = data.get("after")
        self.results = defaultdict(list)
        for result in Result.objects.filter(attempt__in=keys).order_by("number"):
            self.results[result.attempt_id].append(result)
        self.scores = defaultdict(list)
        wanted = [result.pk for several in self.results.values() for result in several]
        for score in Score.objects.filter(result__in=wanted).order_by("position"):
            self.scores[score.result_id].append(score)


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


def _problems(attempt, facts, paper_is_whole, receipt):
    log = facts.log[name_of(attempt)]
    events, interventions = facts.events[attempt.pk], facts.interventions[attempt.pk]
    if not paper_is_whole:
        yield _("试卷与组卷时的摘要不符。")
    yield from _begin(attempt, log.get(STARTED))
    yield from _said(attempt, events, interventions)
    yield from _intervened(attempt, interventions)
    acts = facts.acts[name_of(attempt)]
    if {ACTS[k]: n for k, n in Counter(row.kind for row in interventions).items()} != {
        act: acts[act] for act in ACTS.values() if acts[act]
    }:
        yield _("干预记录与操作日志的条数不符。")
    if receipt is not None:
        known = {event.number: event.link for event in events}
        if any(known.get(number) != link for number, link in receipt):
            yield _("考生持有的回执中有系统里没有的作答。")
    if attempt.state == Attempt.State.IN_PROGRESS:
        if attempt.seal or attempt.current_result_id or facts.results[attempt.pk] or SUBMITTED in log:
            yield _("答题尚未结束，却已有成绩或封存码。")
        return
    is_void = attempt.state == Attempt.State.VOIDED
    if not is_void == bool(attempt.voided_at) == (VOIDED in log):
        yield _("作废的状态、时间与操作日志不符。")
    yield from _ended(attempt, events, interventions, facts, log.get(SUBMITTED))
    yield from _totals(attempt, facts)


def _begin(attempt, line):
    registration = attempt.registration
    origin = chain.origin(
        session=registration.session.code,
        candidate=registration.candidate_id,
        number=attempt.number,
        paper=attempt.paper.digest,
        layout=attempt.layout,
        started_at=attempt.started_at,
    )
    if origin != attempt.origin:
        yield _("考生、试卷、题序或开始时间与起始摘要不符。")
    if line is None or line.get("origin") != attempt.origin:
        yield _("操作日志中没有与起始摘要相符的开考记录。")


def _said(attempt, events, interventions):
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
        if not at - CLOCK_STEP <= event.saved_at <= until:
            yield _("第 %(number)s 次作答的时间不可能。") % {"number": event.number}
        if not 1 <= event.position <= len(attempt.paper.outline):
            yield _("第 %(number)s 次作答不在试卷上。") % {"number": event.number}
        link, number, at = event.link, event.number, event.saved_at


def _intervened(attempt, interventions):
    """The chain of interventions, and the deadline that follows from it."""
    link, credit, paused = attempt.origin, 0, None
    for count, row in enumerate(interventions, start=1):
        expected = chain.intervention(
            link,
            number=row.number,
            kind=row.kind,
            seconds=row.seconds,
            why=row.why,
            by=row.by_id,
            at=row.at,
        )
        if row.number != count or row.link != expected:
            yield _("第 %(number)s 条干预记录与前后的链不符。") % {"number": row.number}
        link, credit = row.link, credit + row.seconds
        paused = row.at if row.kind == Kind.PAUSED else None if row.kind == Kind.RESUMED else paused
    if attempt.state == Attempt.State.IN_PROGRESS and attempt.paused_at != paused:
        yield _("暂停状态与干预记录不符。")
    session = attempt.registration.session
    deadline = clock.deadline(
        attempt.started_at,
        session.minutes,
        extra=attempt.registration.extra_minutes,
        paused=credit,
        closes_at=session.closes_at,
    )
    if deadline != attempt.deadline:
        yield _("截止时间与考试规则和干预记录不符。")


def _ended(attempt, events, interventions, facts, line):
    results = facts.results[attempt.pk]
    if not results or attempt.current_result_id != results[-1].pk:
        yield _("成绩缺失，或指向的不是最后一次评分。")
        return
    if [result.number for result in results] != list(range(1, len(results) + 1)):
        yield _("评分的次序有缺。")
    first, scores = results[0], facts.scores[results[0].pk]
    sealed = sealing.seal(
        attempt,
        [event.link for event in events],
        first,
        scores,
        submitted_at=attempt.submitted_at,
        ended_by=attempt.ended_by,
        interventions=[row.link for row in interventions],
    )
    if sealed != attempt.seal:
        yield _("作答、时间或成绩与交卷时的封存码不符。")
    if line is None or line.get("seal") != attempt.seal:
        yield _("操作日志中没有与封存码相符的交卷记录。")
    if attempt.submitted_at > attempt.deadline:
        yield _("交卷时间晚于截止时间。")
    try:
        judged = scoring.judge_attempt(attempt, responses.counting(events))
    except Exception:  # what the table holds may be anything; that it cannot be judged is the finding
        judged = {}
    stored = {score.position: (score.fraction, score.points, score.max_points) for score in scores}
    if stored != {position: (one.fraction, one.points, one.weight) for position, one in judged.items()}:
        yield _("得分与按作答重新评分的结果不符。")


def _totals(attempt, facts):
    """Each result is the sum of its scores; a later one is told by the log as well, since the seal covers the first only."""
    regraded = facts.regraded[name_of(attempt)]
    results = facts.results[attempt.pk]
    for result in results:
        said = [engine.Score(one.fraction, one.max_points) for one in facts.scores[result.pk]]
        total = engine.total(said, attempt.registration.session.cut_score)
        told = (result.points, result.max_points, result.percent, result.passed)
        if told != (total.points, total.max_points, total.percent, bool(total.passed)):
            yield _("第 %(number)s 次评分的总分与各题得分不符。") % {"number": result.number}
    if {result.number: str(result.points) for result in results[1:]} != regraded:
        yield _("重新评分与操作日志不符。")
