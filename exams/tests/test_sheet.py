"""What was written on an answer sheet becomes what a screen would have sent, for every item type and any order printed."""

from types import SimpleNamespace

import pytest

from exams.engine import sheet
from exams.engine.items import ITEM_TYPES
from exams.engine.layout import Place, lay_out_paper

EXAMPLES = [(kind, one) for kind in ITEM_TYPES.values() for one in kind.examples()]


def paper(seed=None):
    """One place for each example."""
    places = {
        n: SimpleNamespace(type=kind.code, body=one.body, key=one.key)
        for n, (kind, one) in enumerate(EXAMPLES, start=1)
    }
    shapes = [Place(n, place.type, place.type, place.body) for n, place in places.items()]
    return places, lay_out_paper(shapes, seed, bool(seed), bool(seed))


@pytest.mark.parametrize("seed", [None, "story"])
def test_what_is_written_is_read_back_as_the_payload(seed):
    places, layout = paper(seed)
    cells = sheet.cells(places, layout)
    said = {n: dict(one.payload) for n, (_kind, one) in enumerate(EXAMPLES, start=1)}
    written = sheet.write(places, cells, said)
    read = sheet.read(places, cells, written)
    policies = [one.policy for _kind, one in EXAMPLES]
    for n, (kind, one) in enumerate(EXAMPLES, start=1):
        assert kind.judge(one.key, read.get(n, {}), policies[n - 1], one.body) == one.fraction, n


def test_cells_are_numbered_in_the_order_printed():
    places, layout = paper("story")
    cells = sheet.cells(places, layout)
    numbers = list(dict.fromkeys(cell.number.split(".")[0].split("(")[0] for cell in cells))
    assert numbers == [str(n) for n in range(1, len(EXAMPLES) + 1)]
    assert len({cell.name for cell in cells}) == len(cells)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("single", "b", {"options": ["b"]}),
        ("single", "Ｂ", {"options": ["b"]}),
        ("multiple", "d、a，b", {"options": ["a", "b", "d"]}),
        ("multiple", "a a", {"options": ["a"]}),
        ("truefalse", "对", {"value": True}),
        ("truefalse", "x", {"value": False}),
    ],
)
def test_however_it_was_typed(kind, text, said):
    n = next(n for n, (one, _example) in enumerate(EXAMPLES, start=1) if one.code == kind)
    places, layout = paper()
    cells = sheet.cells(places, layout)
    cell = next(cell for cell in cells if cell.position == n)
    assert sheet.read(places, cells, {cell.name: text}) == {n: said}


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("single", "AB", "是单选题，收到 AB"),
        ("single", "Z", "没有选项“Z”，只有 A B C"),
        ("multiple", "A9", "没有选项“9”"),
        ("truefalse", "A", "请填 √ 或 ×"),
        ("blank", "x" * 501, "过长"),
        ("blank", "a\0b", "无法保存"),
    ],
)
def test_what_is_no_answer_is_told_by_its_number(kind, text, why):
    n = next(n for n, (one, _example) in enumerate(EXAMPLES, start=1) if one.code == kind)
    places, layout = paper()
    cells = sheet.cells(places, layout)
    cell = next(cell for cell in cells if cell.position == n)
    with pytest.raises(sheet.Unwritten, match=why):
        sheet.read(places, cells, {cell.name: text})
