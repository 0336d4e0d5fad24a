"""Five phases × six elements, for every policy."""

from datetime import UTC, datetime, timedelta

import pytest

from exams.engine.disclosure import DISCLOSURES, ELEMENTS, PHASES, phase_of, shown

# One sign per element, in the order score, responses, verdicts, keys, rationales, provisions.
MATRIX = {
    "open": ("......", "xxxxxx", "xxxxxx", "xxxxxx", "xxxxxx"),
    "score_only": ("......", "x.....", "x.....", "x.....", "xxxxxx"),
    "after_close": ("......", "x.....", "x.....", "xxxxxx", "xxxxxx"),
    "after_release": ("......", "......", "......", "......", "xxxxxx"),
    "nothing": ("......", "......", "......", "......", "......"),
}


def test_every_policy_has_its_matrix():
    assert list(MATRIX) == list(DISCLOSURES)


@pytest.mark.parametrize(
    ("policy", "phase", "element", "expected"),
    [
        (policy, phase, element, sign == "x")
        for policy, rows in MATRIX.items()
        for phase, row in zip(PHASES, rows, strict=True)
        for element, sign in zip(ELEMENTS, row, strict=True)
    ],
)
def test_nothing_is_shown_beyond_the_phase(policy, phase, element, expected):
    assert (element in shown(policy, phase)) is expected


@pytest.mark.parametrize(
    ("policy", "phase", "error"), [("all", "closed", KeyError), ("open", "later", ValueError)]
)
def test_an_unknown_name_shows_nothing(policy, phase, error):
    with pytest.raises(error):
        shown(policy, phase)


NOON = datetime(2025, 11, 3, 12, 0, tzinfo=UTC)


def at(minutes):
    return None if minutes is None else NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("handed_in", "now", "published_at", "phase"),
    [
        (None, 0, None, "during"),
        (None, 999, 0, "during"),
        (5, 4, None, "during"),
        (0, 0, None, "just_after"),
        (0, 1, None, "just_after"),
        (0, 2, None, "window_open"),
        (0, 59, None, "window_open"),
        (0, 60, None, "closed"),
        (60, 60, None, "closed"),
        (0, 90, 100, "closed"),
        (0, 100, 100, "published"),
        (0, 30, 20, "published"),
    ],
)
def test_the_phase_follows_the_clock(handed_in, now, published_at, phase):
    assert phase_of(at(handed_in), at(now), at(-60), at(60), at(published_at)) == phase


def test_a_standing_session_never_closes():
    assert phase_of(at(0), at(10**6)) == "window_open"
