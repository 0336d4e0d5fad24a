"""Numbers catch slips of the pen; codes cannot be guessed and forgive how they are typed."""

import itertools
import random
import re

import pytest

from certificates.numbers import (
    ALPHABET,
    certificate_number,
    check_character,
    normalise_code,
    normalise_number,
    verify_code,
)

CODE = "CR2M-G401-7G1A-02C0-2800"


def test_numbers_are_spelled_with_their_check_character():
    assert [certificate_number(2026, n) for n in (1, 314, 1234567)] == [
        "ZK-2026-000001-4",
        "ZK-2026-000314-3",
        "ZK-2026-1234567-1",
    ]
    assert certificate_number(2026, 314, prefix="TJ") == "TJ-2026-000314-3"


@pytest.mark.parametrize(
    ("digits", "check"), [("0794", "0"), ("000000021825009", "7"), ("000000012146438", "X")]
)
def test_the_check_character_is_that_of_iso_7064(digits, check):
    assert check_character(digits) == check


def test_every_wrong_digit_and_every_swap_is_caught():
    number = certificate_number(2026, 314)
    places = [place for place, char in enumerate(number) if char.isdigit()][:-1]
    wrong = {number[:p] + d + number[p + 1 :] for p in places for d in "0123456789"} - {number}
    for p, q in itertools.pairwise(places):
        swapped = list(number)
        swapped[p], swapped[q] = swapped[q], swapped[p]
        wrong.add("".join(swapped))
    wrong.discard(number)
    assert len(wrong) > 90
    assert [one for one in wrong if normalise_number(one)] == []


@pytest.mark.parametrize(
    "typed",
    [
        "ZK-2026-000314-3",
        " zk2026 000314 3 ",
        "ＺＫ－２０２６－０００３１４－３",
        "ZK—2026—000314—3",
        "zk20260003143",
    ],
)
def test_a_number_is_read_however_it_is_typed(typed):
    assert normalise_number(typed) == "ZK-2026-000314-3"


@pytest.mark.parametrize("typed", ["", "ZK", "ZK-2026-000314", "ZK-2026-000314-4", "2026-000314-3", "证明"])
def test_what_is_no_number_is_none(typed):
    assert normalise_number(typed) is None


@pytest.mark.parametrize(("year", "serial"), [(26, 1), (2026, 0), (2026, -1)])
def test_a_number_without_year_or_serial_is_refused(year, serial):
    with pytest.raises(ValueError):
        certificate_number(year, serial)


def test_a_code_is_twenty_characters_with_a_hundred_bits_of_the_entropy_in_them():
    assert verify_code(bytes(range(13))) == CODE
    zero = verify_code(bytes(13))
    assert zero == "0000-0000-0000-0000-0000"
    # Each of the lowest hundred bits changes the code: none of the chance is lost.
    codes = {verify_code((1 << bit).to_bytes(13, "big")) for bit in range(100)}
    assert len(codes | {zero}) == 101


def test_codes_hold_no_character_that_looks_like_another():
    chance = random.Random(2026)
    seen = "".join(verify_code(chance.randbytes(16)) for _ in range(300))
    assert set(seen) - {"-"} == set(ALPHABET)
    assert not set("ILOU") & set(seen)


def test_a_code_of_too_little_chance_is_refused():
    with pytest.raises(ValueError, match="13 random bytes"):
        verify_code(bytes(12))


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.lower(),
        CODE.replace("-", ""),
        CODE.replace("-", " "),
        CODE.replace("-", "—"),
        f"  {CODE}\n",
        "ＣＲ２Ｍ－Ｇ４０１－７Ｇ１Ａ－０２Ｃ０－２８００",
        CODE.replace("0", "O").replace("1", "I"),
        CODE.replace("0", "o").replace("1", "l"),
    ],
)
def test_a_code_is_read_however_it_is_typed(typed):
    assert normalise_code(typed) == CODE


@pytest.mark.parametrize(
    "typed", ["", CODE[:-1], CODE + "0", CODE.replace("C", "U"), CODE.replace("C", "验"), "%00" * 9]
)
def test_what_cannot_be_a_code_is_none(typed):
    assert normalise_code(typed) is None


def test_a_printed_code_has_the_shape_that_addresses_accept():
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}", CODE)
