"""An answer sheet of paper: its cells in the order printed, and what was written in them as payloads of the house."""

from collections.abc import Mapping
from dataclasses import dataclass

from .items import ITEM_TYPES
from .items.base import letter, options_of
from .items.blank import LONGEST_ANSWER, UNKEEPABLE, blanks_of
from .items.case import parts_of
from .words import N_, Sentence

TRUE, FALSE = "√", "×"
WORDS = {
    **dict.fromkeys(("√", "✓", "对", "正确", "是", "T", "TRUE", "Y"), True),
    **dict.fromkeys(("×", "✗", "X", "错", "错误", "否", "F", "FALSE", "N"), False),
}
BETWEEN = str.maketrans("", "", " 　,，、;；./")
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF21, 0xFF5B)}


@dataclass(frozen=True)
class Cell:
    """One place to write: `number` as it is printed, the path of its item, its type, and the letters it offers."""

    number: str
    position: int
    path: tuple
    kind: str
    letters: tuple = ()
    ids: tuple = ()

    @property
    def name(self):
        """What a form calls it."""
        return "-".join(("cell", str(self.position), *self.path))


class Unwritten(ValueError):
    """What stands in a cell is no answer to it; `sentence` says why."""

    def __init__(self, cell, template, **params):
        self.sentence = Sentence(template, {"number": cell.number, **params})
        super().__init__(str(self.sentence))


def cells(places, layout):
    """The cells of a printed paper: `places` are {position: thing with type and body}, `layout` the order it was printed in."""
    found = []
    for shown, position in enumerate(layout["order"], start=1):
        place = places[position]
        inner = layout["options"].get(str(position))
        found += _cells(str(shown), position, (), place.type, place.body, inner)
    return found


def _cells(number, position, path, kind, body, layout):
    if kind == "case":
        for n, part in enumerate(parts_of(body), start=1):
            inner = (layout or {}).get(part["id"])
            where = (*path, part["id"])
            yield from _cells(f"{number}.{n}", position, where, part["type"], part.get("body", {}), inner)
    elif kind == "blank":
        blanks = blanks_of(body)
        for n, blank in enumerate(blanks, start=1):
            shown = f"{number}({n})" if len(blanks) > 1 else number
            yield Cell(shown, position, (*path, blank["id"]), "blank")
    elif kind == "truefalse":
        yield Cell(number, position, path, kind, (TRUE, FALSE))
    else:
        ids = tuple(layout or [option["id"] for option in options_of(body)])
        yield Cell(number, position, path, kind, tuple(letter(n) for n in range(len(ids))), ids)


def read(places, cells, written: Mapping):
    """Give {position: payload} of {name of a cell: text}; Unwritten for what is no answer. What is empty was not answered."""
    raw = {}
    for cell in cells:
        text = str(written.get(cell.name) or "").strip()
        if text:
            _put(raw.setdefault(cell.position, {}), places[cell.position].type, cell, _value(cell, text))
    return {
        position: ITEM_TYPES[places[position].type].read(said, places[position].body)
        for position, said in raw.items()
    }


def _value(cell, text):
    if cell.kind == "blank":
        if len(text) > LONGEST_ANSWER or UNKEEPABLE.search(text):
            raise Unwritten(cell, N_("第 %(number)s 题的填空过长或含有无法保存的字符。"))
        return text
    folded = text.translate(FULL_WIDTH).upper().translate(BETWEEN)
    if cell.kind == "truefalse":
        if folded not in WORDS:
            raise Unwritten(
                cell, N_("第 %(number)s 题是判断题，请填 √ 或 ×，收到“%(text)s”。"), text=text[:20]
            )
        return WORDS[folded]
    wrong = [char for char in folded if char not in cell.letters]
    if wrong:
        raise Unwritten(
            cell,
            N_("第 %(number)s 题没有选项“%(text)s”，只有 %(letters)s。"),
            text=wrong[0],
            letters=" ".join(cell.letters),
        )
    chosen = sorted({cell.letters.index(char) for char in folded})
    if cell.kind == "single" and len(chosen) > 1:
        raise Unwritten(
            cell,
            N_("第 %(number)s 题是单选题，收到 %(text)s；答题卡上多选的按未作答处理，请留空。"),
            text=folded[:20],
        )
    return [cell.ids[n] for n in chosen]


def _put(said, kind, cell, value):
    """Put a value where the payload of its type has it."""
    path = cell.path
    if kind == "case":
        part, *path = path
        said = said.setdefault("parts", {}).setdefault(part, {})
    if cell.kind == "blank":
        said.setdefault("blanks", {})[path[0]] = value
    else:
        said["value" if cell.kind == "truefalse" else "options"] = value


def write(places, cells, said: Mapping):
    """The other way: {name of a cell: text} of payloads or keys by position; of a key the accepted spellings."""
    found = {}
    for cell in cells:
        inner, path = said.get(cell.position, {}), cell.path
        if places[cell.position].type == "case":
            part, *path = path
            inner = inner.get("parts", {}).get(part, {})
        if cell.kind == "blank":
            value = inner.get("blanks", {}).get(path[0], "")
            text = value if isinstance(value, str) else " / ".join(value)
        elif cell.kind == "truefalse":
            text = {True: TRUE, False: FALSE}.get(inner.get("value"), "")
        else:
            chosen = inner.get("options", ())
            text = "".join(cell.letters[n] for n, one in enumerate(cell.ids) if one in chosen)
        found[cell.name] = text
    return found
