"""What a candidate may see of an attempt, and when: five phases × six elements, by named policies."""

from dataclasses import dataclass
from datetime import timedelta

from . import clock
from .words import N_

DURING, JUST_AFTER, WINDOW_OPEN, CLOSED, PUBLISHED = PHASES = (
    "during",
    "just_after",
    "window_open",
    "closed",
    "published",
)
ELEMENTS = ("score", "responses", "verdicts", "keys", "rationales", "provisions")
JUST_AFTER_LASTS = timedelta(minutes=2)  # long enough to read the page that follows the hand-in

NOTHING = frozenset()
SCORE = frozenset({"score"})
EVERYTHING = frozenset(ELEMENTS)


@dataclass(frozen=True)
class Disclosure:
    """One named policy: what is shown in each phase after the hand-in; before it nothing is."""

    label: str
    just_after: frozenset
    window_open: frozenset
    closed: frozenset
    published: frozenset


DISCLOSURES = {
    "open": Disclosure(N_("交卷后全部可见"), EVERYTHING, EVERYTHING, EVERYTHING, EVERYTHING),
    "score_only": Disclosure(N_("交卷后可见得分，发布后全部可见"), SCORE, SCORE, SCORE, EVERYTHING),
    "after_close": Disclosure(N_("交卷后可见得分，场次结束后全部可见"), SCORE, SCORE, EVERYTHING, EVERYTHING),
    "after_release": Disclosure(N_("成绩发布后全部可见"), NOTHING, NOTHING, NOTHING, EVERYTHING),
    "nothing": Disclosure(N_("不公开"), NOTHING, NOTHING, NOTHING, NOTHING),
}


def shown(policy, phase):
    """Give the elements that the named policy shows in the phase; an unknown name is an error, no leak."""
    if phase not in PHASES:
        raise ValueError(f"unknown phase: {phase}")
    row = DISCLOSURES[policy]
    return NOTHING if phase == DURING else getattr(row, phase)


def phase_of(handed_in, now, opens_at=None, closes_at=None, published_at=None):
    """Give the phase of an attempt that was handed in at `handed_in` (None: it still runs)."""
    if handed_in is None or clock.phase(handed_in, None, now) == clock.BEFORE:
        return DURING
    if published_at is not None and clock.phase(published_at, None, now) == clock.OPEN:
        return PUBLISHED
    if clock.phase(opens_at, closes_at, now) == clock.CLOSED:
        return CLOSED
    if clock.phase(None, handed_in + JUST_AFTER_LASTS, now) == clock.OPEN:
        return JUST_AFTER
    return WINDOW_OPEN
