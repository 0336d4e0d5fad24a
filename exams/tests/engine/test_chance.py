"""An order that anybody can recompute."""

import hashlib

import pytest

from exams.engine.chance import digest, draw, rank


def test_the_rank_is_the_order_of_sha256sum():
    keys = ["王芳", "李强", "赵敏"]
    hashes = {key: hashlib.sha256(f"2025:{key}".encode()).hexdigest() for key in keys}
    assert rank(keys, "2025") == sorted(keys, key=hashes.get)


def test_the_rank_is_known_forever():
    assert rank(["a", "b", "c", "d", "e"], 7) == ["c", "e", "a", "d", "b"]  # checked with sha256sum


def test_the_order_of_the_input_does_not_matter():
    assert rank(range(100), "s") == rank(reversed(range(100)), "s")


def test_a_larger_draw_begins_with_the_smaller_one():
    assert draw(range(50), "s", 12)[:5] == draw(range(50), "s", 5) == rank(range(50), "s")[:5]


@pytest.mark.parametrize("n", [-1, 4])
def test_more_than_there_are_cannot_be_drawn(n):
    with pytest.raises(ValueError, match="cannot draw"):
        draw("abc", 1, n)


def test_a_digest_does_not_depend_on_the_order_of_a_dict():
    assert digest({"b": 1, "a": "质"}) == digest({"a": "质", "b": 1})
    assert digest({"a": "质"}) == hashlib.sha256('{"a":"质"}'.encode()).hexdigest()
