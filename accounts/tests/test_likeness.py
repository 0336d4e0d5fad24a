"""Names in one spelling, and why two people may be one: no database."""

import pytest

from accounts.likeness import (
    NUMBERLESS,
    PAIRS,
    PLACE,
    REASONS,
    SIMPLER,
    SPELLING,
    TAIL,
    TYPING,
    Side,
    masks_alike,
    numbers_alike,
    pairs,
    reasons,
    spelled,
)
from tests.people import id_number

ONE, NEAR, FAR = id_number(8), id_number(9), id_number(345)
MASK = "120000********0083"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("张三", "张三"),
        ("張三", "张三"),
        (" 张 三　", "张三"),
        ("陳偉明", "陈伟明"),
        ("Ｌｉ Ming", "liming"),
        ("阿依古丽·买买提", "阿依古丽买买提"),
        ("阿依古丽•买买提", "阿依古丽买买提"),
        ("李\u200b䶮", "李䶮"),
        ("王𬱖", "王𬱖"),
    ],
)
def test_a_name_has_one_spelling(name, plain):
    assert spelled(name) == plain


def test_each_traditional_form_stands_once_and_leads_to_a_simplified_one():
    assert len(SIMPLER) * 2 == len(PAIRS)
    assert {ord(new) for new in SIMPLER.values()} & SIMPLER.keys() == set()


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("120000199811180083", "120000199811180091", True),  # one digit, and the check digit with it
        ("120000199811180083", "120000199811180083", False),  # one number is one person already
        ("120000199811180083", "120000199811170083", True),  # a digit of the day
        ("120000199811180083", "120000199818110083", False),  # month and day changed places: four digits
        ("120000199811180083", "120000199811810083", True),  # two neighbours changed places
        ("120000199811180083", "120000199811180996", False),
        ("120000199811180083", "120000197811180091", False),  # date and end
        ("", "120000199811180083", False),
    ],
)
def test_a_number_looks_mistyped_or_not(first, second, alike):
    assert numbers_alike(first, second) == numbers_alike(second, first) == alike


def test_numbers_are_read_only_where_the_masks_look_alike():
    def never():
        raise AssertionError("a number was read")

    far = Side(1, "张三", "", "120000********9996", number=never)
    assert reasons(far, Side(2, "张三", "", MASK, number=never)) == ()
    assert not masks_alike(MASK, "120111********0083")
    assert masks_alike(MASK, "120000********0091")


def side(key, name="张三", **more):
    return Side(key, name, **more)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({}, {}, ()),
        ({"places": frozenset({1, 2})}, {"places": frozenset({2})}, (PLACE,)),
        ({"phone_mask": "199****0001"}, {"phone_mask": "138****0001"}, (TAIL,)),
        ({"phone_mask": "199****0001"}, {"phone_mask": "199****0002"}, ()),
        ({"phone_mask": "****"}, {"phone_mask": "****"}, ()),
        ({"id_mask": MASK, "number": ONE}, {}, (NUMBERLESS,)),
        ({"id_mask": "120000********0083", "number": "120000199811180083"},
         {"id_mask": "120000********0091", "number": "120000199811180091"}, (TYPING,)),
        ({"name": "張三"}, {}, (SPELLING,)),
        ({"name": "李四", "places": frozenset({1})}, {"places": frozenset({1})}, ()),
        ({"name": "張三", "places": frozenset({1})}, {"places": frozenset({1}), "id_mask": MASK}, (PLACE, NUMBERLESS, SPELLING)),
    ],
)  # fmt: skip
def test_the_reasons_say_what_agrees(first, second, why):
    assert reasons(side(1, **first), side(2, **second)) == why


def test_the_weightiest_reason_comes_first():
    weights = [weight for weight, _sentence in REASONS.values()]
    assert weights == sorted(weights, reverse=True)


def test_pairs_come_by_weight_and_without_those_that_were_told_apart():
    sides = [
        side(3, phone_mask="199****0001", places=frozenset({7})),
        side(1, phone_mask="138****0001", places=frozenset({7})),
        side(2, places=frozenset({7})),
        side(4, "李四", places=frozenset({7})),
    ]
    assert [(one.first, one.second, one.reasons) for one in pairs(sides)] == [
        (1, 3, (TAIL, PLACE)),
        (1, 2, (PLACE,)),
        (2, 3, (PLACE,)),
    ]
    assert [(one.first, one.second) for one in pairs(sides, {(1, 3), (2, 3)})] == [(1, 2)]
