"""The part of an item's form that differs by type: options, a judgement, blanks, parts of a case.

An editor reads its own fields of a plain form, can add or take away a row, and gives body and key; whatever was
typed is given back as it was. `problems` holds what the engine says, by the place it names.
"""

from django.utils.translation import gettext as _

from exams.engine.items import ITEM_TYPES
from exams.engine.items.base import letter
from exams.engine.items.case import PART_TYPES
from exams.engine.items.normalise import DEFAULT_SWITCHES, SWITCHES
from exams.models import Difficulty
from exams.sentences import say

FIRST_OPTIONS = 4
MOST_ROWS = 26
PART_FIELDS = ("code", "stem", "weight", "rationale", "topic", "difficulty", "basis", "clause")


class Editor:
    """What all editors share: a prefix for their fields, and problems by place."""

    template: str

    def __init__(self, prefix=""):
        self.prefix = prefix
        self.problems = {}

    def name(self, *path):
        """Give the name of one of its fields."""
        return "-".join(str(step) for step in (self.prefix, *path) if step != "")

    def add(self, what):
        """Add a row; only editors of rows can."""

    def remove(self, what):
        """Take a row away; only editors of rows can."""

    def take_problems(self, problems):
        """Keep the sentences of (place, problem) pairs where the template looks for them."""
        for place, problem in problems:
            self.problems.setdefault(place, []).append(say(problem))

    @property
    def general(self):
        """Sentences that belong to no single row."""
        return [text for place in ("key", "body", "blank", "") for text in self.problems.get(place, ())]


class Options(Editor):
    """Rows of options with a mark on the right ones."""

    template = "exams/items/single/edit.html"

    def __init__(self, kind, prefix=""):
        super().__init__(prefix)
        self.is_multiple = kind == "multiple"
        self.texts, self.right = [""] * FIRST_OPTIONS, set()

    def load(self, body, key):
        """Take an item as it is."""
        ids = [option["id"] for option in body["options"]]
        self.texts = [option["text"] for option in body["options"]]
        self.right = {ids.index(one) for one in key["options"] if one in ids}

    def read(self, data):
        """Take what was typed."""
        count = _count(data, self.name("options"))
        self.texts = [data.get(self.name("option", n), "") for n in range(count)]
        self.right = {int(n) for n in data.getlist(self.name("right")) if n.isdecimal() and int(n) < count}

    def add(self, what):
        """Another empty option."""
        self.texts = [*self.texts, ""][:MOST_ROWS]

    def remove(self, what):
        """Without the option of that number; the marks stay with their texts."""
        gone = int(what) if what.isdecimal() else -1
        if 0 <= gone < len(self.texts):
            del self.texts[gone]
            self.right = {n - (n > gone) for n in self.right if n != gone}

    def body_and_key(self):
        """Give body and key; empty rows at the end say nothing."""
        texts = [text.strip() for text in self.texts]
        while texts and not texts[-1] and len(texts) - 1 not in self.right:
            texts.pop()
        ids = [letter(n).lower() for n in range(len(texts))]
        options = [{"id": one, "text": text} for one, text in zip(ids, texts, strict=True)]
        return {"options": options}, {"options": [ids[n] for n in sorted(self.right) if n < len(ids)]}

    @property
    def rows(self):
        """The rows for the template."""
        return [
            {
                "index": n,
                "letter": letter(n),
                "name": self.name("option", n),
                "text": text,
                "is_right": n in self.right,
                "problems": self.problems.get(f"option {letter(n).lower()}", ()),
                "remove": self.name("option", n),
            }
            for n, text in enumerate(self.texts)
        ]


class Judgement(Editor):
    """One choice between true and false."""

    template = "exams/items/truefalse/edit.html"

    def __init__(self, kind, prefix=""):
        super().__init__(prefix)
        self.value = ""

    def load(self, body, key):
        """Take an item as it is."""
        self.value = str(key["value"]).lower()

    def read(self, data):
        """Take what was chosen."""
        self.value = data.get(self.name("value"), "")

    def body_and_key(self):
        """Give body and key."""
        return {}, {"value": self.value == "true"} if self.value in ("true", "false") else {}


