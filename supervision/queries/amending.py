"""Reads of corrections: what was proposed, and which score an outcome may be given."""

from dataclasses import dataclass
from decimal import Decimal

from exams.engine.scoring import of_sums
from exams.queries import sitting, terminations
from supervision.models import AmendmentProposal
from supervision.queries import sittings


@dataclass(frozen=True)
class Score:
    """What somebody's sitting comes to now."""

    points: Decimal
    max_points: Decimal
    percent: Decimal
    passed: bool
    missed: list

    @classmethod
    def of(cls, result, missed):
        """Of a result that was judged, on a screen or on paper."""
        return cls(result.points, result.max_points, result.percent, bool(result.passed), missed)


def score_of(examinee, outcome):
    """The score as it is known now, by the attempt behind the outcome, after a regrade the newer one, or by the confirmed paper; or None."""
    if outcome.attempt_id:
        result = outcome.attempt.current_result
        return Score.of(result, sittings.lost(sitting.by_topic(outcome.attempt))) if result else None
    found = sittings.sat([examinee])[examinee.pk]
    return Score.of(found.paper, found.paper.missed) if found.paper_state == "confirmed" else None


def rescored(score, points, cut_score):
    """The same sheet of paper with other points."""
    total = of_sums(points, score.max_points, cut_score)
    return Score(points, score.max_points, total.percent, bool(total.passed), score.missed)


def is_terminated(outcome):
    """Whether the attempt behind an outcome was terminated, and that stands."""
    return bool(outcome.attempt_id and terminations.in_force(outcome.attempt))


def proposals_of(examinees):
    """What was proposed about these examinees, the newest first, with what was ruled."""
    found = AmendmentProposal.objects.filter(examinee__in=examinees)
    return found.select_related(
        "by", "outcome", "ruling__by", "examinee__registration__candidate", "examinee__check_of"
    ).order_by("-pk")


def amenders(examinee):
    """The keys of those who changed an outcome of hers before."""
    return set(examinee.outcomes.filter(number__gt=1).values_list("by", flat=True)) - {None}


def waiting(check):
    """What was proposed in a check and is not ruled on."""
    return AmendmentProposal.objects.filter(examinee__check_of=check, ruling__isnull=True)
