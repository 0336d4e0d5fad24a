"""From beats and presence checks to verified seconds: a pure fold, so that anybody can do it again.

A page that is being studied beats. Time between two beats of one visit is *presence* if both were visible and no further apart than
allowed; an instant is present once, however many visits claim it. A presence check closes the stretch since the check before it:
answered in time, the stretch is verified; missed, it never will be. Time after the last check is pending and belongs to the next one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Beat:
    """One sign of life of a visit, by the server's clock in seconds; rows come in the order in which they were written."""

    at: float
    visit: int
    lesson: int
    is_visible: bool


@dataclass(frozen=True)
class Check:
    """One presence check, asked at the moment of a beat; `is_answered` only if by a tap and in time. It knows how far apart the beats
    before it may lie, so that what was verified once stays so when the house is set otherwise.
    """

    at: float
    is_answered: bool
    apart: float = 40


@dataclass(frozen=True)
class Rhythm:
    """How often a page beats, how far apart beats may lie, when checks come and how long they wait."""

    every: int = 15
    apart: int = 40
    least: int = 5
    check_from: int = 90
    check_to: int = 240
    answer_within: int = 60

    def gap(self, chance: int) -> int:
        """After how many seconds of presence the next check comes; `chance` is any drawn number."""
        return self.check_from + chance % (self.check_to - self.check_from + 1)


def presence(beats: Iterable[Beat], apart: float) -> Counter:
    """Seconds of presence by lesson in one stretch; each instant goes to the visit that claimed it first."""
    last, covered, found = {}, [], Counter()
    for beat in beats:
        before = last.get(beat.visit)
        last[beat.visit] = beat
        if before is None or not (before.is_visible and beat.is_visible and before.lesson == beat.lesson):
            continue
        if not 0 < beat.at - before.at <= apart:
            continue
        fresh = _uncovered(before.at, beat.at, covered)
        found[beat.lesson] += sum(end - begin for begin, end in fresh)
        covered = [pair for pair in covered if pair[1] > beat.at - 2 * apart] + fresh
    return found


def _uncovered(begin, end, covered):
    """The parts of a span that none of the spans covers."""
    parts = []
    for start, stop in sorted(covered):
        if stop <= begin or start >= end:
            continue
        if start > begin:
            parts.append((begin, start))
        begin = max(begin, stop)
    return [*parts, (begin, end)] if begin < end else parts


def stretches(beats: Iterable[Beat], checks: Iterable[Check]):
    """Cut beats at the checks: [(beats, check or None)], the pending stretch last; the beat of a check ends one and begins the next."""
    rows, cut = list(beats), []
    for check in sorted(checks, key=lambda one: one.at):
        cut.append(([beat for beat in rows if beat.at <= check.at], check))
        rows = [beat for beat in rows if beat.at >= check.at]
    return [*cut, (rows, None)]


def verified(beats: Iterable[Beat], checks: Iterable[Check]) -> Counter:
    """Verified seconds by lesson."""
    found = Counter()
    for rows, check in stretches(beats, checks):
        if check is not None and check.is_answered:
            found += presence(rows, check.apart)
    return found


def credited(seconds: dict, needs: dict) -> dict:
    """What counts for each lesson of an edition: never more than it needs."""
    return {lesson: int(min(seconds.get(lesson, 0), need)) for lesson, need in needs.items()}


def is_due(pending: dict, gap: int, seconds: dict, needs: dict) -> bool:
    """Whether a check is to be asked now: enough is pending, or what is pending would be all that is lacking."""
    waiting = sum(pending.values())
    if waiting >= gap:
        return True
    lacking = any(seconds.get(lesson, 0) < need for lesson, need in needs.items())
    full = all(seconds.get(one, 0) + pending.get(one, 0) >= need for one, need in needs.items())
    return bool(waiting) and lacking and full
