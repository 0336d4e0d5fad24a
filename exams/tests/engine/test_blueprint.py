"""Papers fill their blueprints exactly, or the missing lines are named."""

from collections import Counter
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.engine.blueprint import (
    Candidate,
    Infeasible,
    Line,
    Shortage,
    accepts,
    compose,
    feasible,
    max_points,
)

TOPICS, TYPES = ("抽查", "标识", "许可"), ("single", "multiple")


def line(position, count, section="一", points="1", item=None, **where):
    return Line(position, section, count, Decimal(points), where, item)


def items(count, prefix="Q", **facts):
    return [Candidate(f"{prefix}{number:03}", **facts) for number in range(count)]


@pytest.mark.parametrize(
    ("where", "facts", "expected"),
    [
        ({}, {}, True),
        ({"type": "single"}, {"type": "single"}, True),
        ({"type": "single"}, {"type": "multiple"}, False),
        ({"topic": ("抽查", "标识")}, {"topic": "标识"}, True),
        ({"topic": ("抽查", "标识")}, {"topic": "许可"}, False),
        ({"bank": "通用", "difficulty": "easy"}, {"bank": "通用", "difficulty": "hard"}, False),
        ({"audience": "sells"}, {"audience": frozenset()}, True),
        ({"audience": "sells"}, {"audience": frozenset({"produces"})}, False),
        ({"audience": "sells"}, {"audience": frozenset({"produces", "sells"})}, True),
        ({"audience": ("sells", "officer")}, {"audience": frozenset({"sells"})}, True),
        ({"audience": ("sells", "officer")}, {"audience": frozenset({"sells", "director"})}, False),
        ({"audience": ("sells", "officer")}, {"audience": frozenset({"officer"})}, True),
    ],
)
def test_a_line_accepts_what_fits_its_filter(where, facts, expected):
    assert accepts(line(1, 1, **where), Candidate("Q", **facts)) is expected


def test_an_unknown_filter_is_refused():
    with pytest.raises(ValueError, match="colour"):
        line(1, 1, colour="red")


def test_the_points_of_a_paper():
    assert max_points([line(1, 20, points="2"), line(2, 10, points="1.5")]) == Decimal(55)


def test_a_single_line_names_its_shortage():
    lines = [line(1, 2, type="single"), line(2, 5, type="multiple")]
    pool = items(9, "S", type="single") + items(3, "M", type="multiple")
    found = feasible(lines, pool)
    assert found == Shortage((2,), 5, 3)
    assert str(found.sentence) == "第 2 行共需要 5 道试题，符合条件的只有 3 道"


def test_lines_that_share_their_items_are_named_together():
    lines = [line(1, 3, topic="抽查"), line(2, 3, topic="抽查", type="single"), line(3, 1)]
    pool = items(4, "A", topic="抽查", type="single") + items(9, "B", topic="许可")
    assert feasible(lines, pool) == Shortage((1, 2), 6, 4)


def test_five_lines_may_be_short_only_together():
    lines = [line(number, 1, topic=("抽查", "标识"), type="single") for number in range(1, 6)]
    assert feasible([*lines, line(6, 1)], items(4, topic="抽查", type="single") + items(9, "X")) == Shortage(
        (1, 2, 3, 4, 5), 5, 4
    )


def test_composing_the_impossible_raises_its_shortage():
    with pytest.raises(Infeasible) as caught:
        compose([line(1, 2)], items(1), "s")
    assert caught.value.shortage == Shortage((1,), 2, 1)


def test_a_greedy_first_line_leaves_the_second_its_items():
    lines = [line(1, 5), line(2, 5, topic="抽查")]
    pool = items(5, "A", topic="抽查") + items(5, "B", topic="许可")
    for seed in range(30):
        paper = compose(lines, pool, seed)
        assert sorted(code for _, code in paper) == sorted(item.code for item in pool)


def test_a_picked_item_is_taken_by_its_own_line():
    lines = [line(1, 9), line(2, 1, item="Q004")]
    for seed in range(10):
        assert compose(lines, items(10), seed)[-1] == (lines[1], "Q004")


