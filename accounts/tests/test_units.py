"""The unit behind a figure: Chinese has one form, English two."""

import pytest
from django.utils import translation

from accounts.templatetags.pieces import UNITS, unit


@pytest.mark.parametrize(
    ("figure", "name", "said"),
    [(1, "项", "post"), (0, "项", "posts"), (2, "行", "rows"), (1, "行", "row"), (1, "人", "person"), (0.5, "分", "points")],
)  # fmt: skip
def test_one_thing_is_called_otherwise_than_several(figure, name, said):
    with translation.override("en"):
        assert unit(figure, name) == said


@pytest.mark.parametrize("name", UNITS)
def test_chinese_says_it_alike(name):
    assert [unit(figure, name) for figure in (0, 1, 2)] == [name] * 3
