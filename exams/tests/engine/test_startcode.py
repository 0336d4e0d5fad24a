"""The code on the wall: the same for everybody in the same minute, taken a minute longer, and nothing else is taken."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.engine import startcode

NOON = datetime(2026, 11, 26, 4, 0, 30, tzinfo=UTC)
SECRET = b"s" * 32
MOMENTS = st.integers(1_700_000_000, 2_200_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(MOMENTS, st.binary(min_size=16, max_size=32))
def test_a_code_has_six_letters_that_nobody_takes_for_another(moment, secret):
    code = startcode.code(secret, startcode.window(moment))
    assert len(code) == 6
    assert set(code) <= set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")
    assert not set(code) & set("01IOL")
    assert 1 <= startcode.seconds_left(moment) <= 60


@pytest.mark.parametrize(
    ("seconds", "is_taken"),
    [(0, True), (29, True), (30, True), (89, True), (90, False), (600, False), (-31, False)],
)
def test_it_is_taken_while_it_is_shown_and_a_minute_longer(seconds, is_taken):
    shown = startcode.code(SECRET, startcode.window(NOON))
    assert startcode.accepts(SECRET, shown, NOON + timedelta(seconds=seconds)) is is_taken


def test_it_may_be_typed_in_small_letters_with_spaces_or_in_full_width():
    shown = startcode.code(SECRET, startcode.window(NOON))
    wide = "".join(chr(ord(c) + 0xFEE0) for c in shown)
    for typed in (shown.lower(), f" {shown[:3]} {shown[3:]}\n", f"{shown[:3]}-{shown[3:]}", wide):
        assert startcode.accepts(SECRET, typed, NOON)


@given(st.text(max_size=20))
def test_nothing_else_is_taken(typed):
    shown = {startcode.code(SECRET, startcode.window(NOON) - back) for back in (0, 1)}
    assert startcode.accepts(SECRET, typed, NOON) is (startcode.read(typed) in shown)


def test_another_session_has_another_code():
    here = startcode.window(NOON)
    assert startcode.code(SECRET, here) != startcode.code(b"t" * 32, here)
