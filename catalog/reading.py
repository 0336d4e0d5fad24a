"""The three files of the catalog, read without a database: rows of text in, drafts and problems out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does

TRUTH = {
    "1": True,
    "是": True,
    "true": True,
    "yes": True,
    "": False,
    "0": False,
    "否": False,
    "false": False,
    "no": False,
}
FLAGS = ("licence", "ccc", "mandatory_standard", "produces", "sells")
DATES = ("valid_from", "valid_to", "in_force_from", "in_force_to")

# Kind of file: the columns that tell it, and which of them may not be empty.
FILES = {
    "categories": (("code", "name", "parent", "licence", "ccc", "mandatory_standard"), ("code", "name")),
    "provisions": (
        ("document_code", "document_title", "article"),
        ("document_code", "document_title", "article"),
    ),
    "regions": (("code", "name", "parent"), ("code", "name")),
}
KEYS = {
    "categories": ("code", "valid_from"),
    "provisions": ("document_code", "article"),
    "regions": ("code",),
}
LONGEST = {
    "regions": {"code": 12, "name": 60},
    "categories": {"code": 20, "name": 80, "name_en": 120, "standards": 300, "note": 300},
    "provisions": {
        "document_code": 60,
        "document_title": 200,
        "document_number": 100,
        "kind": 40,
        "article": 120,
    },
}


@dataclass(frozen=True)
class Problem:
    """What is wrong in a row of a file, in a sentence with its parameters."""

    file: str
    row: int
    column: str
    message: str
    params: Mapping = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One sound row: where it stood and what it says."""

    file: str
    number: int
    facts: Mapping


def kind_of(header) -> str:
    """Which of the three files has this header; empty if none."""
    return next((kind for kind, (telling, _filled) in FILES.items() if set(telling) <= set(header)), "")


def read(name, table):
    """(kind, rows, problems) of one file."""
    header = [cell.strip().lower() for cell in table[0]] if table else []
    kind = kind_of(header)
    if not kind:
        return "", [], [Problem(name, 1, "", N_("表头不是地区、产品类别或法规条款文件的表头。"))]
    rows, problems, seen = [], [], {}
    for number, cells in enumerate(table[1:], 2):
        if not any(cells):
            continue
        text = dict(zip(header, [*cells, *[""] * len(header)], strict=False))
        facts = _read_row(name, number, kind, text, problems)
        key = tuple(text.get(column, "") for column in KEYS[kind])
        if key in seen:
            problems.append(
                Problem(name, number, KEYS[kind][0], N_("与第 {row} 行重复。"), {"row": seen[key]})
            )
        seen.setdefault(key, number)
        rows.append(Row(name, number, facts))
    return kind, rows, problems


def _read_row(name, number, kind, text, problems):
    def problem(column, message, **params):
        problems.append(Problem(name, number, column, message, params))

    facts = dict(text)
    for column in FILES[kind][1]:
        if not text.get(column):
            problem(column, N_("此格必须填写。"))
    for column, longest in LONGEST[kind].items():
        if len(text.get(column, "")) > longest:
            problem(column, N_("内容过长，最多 {longest} 个字。"), longest=longest)
    for column in DATES:
        if column in text:
            try:
                facts[column] = date.fromisoformat(text[column]) if text[column] else None
            except ValueError:
                problem(column, N_("“{value}”不是可用的日期，应写作 2026-01-05。"), value=text[column])
    starts, ends = ("valid_from", "valid_to") if kind == "categories" else ("in_force_from", "in_force_to")
    if (
        isinstance(facts.get(starts), date)
        and isinstance(facts.get(ends), date)
        and facts[ends] < facts[starts]
    ):
        problem(ends, N_("失效日早于生效日。"))
    for column in FLAGS if kind == "categories" else ():
        value = text.get(column, "").lower()
        if value not in TRUTH:
            problem(column, N_("“{value}”应为 1 或 0。"), value=text[column])
        facts[column] = TRUTH.get(value, False)
    return facts
