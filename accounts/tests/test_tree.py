"""The tree of units by its paths."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from accounts.tree import upward

CODES = some.lists(some.text("ABCDEFGH0123456789-", min_size=1, max_size=6), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/TJ/", ["/TJ/"]),
        ("/TJ/XQ/", ["/TJ/", "/TJ/XQ/"]),
        ("/TJ/XQ/91120111MA0000001A/", ["/TJ/", "/TJ/XQ/", "/TJ/XQ/91120111MA0000001A/"]),
    ],
)
def test_a_path_and_those_above_it(path, found):
    assert upward(path) == found


@given(CODES)
def test_each_lies_below_the_one_before_and_the_last_is_the_unit_itself(codes):
    path = "/" + "/".join(codes) + "/"
    found = upward(path)
    assert (len(found), found[-1]) == (len(codes), path)
    assert all(low.startswith(high) and low != high for high, low in pairwise(found))
