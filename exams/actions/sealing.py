"""The keyed hashes over what ends or corrects an attempt; without the house's key nobody can make another one."""

from collections import namedtuple
from functools import lru_cache

from django.utils.translation import gettext as _

from accounts import vault
from exams.engine import chain
from exams.engine import scoring as engine
from exams.queries import hot


def seal(attempt, links, result, scores, *, submitted_at, ended_by, interventions=None):
    """Seal an attempt: the heads of both its chains, its times, and its first result with every score."""
    if interventions is None:
        interventions = [row.link for row in hot.INTERVENED.rows(attempt=attempt.pk)]
    text = chain.closing(
        origin=attempt.origin,
        last=links[-1] if links else attempt.origin,
        responses=len(links),
        intervened=interventions[-1] if interventions else attempt.origin,
        interventions=len(interventions),
        deadline=attempt.deadline,
        submitted_at=submitted_at,
        ended_by=ended_by,
        scores=told(result, scores),
    )
    return vault.fingerprint("attempt", text)


def of_result(before, result, scores):
    """Seal a result after the first; `before` is the seal of the one before it, for the second that of the attempt."""
    return vault.fingerprint("result", chain.later(before, number=result.number, scores=told(result, scores)))


def of_void(attempt, *, why, by, at):
    """Seal the decision that a sealed attempt does not count; `by` is the key of who decided."""
    return vault.fingerprint("void", chain.voiding(attempt.seal, why=why, by=by, at=at))


def of_filing(attempt, filing):
    """Seal an accepted answer file: what it says, why and by whom it was accepted, and which result it made."""
    text = chain.filing(
        [attempt.pk, attempt.origin],
        number=filing.number,
        said=filing.digest,
        made_at=filing.made_at,
        entries=filing.entries,
        result=filing.result.number if filing.result_id else None,
        why=filing.why,
        by=filing.by_id,
        at=filing.at,
    )
    return vault.fingerprint("filing", text)


def told(result, scores):
    """A result and its scores in one spelling, the same before they are stored and after."""
    return [
        f"{result.points:.2f}",
        f"{result.max_points:.2f}",
        f"{result.percent:.2f}",
        result.passed,
        result.why,
        result.scored_by_id,
        chain.stamp(result.scored_at),
        [
            [score.position, f"{score.fraction:.12f}", f"{score.points:.2f}", f"{score.max_points:.2f}"]
            for score in sorted(scores, key=lambda s: s.position)
        ],
    ]


# --- what verification asks of them; `lines` are those of the log, oldest first ------------------------------------

points = lru_cache(maxsize=4096)(engine.points)  # there are few fractions and weights among a million scores


class Scored(namedtuple("Scored", "position fraction points max_points")):
    """A stored score, such that scores can be added up."""

    __slots__ = ()
    counts = True
    weight = property(lambda self: self.max_points)


def problems_of_filings(attempt, filings, filed, lines):
    """The accepted files: those of a running attempt were `filed` at its interventions, later ones stand in the log."""
    for count, filing in enumerate(filings, start=1):
        if (filing.number, filing.seal) != (count, of_filing(attempt, filing)):
            yield _("第 %(number)s 次导入的应急答卷与封存码不符。") % {"number": filing.number}
    into_chain = [filing.at for filing in filings if not filing.result_id]
    after = [(filing.number, filing.seal) for filing in filings if filing.result_id]
    if into_chain != filed or after != [(line.data.get("number"), line.data.get("seal")) for line in lines]:
        yield _("导入的应急答卷与操作日志或干预记录不符。")


def problems_of_results(attempt, results, scores_of, lines):
    """Each result is the sum of its scores; each after the first follows the seal before it and stands in the log."""
    before = attempt.seal
    for result in results:
        scores = scores_of[result.pk]
        total = engine.total(scores, attempt.registration.session.cut_score)
        told = (result.points, result.max_points, result.percent, result.passed)
        if told != (total.points, total.max_points, total.percent, bool(total.passed)):
            yield _("第 %(number)s 次评分的总分与各题得分不符。") % {"number": result.number}
        if result.number > 1:
            if result.seal != of_result(before, result, scores):
                yield _("第 %(number)s 次评分与封存码不符。") % {"number": result.number}
            before = result.seal
    if [(result.number, result.seal) for result in results[1:]] != [
        (line.data.get("number"), line.data.get("seal")) for line in lines
    ]:
        yield _("重新评分与操作日志不符。")


def problems_of_void(attempt, lines):
    """A void attempt has one line of the log whose seal nobody but the house could make."""
    is_void = attempt.state == attempt.State.VOIDED
    if not is_void == bool(attempt.voided_at) == bool(lines):
        yield _("作废的状态、时间与操作日志不符。")
    elif is_void:
        line, *more = lines
        seal = of_void(attempt, why=line.data.get("why", ""), by=line.actor_id, at=attempt.voided_at)
        if more or line.data.get("seal") != seal:
            yield _("作废与封存码不符。")


def problems_of_release(attempt, results, told):
    """A known result stands in the personnel file, the newest entry as it counts now; one that is not known does not."""
    is_told = False
    if told and results:
        newest = results[-1]
        now = (str(newest.points), str(newest.percent), newest.passed)
        is_told = (told.get("points"), told.get("percent"), told.get("passed")) == now
    if bool(attempt.released_at) != bool(told) or (told and not is_told):
        yield _("成绩发布与人员档案不符。")
