"""Policies over all subsets, rulings, rounding, totals."""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest

from exams.engine.items import ITEM_TYPES
from exams.engine.scoring import (
    POLICIES,
    Policy,
    Ruling,
    Score,
    Total,
    Verdict,
    as_decimal,
    as_exact,
    judge,
    points,
    total,
)

MULTIPLE = ITEM_TYPES["multiple"]


def subsets(letters):
    return ["".join(some) for size in range(len(letters) + 1) for some in combinations(letters, size)]


def reference(policy, right, chosen):
    """The rules read aloud, option by option, over five-option items."""
    wrong = [one for one in chosen if one not in right]
    hits = [one for one in chosen if one in right]
    share = Fraction(1, len(right))
    if chosen == "":
        return Fraction(0)
    if chosen == right:
        return Fraction(1)
    if policy == "all_or_nothing":
        return Fraction(0)
    if policy in ("subset_part", "subset_fixed") and wrong:
        return Fraction(0)
    if policy == "subset_fixed":
        return Fraction(1, 2)
    if policy == "per_option" and len(chosen) > len(right):
        return Fraction(0)
    earned = sum(share for _ in hits)
    if policy == "per_option_penalty":
        earned -= sum(share for _ in wrong)
    return max(earned, Fraction(0))


CASES = [
    (policy, right, chosen)
    for policy in POLICIES
    for right in ("ab", "bd", "ace", "abcd")
    for chosen in subsets("abcde")
]


def test_there_are_enough_cases():
    assert len(CASES) == 5 * 4 * 32


@pytest.mark.parametrize(("policy", "right", "chosen"), CASES)
def test_each_policy_gives_what_its_rule_says(policy, right, chosen):
    payload = {"options": list(chosen)} if chosen else {}
    found = MULTIPLE.judge({"options": list(right)}, payload, Policy(policy))
    assert found == as_decimal(reference(policy, right, chosen))


@pytest.mark.parametrize(
    ("policy", "right", "chosen", "weight", "expected"),
    [
        (Policy("all_or_nothing"), "abc", "abc", "3", "3.00"),
        (Policy("all_or_nothing"), "abc", "ab", "3", "0.00"),
        (Policy("subset_part"), "abc", "ab", "3", "2.00"),
        (Policy("subset_part"), "abc", "a", "2", "0.67"),
        (Policy("subset_part"), "abc", "a", "0.015", "0.01"),  # exactly half a cent
        (Policy("subset_fixed"), "abc", "a", "3", "1.50"),
        (Policy("subset_fixed", fixed=Decimal("0.3")), "abc", "ab", "3", "0.90"),
        (Policy("subset_fixed"), "abc", "abd", "3", "0.00"),
        (Policy("per_option"), "ab", "ac", "1", "0.50"),
        (Policy("per_option"), "ab", "abc", "1", "0.00"),
        (Policy("per_option_penalty"), "ab", "abc", "1", "0.50"),
        (Policy("per_option_penalty"), "ab", "cd", "1", "0.00"),
        (Policy("per_option_penalty", floor=Decimal(-1)), "ab", "cd", "1", "-1.00"),
        (Policy("per_option_penalty", floor=Decimal("-0.5")), "ab", "cde", "2", "-1.00"),
        (Policy("per_option_penalty", floor=Decimal(-1)), "ab", "", "1", "0.00"),
    ],
)
def test_points_by_hand(policy, right, chosen, weight, expected):
    assert points(policy.fraction(right, chosen), Decimal(weight)) == Decimal(expected)


@pytest.mark.parametrize(
    ("fraction", "weight", "expected"),
    [
        ("0.5", "0.01", "0.01"),
        ("0.5", "0.05", "0.03"),
        ("0.333333333333", "3", "1.00"),
        ("0.333333333333", "1", "0.33"),
        ("0.666666666667", "1", "0.67"),
        ("0.142857142857", "7", "1.00"),
        ("-0.5", "0.01", "-0.01"),
        ("0", "5", "0.00"),
        ("1", "2.50", "2.50"),
    ],
)
def test_points_are_rounded_once_half_up(fraction, weight, expected):
    found = points(Decimal(fraction), Decimal(weight))
    assert (found, str(found)) == (Decimal(expected), expected)


