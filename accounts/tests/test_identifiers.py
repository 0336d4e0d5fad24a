"""Identifiers against the standards' own examples and against slips of the hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import identifiers
from accounts.identifiers import USCC_ALPHABET, id_check, uscc_check

DIGITS = "0123456789"
FIRST17 = st.text(USCC_ALPHABET, min_size=17, max_size=17)
NUMBERS = st.text(DIGITS, min_size=3, max_size=3)


@pytest.mark.parametrize(
    ("code", "is_right"),
    [
        ("91350100M000100Y43", True),  # GB 32100—2015
        (" 9135 0100-M000100y43 ", True),
        ("９１３５０１００Ｍ０００１００Ｙ４３", True),
        ("91350100M000100Y44", False),
        ("91350100M000100Y4", False),
        ("91350100I000100Y43", False),
        ("", False),
    ],
)
def test_a_credit_code_is_judged_by_its_standard(code, is_right):
    assert (identifiers.why_not_uscc(code) == "") is is_right


@pytest.mark.parametrize(
    ("number", "is_right"),
    [
        ("11010519491231002X", True),  # GB 11643—1999
        ("11010519491231002x", True),
        ("110105 19491231 002X", True),
        ("110105194912310021", False),
        ("11010519490231002X", False),
        ("1101051949123100", False),
        ("١1010519491231002X", False),
    ],
)
def test_an_id_number_is_judged_by_its_standard(number, is_right):
    assert (identifiers.why_not_id_number(number) == "") is is_right


@pytest.mark.parametrize(
    ("phone", "is_right"),
    [("13800138000", True), ("+86 138-0013-8000", True), ("12800138000", False), ("1380013800", False)],
)
def test_a_mobile_number_has_eleven_digits(phone, is_right):
    assert (identifiers.why_not_phone(phone) == "") is is_right


@given(FIRST17, st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_one_wrong_character_of_a_credit_code_is_always_found(first, place, character):
    code = first + uscc_check(first)
    wrong = code[:place] + character + code[place + 1 :]
    assert (identifiers.why_not_uscc(wrong) == "") is (wrong == code)


@given(NUMBERS, st.integers(0, 17), st.sampled_from(DIGITS + "X"))
def test_one_wrong_character_of_an_id_number_is_always_found(serial, place, character):
    first = f"11010519491231{serial}"
    number = first + id_check(first)
    wrong = number[:place] + character + number[place + 1 :]
    assert (identifiers.why_not_id_number(wrong) == "") is (wrong == number)


@given(NUMBERS, st.integers(0, 16))
def test_two_swapped_neighbours_of_an_id_number_are_always_found(serial, place):
    first = f"11010519491231{serial}"
    number = first + id_check(first)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (identifiers.why_not_id_number(swapped) == "") is (swapped == number)


@given(FIRST17)
def test_normalising_twice_is_normalising_once(first):
    once = identifiers.normalise(f" {first.lower()} ")
    assert (once, identifiers.normalise(once)) == (first, first)


def test_masks_keep_only_what_may_be_seen():
    assert [
        identifiers.mask_id_number("11010519491231002X"),
        identifiers.mask_phone("13800138000"),
        identifiers.mask_name("张三"),
        identifiers.mask_name("欧阳海"),
        identifiers.mask_name("欧阳"),
        identifiers.mask_name("李"),
    ] == ["110105********002X", "138****8000", "张*", "欧阳*", "欧*", "李*"]
