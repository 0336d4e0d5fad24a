"""From what was said to points: policies, rulings, rounding and the total with its verdict.

Fractions travel as `Decimal` with twelve places and are exact again when they become points, so that a third
of three is one and nothing is rounded twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from .words import N_, Sentence

CENT = Decimal("0.01")
FRACTION_PLACES = Decimal("1e-12")
LARGEST_DENOMINATOR = 100_000  # two different fractions up to it are more than 1e-12 apart
FULL, ZERO = Decimal(1), Decimal(0)


def as_decimal(fraction):
    """Give an exact fraction as a decimal of twelve places."""
    exact = Fraction(fraction)
    scaled = Decimal(exact.numerator) / Decimal(exact.denominator)
    return scaled.quantize(FRACTION_PLACES, ROUND_HALF_UP).normalize() + ZERO


def as_exact(fraction):
    """Give back the exact fraction that a decimal of twelve places stands for."""
    return Fraction(fraction).limit_denominator(LARGEST_DENOMINATOR)


@lru_cache(maxsize=4096)  # most are all or nothing of a few weights
def points(fraction, weight):
    """Give fraction × weight, rounded once, half up, to two places."""
    return _to_cents(as_exact(fraction) * Fraction(weight), ROUND_HALF_UP)


def _to_cents(exact, rounding):
    # Whole hundredths are cut from exact integers: a Decimal division first would round once too often.
    sign = -1 if exact < 0 else 1
    hundredths, rest = divmod(abs(exact) * 100, 1)
    if rounding == ROUND_HALF_UP and rest >= Fraction(1, 2):
        hundredths += 1
    return Decimal(sign * hundredths) * CENT


# --- policies for multiple choice ---------------------------------------------------------------------------


@dataclass(frozen=True)
class PolicyKind:
    """One row of the table: what a policy is called, how it is explained, and what it gives."""

    label: str
    explanation: str
    give: Callable


def _all_or_nothing(policy, right, good, bad):
    return Fraction(good == right and not bad)


def _subset_part(policy, right, good, bad):
    return Fraction(0) if bad else Fraction(good, right)


def _subset_fixed(policy, right, good, bad):
    if bad:
        return Fraction(0)
    return Fraction(1) if good == right else Fraction(policy.fixed)


def _per_option(policy, right, good, bad):
    return Fraction(0) if good + bad > right else Fraction(good, right)


def _per_option_penalty(policy, right, good, bad):
    return max(Fraction(good - bad, right), Fraction(policy.floor))


POLICIES = {
    "all_or_nothing": PolicyKind(
        N_("全对得分"), N_("全部选对得满分；少选、多选、错选均不得分。"), _all_or_nothing
    ),
    "subset_part": PolicyKind(
        N_("少选得部分分"),
        N_("全部选对得满分；少选按选对的比例得分；有错选不得分。"),
        _subset_part,
    ),
    "subset_fixed": PolicyKind(
        N_("少选得固定分"),
        N_("全部选对得满分；少选得该题分值的 %(percent)s%%；有错选不得分。"),
        _subset_fixed,
    ),
    "per_option": PolicyKind(
        N_("按选项得分"),
        N_("每选对一项得相应比例的分，选错不扣分；所选项数多于正确项数时不得分。"),
        _per_option,
    ),
    "per_option_penalty": PolicyKind(
        N_("按选项得分，错选扣分"),
        N_("每选对一项得相应比例的分，每选错一项扣同样的分，扣到零分为止。"),
        _per_option_penalty,
    ),
}
HALF_EXPLANATION = N_("全部选对得满分；少选得一半；有错选不得分。")
NEGATIVE_EXPLANATION = N_("每选对一项得相应比例的分，每选错一项扣同样的分，本题最低得分率为 %(percent)s%%。")


@dataclass(frozen=True)
class Policy:
    """How a multiple-choice item is scored; data on the blueprint, the same for everybody who sits it."""

    code: str = "all_or_nothing"
    fixed: Decimal = Decimal("0.5")
    floor: Decimal = ZERO

    def __post_init__(self):
        if self.code not in POLICIES:
            raise ValueError(f"unknown scoring policy: {self.code}")
        if not 0 <= self.fixed <= 1:
            raise ValueError("the fixed part lies between nothing and all")
        if not -1 <= self.floor <= 0:
            raise ValueError("the floor lies between minus one and zero")

    @property
    def label(self):
        """The Chinese name."""
        return POLICIES[self.code].label

    @property
    def explanation(self):
        """The sentence that a candidate reads before the exam."""
        if self.code == "subset_fixed":
            if self.fixed == Decimal("0.5"):
                return Sentence(HALF_EXPLANATION)
            return Sentence(POLICIES[self.code].explanation, {"percent": _percent_text(self.fixed)})
        if self.code == "per_option_penalty" and self.floor < 0:
            return Sentence(NEGATIVE_EXPLANATION, {"percent": _percent_text(self.floor)})
        return Sentence(POLICIES[self.code].explanation)

    def fraction(self, right, chosen):
        """Give the fraction that the chosen options earn where `right` are right; nothing chosen is zero."""
        right, chosen = set(right), set(chosen)
        if not chosen or not right:
            return ZERO
        good = len(right & chosen)
        return as_decimal(POLICIES[self.code].give(self, len(right), good, len(chosen) - good))


def _percent_text(fraction):
    return f"{(fraction * 100).normalize():f}"


# --- rulings ------------------------------------------------------------------------------------------------

REKEY, ACCEPT_ALSO, FULL_MARKS, EXCLUDE = "rekey", "accept_also", "full_marks", "exclude"
RULINGS = {
    REKEY: N_("更换标准答案"),
    ACCEPT_ALSO: N_("增加可接受的答案"),
    FULL_MARKS: N_("全体得满分"),
    EXCLUDE: N_("剔除本题"),
}


@dataclass(frozen=True)
class Ruling:
    """The board's decision about one item; `key` is the new or the additional key if the kind needs one."""

    kind: str
    key: dict | None = None

    def __post_init__(self):
        if self.kind not in RULINGS:
            raise ValueError(f"unknown ruling: {self.kind}")
        if (self.key is not None) != (self.kind in (REKEY, ACCEPT_ALSO)):
            raise ValueError("a key belongs to rekey and accept_also, and to them alone")


