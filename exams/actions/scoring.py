"""From responses to a result; what was scored before stays beside it."""

from django.utils import timezone

from audit.append import append
from exams.engine import scoring as engine
from exams.engine.items import ITEM_TYPES
from exams.models import Result, Score
from exams.queries import papers, responses


def policy_of(session):
    """The scoring policy that the terms name."""
    return engine.Policy(code=session.policy, fixed=session.policy_fixed)


def judge_attempt(attempt, said=None):
    """Give {position: engine score} of an attempt from what counts of its responses; pure but for reading."""
    session = attempt.registration.session
    policy = policy_of(session)
    said = responses.latest(attempt)[0] if said is None else said
    judged = {}
    for position, place in papers.places(attempt.paper).items():
        payload = said[position].payload if position in said else {}
        verdict = engine.judge(ITEM_TYPES[place.type], place.key, payload, policy, body=place.body)
        judged[position] = engine.Score(verdict.fraction, place.points, verdict.counts)
    return judged


def score(attempt, said=None, *, by, number=1, why=""):
    """Write one scoring of an attempt: the result and a score for each place; gives both. The caller moves the pointer."""
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
    append([result])
    scores = append(
        Score(result=result, position=position, fraction=s.fraction, points=s.points, max_points=s.weight)
        for position, s in judged.items()
    )
    return result, scores