def test_enemies_never_meet_in_one_paper():
    pool = items(10, "E", enemies="g") + items(4)
    assert feasible([line(1, 6)], pool) == Shortage((1,), 6, 5)
    for seed in range(20):
        codes = [code for _, code in compose([line(1, 3), line(2, 2)], pool, seed)]
        assert sum(code.startswith("E") for code in codes) == 1


def test_a_paper_stands_section_by_section():
    lines = [line(2, 1, "乙"), line(1, 1, "甲"), line(3, 1, "甲")]
    assert [one.position for one, _ in compose(lines, items(5), "s")] == [1, 3, 2]


def test_a_large_bank_is_composed_exactly():
    pool = [
        Candidate(f"Q{number}", TYPES[number % 2], TOPICS[number % 3], ("easy", "hard")[number % 5 == 0])
        for number in range(50_000)
    ]
    lines = [line(n, 5, type=TYPES[n % 2], topic=(TOPICS[n % 3], TOPICS[(n + 1) % 3])) for n in range(20)]
    paper = compose(lines, pool, "large")
    assert Counter(one.position for one, _ in paper) == dict.fromkeys(range(20), 5)
    assert len({code for _, code in paper}) == 100


def test_every_item_has_its_chance():
    drawn = Counter(code for seed in range(300) for _, code in compose([line(1, 5)], items(10), seed))
    assert len(drawn) == 10
    assert min(drawn.values()) > 100


wheres = st.fixed_dictionaries(
    {},
    optional={
        "topic": st.lists(st.sampled_from(TOPICS), min_size=1, max_size=2, unique=True),
        "type": st.sampled_from(TYPES),
    },
)
blueprints = st.lists(st.tuples(st.integers(0, 3), wheres), min_size=1, max_size=5).map(
    lambda rows: [line(n, count, "一二"[n % 2], **where) for n, (count, where) in enumerate(rows, 1)]
)
pools = st.lists(
    st.tuples(st.sampled_from(TYPES), st.sampled_from(TOPICS), st.sampled_from([None, None, "g", "h"])),
    max_size=9,
).map(
    lambda rows: [Candidate(f"Q{n}", kind, topic, enemies=foe) for n, (kind, topic, foe) in enumerate(rows)]
)


def fillable(places, pool, used=frozenset()):
    """Try everything: the places one after the other, each with every item."""
    if not places:
        return True
    return any(
        fillable(places[1:], pool, used | {item.enemies or item.code})
        for item in pool
        if (item.enemies or item.code) not in used and accepts(places[0], item)
    )


def short(subset, pool):
    fitting = {item.enemies or item.code for item in pool if any(accepts(one, item) for one in subset)}
    return sum(one.count for one in subset) > len(fitting)


@settings(max_examples=300, deadline=None)
@given(blueprints, pools)
def test_a_shortage_is_named_exactly_when_nothing_works(lines, pool):
    needed = sum(one.count for one in lines)
    found = feasible(lines, pool)
    if needed <= 6:
        places = [one for one in lines for _ in range(one.count)]
        assert (found is None) == fillable(places, pool)
    sizes = [n for n in range(1, len(lines) + 1) if any(short(some, pool) for some in combinations(lines, n))]
    assert (found and len(found.positions)) == (min(sizes) if sizes else None)
    if found:
        assert short([one for one in lines if one.position in found.positions], pool)
        assert found.needed > found.available


@settings(max_examples=300, deadline=None)
@given(blueprints, pools, st.integers(0, 99), st.randoms())
def test_a_paper_is_exact_and_follows_from_its_seed(lines, pool, seed, chance):
    if feasible(lines, pool):
        return
    paper = compose(lines, pool, seed)
    by_code = {item.code: item for item in pool}
    assert Counter(one.position for one, _ in paper) == Counter(
        {one.position: one.count for one in lines if one.count}
    )
    assert all(accepts(one, by_code[code]) for one, code in paper)
    units = [by_code[code].enemies or code for _, code in paper]
    assert len(set(units)) == len(units)
    mixed_lines, mixed_pool = lines[:], pool[:]
    chance.shuffle(mixed_lines)
    chance.shuffle(mixed_pool)
    assert compose(mixed_lines, mixed_pool, seed) == paper