@dataclass(frozen=True)
class Verdict:
    """What one response earns (None: a person must decide), and whether the item counts."""

    fraction: Decimal | None
    counts: bool = True


def judge(item_type, key, payload, policy, ruling=None, body=None):
    """Judge one response by its item type, under the ruling if there is one."""
    kind = ruling.kind if ruling else None
    if kind == FULL_MARKS:
        return Verdict(FULL)
    if kind == REKEY:
        return Verdict(item_type.judge(ruling.key, payload, policy, body))
    fraction = item_type.judge(key, payload, policy, body)
    if kind == ACCEPT_ALSO:
        also = item_type.judge(ruling.key, payload, policy, body)
        fraction = None if None in (fraction, also) else max(fraction, also)
    return Verdict(fraction, counts=kind != EXCLUDE)


# --- the total ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """One item's fraction with the weight it has on the paper."""

    fraction: Decimal | None
    weight: Decimal
    counts: bool = True

    @property
    def points(self):
        """The weighted fraction, or None while a person must still decide."""
        return None if self.fraction is None else points(self.fraction, self.weight)


@dataclass(frozen=True)
class Total:
    """The result of one attempt; `passed` is None while `waiting` scores still need a person."""

    points: Decimal
    max_points: Decimal
    percent: Decimal
    passed: bool | None
    waiting: int = 0


def total(scores, cut_score):
    """Add up the scores that count and compare them with the cut score, a percentage of the maximum.

    The comparison is exact (cross multiplication). The printed percentage is rounded half up, except that it
    never reaches a cut score which the points did not reach. A total below zero is zero; where no item counts
    there is nothing to pass.
    """
    counted = [score for score in scores if score.counts]
    waiting = sum(score.fraction is None for score in counted)
    earned = sum((score.points for score in counted if score.fraction is not None), Decimal("0.00"))
    earned = max(earned, Decimal("0.00"))
    possible = sum((Decimal(score.weight) for score in counted), Decimal("0.00"))
    return of_sums(earned, possible, cut_score, waiting)


def of_sums(earned, possible, cut_score, waiting=0):
    """The same of points that were added up elsewhere."""
    reached = possible > 0 and Fraction(earned) * 100 >= Fraction(cut_score) * Fraction(possible)
    percent = Decimal("0.00")
    if possible > 0:
        exact = Fraction(earned) * 100 / Fraction(possible)
        percent = _to_cents(exact, ROUND_HALF_UP)
        if not reached and percent >= cut_score:
            percent = _to_cents(exact, ROUND_DOWN)
    return Total(earned, possible, percent, None if waiting else reached, waiting)
