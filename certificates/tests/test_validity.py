"""The state of a certificate is decided by people and by the clock, in that order of weight."""

import datetime

import pytest

from accounts.staffing import days_left
from certificates.validity import VERDICTS, state, verdict

ISSUED, LAST_DAY = datetime.date(2026, 3, 18), datetime.date(2027, 3, 17)
BEFORE, AFTER = LAST_DAY - datetime.timedelta(days=1), LAST_DAY + datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("stored", "today", "is_replaced", "expected"),
    [
        ("in_force", ISSUED, False, "in_force"),
        ("in_force", BEFORE, False, "in_force"),
        ("in_force", LAST_DAY, False, "in_force"),
        ("in_force", AFTER, False, "expired"),
        ("suspended", BEFORE, False, "suspended"),
        ("suspended", AFTER, False, "expired"),
        ("revoked", BEFORE, False, "revoked"),
        ("revoked", AFTER, False, "revoked"),
        ("in_force", BEFORE, True, "replaced"),
        ("in_force", AFTER, True, "replaced"),
        ("suspended", BEFORE, True, "replaced"),
        ("suspended", AFTER, True, "replaced"),
        ("revoked", BEFORE, True, "revoked"),
        ("revoked", AFTER, True, "revoked"),
    ],
)
def test_the_weightier_fact_decides(stored, today, is_replaced, expected):
    assert state(stored, ISSUED, LAST_DAY, today, is_replaced) == expected


def test_without_a_last_day_it_does_not_lapse():
    assert state("in_force", ISSUED, None, datetime.date(2099, 1, 1)) == "in_force"
    assert days_left(None, ISSUED) is None


@pytest.mark.parametrize(
    ("today", "left"), [(BEFORE, 2), (LAST_DAY, 1), (AFTER, 0), (datetime.date(2030, 1, 1), 0)]
)
def test_the_last_day_still_counts(today, left):
    assert days_left(LAST_DAY, today) == left


def test_each_state_has_its_label_and_only_one_counts():
    assert {code: (one.label, one.counts) for code, one in VERDICTS.items()} == {
        "in_force": ("有效", True),
        "expired": ("已过期", False),
        "suspended": ("已暂停", False),
        "revoked": ("已撤销", False),
        "replaced": ("已换发", False),
    }
    assert len({one.sentence for one in VERDICTS.values()}) == 5


def test_a_verdict_is_the_state_in_words():
    assert verdict("suspended", ISSUED, LAST_DAY, BEFORE) is VERDICTS["suspended"]


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="unknown stored state"):
        state("expired", ISSUED, LAST_DAY, BEFORE)
    with pytest.raises(ValueError, match="cannot expire before"):
        state("in_force", ISSUED, ISSUED - datetime.timedelta(days=1), BEFORE)