@pytest.mark.parametrize("denominator", [1, 2, 3, 7, 12, 97, 1001, 99_991])
def test_a_fraction_survives_its_decimal(denominator):
    for numerator in (0, 1, denominator // 2, denominator):
        exact = Fraction(numerator, denominator)
        assert as_exact(as_decimal(exact)) == exact


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (Policy(), "全部选对得满分；少选、多选、错选均不得分。"),
        (Policy("subset_part"), "全部选对得满分；少选按选对的比例得分；有错选不得分。"),
        (Policy("subset_fixed"), "全部选对得满分；少选得一半；有错选不得分。"),
        (
            Policy("subset_fixed", fixed=Decimal("0.3")),
            "全部选对得满分；少选得该题分值的 30%；有错选不得分。",
        ),
        (Policy("per_option"), "每选对一项得相应比例的分，选错不扣分；所选项数多于正确项数时不得分。"),
        (Policy("per_option_penalty"), "每选对一项得相应比例的分，每选错一项扣同样的分，扣到零分为止。"),
        (
            Policy("per_option_penalty", floor=Decimal("-0.5")),
            "每选对一项得相应比例的分，每选错一项扣同样的分，本题最低得分率为 -50%。",
        ),
    ],
)
def test_a_candidate_can_read_each_policy(policy, sentence):
    assert str(policy.explanation) == sentence


@pytest.mark.parametrize(
    "arguments", [{"code": "guess"}, {"fixed": Decimal(2)}, {"floor": Decimal(1)}, {"floor": Decimal(-2)}]
)
def test_a_senseless_policy_is_refused(arguments):
    with pytest.raises(ValueError):
        Policy(**arguments)


SINGLE, KEY = ITEM_TYPES["single"], {"options": ["a"]}


@pytest.mark.parametrize(
    ("ruling", "said", "verdict"),
    [
        (None, "a", Verdict(Decimal(1))),
        (None, "b", Verdict(Decimal(0))),
        (Ruling("rekey", {"options": ["b"]}), "b", Verdict(Decimal(1))),
        (Ruling("rekey", {"options": ["b"]}), "a", Verdict(Decimal(0))),
        (Ruling("accept_also", {"options": ["b"]}), "a", Verdict(Decimal(1))),
        (Ruling("accept_also", {"options": ["b"]}), "b", Verdict(Decimal(1))),
        (Ruling("accept_also", {"options": ["b"]}), "c", Verdict(Decimal(0))),
        (Ruling("full_marks"), "c", Verdict(Decimal(1))),
        (Ruling("full_marks"), "", Verdict(Decimal(1))),
        (Ruling("exclude"), "a", Verdict(Decimal(1), counts=False)),
    ],
)
def test_a_ruling_changes_the_verdict(ruling, said, verdict):
    payload = {"options": [said]} if said else {}
    assert judge(SINGLE, KEY, payload, Policy(), ruling) == verdict


@pytest.mark.parametrize(("kind", "key"), [("rekey", None), ("exclude", KEY), ("forget", None)])
def test_a_senseless_ruling_is_refused(kind, key):
    with pytest.raises(ValueError):
        Ruling(kind, key)


def scores(*rows):
    return [
        Score(None if one is None else Decimal(one), Decimal(weight), counts) for one, weight, counts in rows
    ]


@pytest.mark.parametrize(
    ("rows", "cut", "expected"),
    [
        ([("1", "60", True), ("0", "40", True)], "60", ("60.00", "100", "60.00", True, 0)),
        ([("0.5999", "100", True)], "60", ("59.99", "100", "59.99", False, 0)),
        ([("1", "2", True), ("0", "1", True)], "66.67", ("2.00", "3", "66.66", False, 0)),
        ([("1", "2", True), ("0", "1", True)], "66.66", ("2.00", "3", "66.67", True, 0)),
        ([("1", "2", True), ("0", "5", False)], "60", ("2.00", "2", "100.00", True, 0)),
        ([("1", "2", False)], "0", ("0.00", "0", "0.00", False, 0)),
        ([], "60", ("0.00", "0", "0.00", False, 0)),
        ([("1", "2", True), (None, "2", True)], "60", ("2.00", "4", "50.00", None, 1)),
        ([("-1", "2", True), ("0.5", "2", True)], "0", ("0.00", "4", "0.00", True, 0)),
        ([("0.333333333333", "1", True)] * 3, "33", ("0.99", "3", "33.00", True, 0)),
    ],
)
def test_the_total_compares_exactly(rows, cut, expected):
    earned, possible, percent, passed, waiting = expected
    assert total(scores(*rows), Decimal(cut)) == Total(
        Decimal(earned), Decimal(possible), Decimal(percent), passed, waiting
    )
