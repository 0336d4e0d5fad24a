"""How well somebody knows what she knows: of the answers given with one confidence, how many were right."""

from dataclasses import dataclass
from math import sqrt

LEVELS = (1, 2, 3)
MEANT = {1: 50, 2: 75, 3: 95}  # per cent right that one may expect who says so
ENOUGH = 10  # answers before anything is said of a level
TOLERANCE = 10
Z = 1.96  # of a 95 % interval


@dataclass(frozen=True)
class Level:
    """One confidence: how often it was said, how often rightly, and between what the share may lie."""

    level: int
    answers: int
    right: int
    low: float
    high: float

    @property
    def percent(self):
        """Right among a hundred."""
        return round(100 * self.right / self.answers) if self.answers else None

    @property
    def verdict(self):
        """`over` where she is more often wrong than she thinks, `under` the other way, `fits`, or nothing yet."""
        if self.answers < ENOUGH:
            return ""
        if self.percent < MEANT[self.level] - TOLERANCE:
            return "over"
        return "under" if self.percent > MEANT[self.level] + TOLERANCE else "fits"


def levels(marked):
    """The levels of [(confidence, whether right)]; unmarked answers say nothing."""
    marked = list(marked)
    found = []
    for level in LEVELS:
        said = [is_right for confidence, is_right in marked if confidence == level]
        found.append(Level(level, len(said), sum(said), *interval(sum(said), len(said))))
    return found


def interval(right, answers):
    """Wilson's interval of a share, in per cent."""
    if not answers:
        return 0.0, 100.0
    share, square = right / answers, Z * Z
    middle = share + square / (2 * answers)
    half = Z * sqrt(share * (1 - share) / answers + square / (4 * answers * answers))
    whole = 1 + square / answers
    return 100 * max(0.0, (middle - half) / whole), 100 * min(1.0, (middle + half) / whole)
