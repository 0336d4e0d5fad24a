"""Between the rows of a bank and the drafts of the engine: one form, in which they can be compared and exported."""

import hashlib
import re
from dataclasses import replace
from decimal import Decimal

from catalog.models import ProductCategory
from exams import markup
from exams.engine.exchange import Draft, columns, read_rows, write_rows

UNSORTED = "未分类"
DEFAULT_POINTS = Decimal(2)
UNCHECKED = "待核"
MEMORY = "from memory"
NOT_WORDS = re.compile(r"[\W_]+")


class Categories:
    """The product categories that hold today, by name and by code; one query."""

    def __init__(self):
        self.rows = list(ProductCategory.objects.filter(valid_to__isnull=True).order_by("code"))
        self.known = {row.code: row for row in self.rows} | {columns.fold(row.name): row for row in self.rows}

    def find(self, name):
        """Give the category that a name or a code means, or None."""
        return self.known.get(columns.fold(name))

    @staticmethod
    def is_everything(name):
        """Tell whether the word means no category in particular."""
        return columns.fold(name) in {columns.fold(word) for word in columns.EVERYBODY}


def house_form(draft, categories):
    """Give the draft as the bank would hold it: defaults filled in, known categories by name in catalog order."""
    found = {row.code: row.name for name in draft.categories if (row := categories.find(name))}
    return replace(
        draft,
        points=DEFAULT_POINTS if draft.points is None else draft.points,
        topic=draft.topic or UNSORTED,
        categories=tuple(found[code] for code in sorted(found)),
    )


def draft_of(item, revision=None, category_names=None):
    """Give a revision (the current one by default) as a draft in house form."""
    revision = revision or item.current
    if category_names is None:
        category_names = [row.name for row in sorted(item.categories.all(), key=lambda row: row.code)]
    return Draft(
        code=item.code,
        type=item.type,
        stem=revision.stem,
        body=revision.body,
        key=revision.key,
        rationale=revision.rationale,
        topic=item.topic.name,
        difficulty=revision.difficulty,
        points=revision.points,
        categories=tuple(category_names),
        audience=tuple(revision.audience),
        basis=revision.basis,
        clause=revision.clause,
        in_force_from=revision.in_force_from,
        in_force_to=revision.in_force_to,
        notes=revision.notes,
    )


def through_workbook(draft):
    """Give the draft as an export and an import would bring it back, or the problems that stand in the way."""
    reading = read_rows(*write_rows([draft]))
    return (reading.drafts[0] if reading.drafts else None), reading.problems


def content_hash(draft):
    """Give what duplicates are found by: stem, options in any order and the stems of parts, without punctuation."""
    content = [_words(draft.stem)]
    content += sorted(_words(option["text"]) for option in draft.body.get("options", ()))
    content += [_words(part["stem"]) for part in draft.body.get("parts", ())]
    return hashlib.sha256("\n".join(content).encode("utf-8")).hexdigest()


def texts_of(draft):
    """Give every text of a draft that may name a picture."""
    found = []
    map_texts(draft, lambda text: found.append(text) or text)
    return found


def map_texts(draft, change):
    """Give the draft with every text that may name a picture passed through a function."""
    return replace(
        draft, stem=change(draft.stem), rationale=change(draft.rationale), body=_mapped(draft.body, change)
    )


def pictures_of(draft):
    """Give the names of the pictures in a draft."""
    return markup.pictures_in(*texts_of(draft))


def is_vouched_for(written):
    """Tell whether no note of a draft or a revision, or of its parts, says that it was not checked."""
    notes = [written.notes, *(part.get("notes", {}) for part in written.body.get("parts", ()))]
    return not any(
        each.get(columns.CHECKED, "").startswith(UNCHECKED)
        or any(MEMORY in text.lower() for text in each.values())
        for each in notes
    )


def _mapped(body, change):
    mapped = dict(body)
    if "options" in body:
        mapped["options"] = [{**option, "text": change(option["text"])} for option in body["options"]]
    if "parts" in body:
        mapped["parts"] = [
            {
                **part,
                "stem": change(part["stem"]),
                "rationale": change(part.get("rationale", "")),
                "body": _mapped(part["body"], change),
            }
            for part in body["parts"]
        ]
    return mapped


def _words(text):
    folded = columns.fold(text)
    return NOT_WORDS.sub("", folded) or folded
