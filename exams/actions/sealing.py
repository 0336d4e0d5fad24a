"""The keyed hash that closes the chain of an attempt; without the house's key nobody can make another one."""

from accounts import vault
from exams.engine import chain
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


def told(result, scores):
    """A result and its scores in one spelling, the same before they are stored and after."""
    return [
        f"{result.points:.2f}",
        f"{result.max_points:.2f}",
        f"{result.percent:.2f}",
        result.passed,
        [[score.position, f"{score.fraction:.12f}"] for score in sorted(scores, key=lambda s: s.position)],
    ]