class Blanks(Editor):
    """One row for each blank: its accepted spellings, a line each, and how freely they are compared."""

    template = "exams/items/blank/edit.html"

    def __init__(self, kind, prefix=""):
        super().__init__(prefix)
        self.spellings, self.switches = [""], [list(DEFAULT_SWITCHES)]

    def load(self, body, key):
        """Take an item as it is."""
        self.spellings = ["\n".join(key["blanks"][blank["id"]]) for blank in body["blanks"]]
        self.switches = [list(blank.get("normalise", ())) for blank in body["blanks"]]

    def read(self, data):
        """Take what was typed."""
        count = _count(data, self.name("blanks"))
        self.spellings = [data.get(self.name("blank", n), "") for n in range(count)]
        chosen = [data.getlist(self.name("blank", n, "switch")) for n in range(count)]
        self.switches = [[code for code in SWITCHES if code in each] for each in chosen]

    def add(self, what):
        """Another blank."""
        if len(self.spellings) < MOST_ROWS:
            self.spellings.append("")
            self.switches.append(list(DEFAULT_SWITCHES))

    def remove(self, what):
        """Without the blank of that number."""
        gone = int(what) if what.isdecimal() else -1
        if 0 <= gone < len(self.spellings):
            del self.spellings[gone], self.switches[gone]

    def body_and_key(self):
        """Give body and key."""
        ids = [str(n) for n in range(1, len(self.spellings) + 1)]
        lines = [[line.strip() for line in text.splitlines() if line.strip()] for text in self.spellings]
        blanks = [
            {"id": one, "normalise": switches} for one, switches in zip(ids, self.switches, strict=True)
        ]
        return {"blanks": blanks}, {"blanks": dict(zip(ids, lines, strict=True))}

    @property
    def rows(self):
        """The rows for the template."""
        return [
            {
                "index": n,
                "number": n + 1,
                "name": self.name("blank", n),
                "text": text,
                "switches": [
                    {"code": code, "label": _(label), "is_on": code in self.switches[n]}
                    for code, label in SWITCHES.items()
                ],
                "problems": self.problems.get(f"blank {n + 1}", ()),
                "remove": self.name("blank", n),
            }
            for n, text in enumerate(self.spellings)
        ]


class Part:
    """One part of a case: its own fields, and the editor of its type."""

    def __init__(self, prefix, kind, fields=None, notes=None):
        self.prefix, self.kind = prefix, kind
        self.fields = (
            dict.fromkeys(PART_FIELDS, "") | {"weight": "2", "difficulty": "medium"} | (fields or {})
        )
        self.notes = notes or {}
        self.editor = EDITORS[kind](kind, prefix)
        self.problems = {}

    @property
    def label(self):
        """The name of its type."""
        return _(ITEM_TYPES[self.kind].label)


class Parts(Editor):
    """The parts of a case, each with its own type."""

    template = "exams/items/case/edit.html"

    def __init__(self, kind, prefix=""):
        super().__init__(prefix)
        self.parts = [Part("part-0", "single")]
        self.notes = {}

    def load(self, body, key):
        """Take an item as it is."""
        self.parts = []
        for n, part in enumerate(body["parts"]):
            fields = {name: part[name] for name in PART_FIELDS if part.get(name)}
            made = Part(f"part-{n}", part["type"], fields, part.get("notes"))
            made.editor.load(part["body"], key["parts"][part["id"]])
            self.parts.append(made)
            self.notes[part.get("code", "")] = part.get("notes", {})

    def read(self, data):
        """Take what was typed; notes that the form does not show stay with the part of that code."""
        self.parts = []
        for n in range(_count(data, "parts")):
            prefix = f"part-{n}"
            kind = data.get(f"{prefix}-type", "")
            if kind not in PART_TYPES:
                continue
            fields = {name: data.get(f"{prefix}-{name}", "").strip() for name in PART_FIELDS}
            part = Part(prefix, kind, fields, self.notes.get(fields["code"]))
            part.editor.read(data)
            self.parts.append(part)

    def add(self, what):
        """Another part of the given type, or another row in a part (`part-1`)."""
        if what in PART_TYPES and len(self.parts) < MOST_ROWS:
            self.parts.append(Part(f"part-{len(self.parts)}", what))
        for part in self.parts:
            if what == part.prefix:
                part.editor.add("")

    def remove(self, what):
        """Without a part (`part-1`), or without a row of one (`part-1-option-2`)."""
        for part in list(self.parts):
            if what == part.prefix:
                self.parts.remove(part)
            elif what.startswith(part.prefix + "-"):
                part.editor.remove(what.rpartition("-")[2])
        for n, part in enumerate(self.parts):
            part.prefix = part.editor.prefix = f"part-{n}"

    def body_and_key(self):
        """Give body and key."""
        parts, keys = [], {}
        for n, part in enumerate(self.parts, 1):
            body, key = part.editor.body_and_key()
            keys[str(n)] = key
            fields = {"id": str(n), "type": part.kind, **part.fields, "body": body, "notes": part.notes}
            parts.append(fields)
        return {"parts": parts}, {"parts": keys}

    def take_problems(self, problems):
        """Give every part its own."""
        for place, problem in problems:
            number, _colon, inner = place.removeprefix("part ").partition(": ")
            if place.startswith("part ") and number.isdecimal() and int(number) <= len(self.parts):
                part = self.parts[int(number) - 1]
                if inner in ("stem", ""):
                    part.problems.setdefault("stem", []).append(say(problem))
                else:
                    part.editor.take_problems([(inner, problem)])
            else:
                self.problems.setdefault(place, []).append(say(problem))

    @property
    def kinds(self):
        """The types a part may have."""
        return [(code, _(kind.label)) for code, kind in PART_TYPES.items()]

    @property
    def difficulties(self):
        """How hard a part may be."""
        return Difficulty.choices


EDITORS = {"single": Options, "multiple": Options, "truefalse": Judgement, "blank": Blanks, "case": Parts}


def editor_for(kind):
    """Give an empty editor of an item type."""
    return EDITORS[kind](kind)


def _count(data, name):
    text = data.get(name, "")
    return min(int(text), MOST_ROWS) if text.isdecimal() else 0
