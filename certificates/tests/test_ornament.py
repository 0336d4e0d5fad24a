"""The fine lines close upon themselves and stay where they belong."""

import re

import pytest

from certificates import ornament


def points(path):
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_the_band_runs_round_the_page_within_its_width():
    paths = ornament.band(297, 210, inset=14, radius=7, amplitude=3, wave=11, strands=4)
    assert len(paths) == 4
    for path in paths:
        places = points(path)
        assert places[0] == places[-1]
        edge = [min(x, y, 297 - x, 210 - y) for x, y in places]
        assert min(edge) > 10.5
        assert max(edge) < 19.5


def test_the_strands_of_a_band_differ():
    assert len(set(ornament.band(297, 210, inset=14, radius=7, amplitude=3, wave=11, strands=4))) == 4


@pytest.mark.parametrize(("petals", "turns"), [(47, 9), (31, 7)])
def test_a_rosette_closes_and_has_its_petals(petals, turns):
    path = ornament.rosette(50, petals=petals, turns=turns, depth=0.4)
    assert points(path)[0] == points(path)[-1] == (50, 0)
    assert path.count("S") == 2 * petals - 1
