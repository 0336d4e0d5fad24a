"""From responses to a result; what was scored before stays beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from audit.append import append
from exams.actions import sealing
from exams.engine import scoring as engine
from exams.engine.items import ITEM_TYPES
from exams.models import Filing, Result, Score
from exams.queries import papers, responses

COUNTS, SAME, OLDER, LATE = "counts", "same", "older", "late"


def policy_of(session):
    """The scoring policy that the terms name."""
    return engine.Policy(code=session.policy, fixed=session.policy_fixed)


@dataclass(frozen=True)
class Weighed:
    """What a file says of one position, and what becomes of it: it counts, says the same, is older than what is stored, or late."""

    fate: str
    event: responses.Event


def weigh(said, entries, until=None):
    """Give {position: Weighed} of the entries of a file beside what counts so far; of a position the last one in time is meant.

    Older is what its page numbered no higher and made earlier than what the house holds of the same position.
    """
    in_time, late = {}, {}
    for entry in sorted(entries, key=lambda entry: entry["number"]):
        at = datetime.fromisoformat(entry["at"])
        event = responses.Event(
            entry["number"], entry["position"], entry["payload"], entry["flagged"], at, None, ""
        )
        (late if until is not None and at > until else in_time)[event.position] = event
    return {
        position: Weighed(_fate(said.get(position), event, position not in in_time), event)
        for position, event in sorted((late | in_time).items())
    }


def _fate(known, event, is_late):
    if event.payload == (known.payload if known else {}):
        return SAME
    if is_late:
        return LATE
    if known and event.number <= known.number and event.saved_at < known.saved_at:
        return OLDER
    return COUNTS


def laid_over(said, entries, until=None):
    """Give what counts of each position once a file is laid over what counted so far."""
    weighed = weigh(said, entries, until).items()
    return said | {position: one.event for position, one in weighed if one.fate == COUNTS}


def until(attempt):
    """Up to when an answer may have been given in an attempt that is over: its end and the grace of the network."""
    return attempt.submitted_at + timedelta(seconds=attempt.registration.session.grace_seconds)


def counting(attempt, said, filings):
    """Give what counts of each position after those of the files that were accepted when the attempt was over."""
    for filing in filings:
        if filing.result_id:
            said = laid_over(said, filing.entries, until(attempt))
    return said


def counted(attempt):
    """Give what counts of each position of an attempt: two queries."""
    filings = Filing.objects.filter(attempt=attempt).order_by("number")
    return counting(attempt, responses.latest(attempt)[0], filings)


def judge_attempt(attempt, said=None):
    """Give {position: engine score} of an attempt from what counts of its responses; pure but for reading."""
    said = counted(attempt) if said is None else said
    payloads = {position: event.payload for position, event in said.items()}
    return judge_paper(attempt.registration.session, attempt.paper, payloads)


def judge_paper(session, paper, payloads):
    """Give {position: engine score} of what was said to the places of a paper, on a screen or by hand: {position: payload}."""
    policy = policy_of(session)
    judged = {}
    for position, place in papers.places(paper).items():
        payload = payloads.get(position, {})
        verdict = engine.judge(ITEM_TYPES[place.type], place.key, payload, policy, body=place.body)
        judged[position] = engine.Score(verdict.fraction, place.points, verdict.counts)
    return judged


def score(attempt, said=None, *, by, number=1, why="", after=""):
    """Write one scoring of an attempt: the result and a score for each place; gives both. The caller moves the pointer.

    A result after the first is sealed, following the seal `after`; the first is sealed with the attempt.
    """
    judged = judge_attempt(attempt, said)
    total = engine.total(judged.values(), attempt.registration.session.cut_score)
    result = Result(
        attempt=attempt,
        number=number,
        points=total.points,
        max_points=total.max_points,
        percent=total.percent,
        passed=bool(total.passed),
        why=why,
        scored_by=by,
        scored_at=timezone.now(),
    )
    scores = [
        Score(position=position, fraction=s.fraction, points=s.points, max_points=s.weight)
        for position, s in judged.items()
    ]
    if after:
        result.seal = sealing.of_result(after, result, scores)
    append([result])
    for one in scores:
        one.result = result
    return result, append(scores)
