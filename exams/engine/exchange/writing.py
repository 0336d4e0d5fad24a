"""Drafts in, rows of strings out: the own workbook, which reads back to the same drafts."""

from ..items.base import letter
from . import cells, columns

TYPE_WORDS = columns.first_spellings(columns.TYPES)
DIFFICULTY_WORDS = columns.first_spellings(columns.DIFFICULTIES)
AUDIENCE_WORDS = columns.first_spellings(columns.AUDIENCES)
JUDGEMENT_WORDS = columns.first_spellings(columns.JUDGEMENTS)


def write_rows(drafts):
    """Give (headers, rows): the template's columns, then those on demand, then the notes' own by name."""
    written = [row for draft in drafts for row in _rows_of(draft)]
    used = {name for row in written for name, text in row.items() if text}
    options = max(
        (index + 1 for name in used if (index := columns.option_index(name)) is not None),
        default=0,
    )
    headers = columns.template(max(options, columns.TEMPLATE_OPTIONS))
    headers += [name for name in columns.ON_DEMAND if name in used]
    headers += sorted(used - set(headers))
    return headers, [[row.get(name, "") for name in headers] for row in written]


def _rows_of(draft):
    shared = {
        columns.CATEGORIES: cells.write_list(draft.categories),
        columns.AUDIENCE: cells.write_list([AUDIENCE_WORDS[one] for one in draft.audience]),
        columns.FROM: draft.in_force_from.isoformat() if draft.in_force_from else "",
        columns.TO: draft.in_force_to.isoformat() if draft.in_force_to else "",
    }
    if draft.type != "case":
        content = {name: getattr(draft, name) for name in ("code", "type", "stem", "body", "rationale")}
        content |= {name: getattr(draft, name) for name in ("topic", "difficulty", "basis", "clause")}
        row = _content(content, draft.key) | {columns.POINTS: cells.write_points(draft.points)}
        return [{**draft.notes, **row, **shared}]
    shared |= {columns.CASE_CODE: draft.code, columns.MATERIAL: draft.stem}
    rows = []
    for part in draft.body["parts"]:
        row = _content(part, draft.key["parts"][part["id"]])
        row |= {
            columns.TYPE: TYPE_WORDS["case"],
            columns.PART_TYPE: TYPE_WORDS[part["type"]],
            columns.POINTS: cells.write_points(part.get("weight", "1")),
        }
        rows.append({**part.get("notes", {}), **row, **shared})
    # What a case says as a whole stands in its first row.
    rows[0] = {**draft.notes, **rows[0], columns.CASE_RATIONALE: draft.rationale}
    return rows


def _content(content, key):
    row = {
        columns.CODE: content.get("code", ""),
        columns.TYPE: TYPE_WORDS[content["type"]],
        columns.TOPIC: content.get("topic", ""),
        columns.DIFFICULTY: DIFFICULTY_WORDS[content.get("difficulty") or "medium"],
        columns.STEM: content["stem"],
        columns.RATIONALE: content.get("rationale", ""),
        columns.BASIS: content.get("basis", ""),
        columns.CLAUSE: content.get("clause", ""),
    }
    return row | WRITERS[content["type"]](content["body"], key)


def _write_choice(body, key):
    row, letters = {}, []
    for index, option in enumerate(body["options"]):
        row[columns.option_column(index)] = option["text"]
        if option["id"] in key["options"]:
            letters.append(letter(index))
    return {**row, columns.KEY: "".join(letters)}


def _write_judgement(body, key):
    return {columns.KEY: JUDGEMENT_WORDS[key["value"]]}


def _write_blanks(body, key):
    blanks = body["blanks"]
    return {
        columns.KEY: cells.write_spellings(key["blanks"][blank["id"]] for blank in blanks),
        columns.NORMALISE: cells.write_switches([blank.get("normalise", []) for blank in blanks]),
    }


WRITERS = {
    "single": _write_choice,
    "multiple": _write_choice,
    "truefalse": _write_judgement,
    "blank": _write_blanks,
}
