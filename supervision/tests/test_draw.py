"""The draw, pure: fair, exact, the same everywhere, and never with a conflict."""

import hashlib
from collections import Counter
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.engine.chance import rank
from supervision.engine import draw
from supervision.engine.draw import Line
from supervision.engine.inclusion import inclusion

DRAWS = 10_000  # supervision.tests.simulate does 100,000
KEYS = [f"{n:024x}" for n in range(8)]


def lines(weights, stratum=""):
    return [
        Line(key, f"{n // 2:024x}", stratum, weight)
        for n, (key, weight) in enumerate(zip(KEYS, weights, strict=False))
    ]


def first_places(weights, draws, label=""):
    """How often each key came first."""
    frame = lines(weights)
    return Counter(draw.order(frame, draw.sha256(f"{label}{n}"))[0].key for n in range(draws))


def test_with_equal_weights_the_order_is_the_rank_of_the_exams():
    frame = lines([1] * 8)
    assert [one.key for one in draw.order(frame, "seed")] == rank(KEYS, "seed")
    assert [one.key for one in draw.order(lines([7] * 8), "seed")] == rank(KEYS, "seed")


def test_equal_weights_computed_by_the_exponentials_give_the_same_order():
    for n in range(200):
        seed = draw.sha256(str(n))
        hashed = sorted(KEYS, key=lambda key, seed=seed: draw.exponential(draw.sha256(f"{seed}:{key}"), 1))
        assert hashed == rank(KEYS, seed)


def test_the_exponential_is_what_its_description_says_to_the_last_digit():
    told = hashlib.sha256(b"seed:key").hexdigest()
    with localcontext() as context:
        context.prec = 60
        u = 1 - (Decimal(int(told, 16)) + Decimal("0.5")) / Decimal(2**256)
        exact = -u.ln() / 3
    assert abs(draw.exponential(told, 3) - exact) < exact * Decimal("1e-26")
    assert draw.exponential("0" * 64, 1) >= 0
    assert draw.exponential("f" * 64, 1) > 170


def test_the_precision_of_the_process_changes_nothing():
    frame, seed = lines([1, 2, 3, 4, 5, 6, 7, 8]), "seed"
    before = draw.order(frame, seed)
    with localcontext() as context:
        context.prec = 3
        assert draw.order(frame, seed) == before


def test_who_comes_first_is_uniform_by_chi_square():
    counts = first_places([1] * 8, DRAWS)
    expected = DRAWS / 8
    chi_square = sum((counts[key] - expected) ** 2 / expected for key in KEYS)
    assert chi_square < 24.32  # 7 degrees of freedom, 1 in 1000


def test_the_first_place_goes_by_weight():
    weights = [1, 1, 2, 4]
    counts = first_places(weights, DRAWS, "w")
    expected = [DRAWS * weight / sum(weights) for weight in weights]
    chi_square = sum(
        (counts[key] - wanted) ** 2 / wanted for key, wanted in zip(KEYS, expected, strict=False)
    )
    assert chi_square < 16.27  # 3 degrees of freedom, 1 in 1000


@st.composite
def frames(draw_):
    """A frame with strata, enterprises and weights, and quotas that it bears."""
    count = draw_(st.integers(1, 40))
    limit = draw_(st.sampled_from([0, 1, 2]))
    found = [
        Line(
            f"{n:024x}",
            f"{draw_(st.integers(0, 9)):024x}",
            draw_(st.sampled_from(["a", "b"])),
            draw_(st.integers(1, 6)),
        )
        for n in range(count)
    ]
    strata = []
    for code in ("a", "b"):
        most = draw.most([line for line in found if line.stratum == code], limit)
        strata.append((code, draw_(st.integers(0, most)), draw_(st.integers(0, 5))))
    return found, strata, limit


@settings(max_examples=120, deadline=None)
@given(frames(), st.text(min_size=1, max_size=20))
def test_quotas_are_exact_reserves_follow_and_no_enterprise_has_too_many(frame, seed):
    found, strata, limit = frame
    drawn = draw.draw(found, seed, strata, limit)
    by_key = {line.key: line for line in found}
    assert len({one.key for one in drawn}) == len(drawn)
    for code, chosen, reserves in strata:
        mine = [one for one in drawn if one.stratum == code]
        assert [one.rank for one in mine] == list(range(1, len(mine) + 1))
        assert [one.role for one in mine].count("chosen") == chosen
        most = draw.most([line for line in found if line.stratum == code], limit)
        assert len(mine) == min(chosen + reserves, most)
        assert {by_key[one.key].stratum for one in mine} <= {code}
        firms = Counter(by_key[one.key].enterprise for one in mine)
        assert not limit or max(firms.values(), default=0) <= limit
    assert draw.draw(list(reversed(found)), seed, strata, limit) == drawn


def test_a_quota_that_cannot_be_filled_is_an_error():
    with pytest.raises(ValueError, match="has 8 to draw 9 from"):
        draw.draw(lines([1] * 8), "seed", [("", 9, 0)])


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.integers(0, 15).map("i{:023x}".format), st.lists(st.sampled_from(KEYS), max_size=3), max_size=12),
    st.sets(st.sampled_from(KEYS), max_size=4),
    st.integers(2, 4),
    st.text(max_size=10),
)  # fmt: skip
def test_no_inspector_is_sent_to_an_enterprise_with_which_she_has_a_conflict(pool, visited, count, seed):
    free = [key for key, conflicts in pool.items() if not set(conflicts) & visited]
    if len(free) < count:
        with pytest.raises(ValueError, match="inspectors without a conflict"):
            draw.draw_inspectors(pool, seed, count, visited)
    else:
        sent = draw.draw_inspectors(pool, seed, count, visited)
        assert len(set(sent)) == count and set(sent) <= set(free)


def test_the_probability_of_being_drawn_is_exact_where_weights_are_equal_and_near_where_not():
    assert inclusion({1: 200}, 10) == {1: 0.05}
    assert inclusion({2: 10}, 10) == {2: 1.0}
    assert inclusion({1: 10, 3: 5}, 0) == {1: 0.0, 3: 0.0}
    told = inclusion({1: 30, 3: 10}, 8)
    assert abs(30 * told[1] + 10 * told[3] - 8) < 1e-6
    frame = [Line(f"{n:024x}", "", "", 3 if n >= 30 else 1) for n in range(40)]
    heavy = sum(
        line.weight == 3 for n in range(400) for line in draw.order(frame, draw.sha256(f"p{n}"))[:8]
    )  # fmt: skip
    assert abs(heavy / 4000 - told[3]) < 0.03
