"""How an item of a paper looks to a candidate: only what this list names leaves the house.

`question` builds what the sitting page may show: number, type, points, stem, options, and the candidate's own answer. Key,
rationale and score are not among its arguments. `verdict` adds them for the review, as far as the disclosure phase allows.
"""

import re

from django.utils.translation import gettext as _

from exams import fragments, tokens
from exams.engine.items import ITEM_TYPES
from exams.engine.items.base import letter
from exams.engine.items.blank import BLANK_MARK
from exams.markup import inline, render


def question(attempt_id, shown_as, place, layout, payload, flagged=False):
    """One question of the sitting page as a plain dict; options are named by the attempt's tokens."""
    return {
        "number": shown_as,
        "position": place.position,
        "section": place.section,
        "type": place.type,
        "label": _(ITEM_TYPES[place.type].label),
        "points": place.points,
        "flagged": flagged,
        "is_answered": bool(payload),
        **_face(attempt_id, place.type, place.stem, place.body, layout, payload, f"q{place.position}"),
    }


def _face(attempt_id, kind, stem, body, layout, payload, name):
    """Stem and inputs of one item or of one part of a case."""
    return {
        "type": kind,
        "name": name,
        "stem": _stem(kind, stem),
        "template": f"fragments/items/{TEMPLATES[kind]}.html",
        "review_template": f"fragments/items/{TEMPLATES[kind]}_review.html",
        "rationale": "",
        "provision": "",
        **FACES[kind](attempt_id, body, layout, payload, name),
    }


def _stem(kind, stem):
    if kind == "blank":
        count = iter(range(1, 100))
        stem = BLANK_MARK.sub(lambda _found: f"＿＿（{next(count)}）＿＿", stem)
    return render(stem)


def _choices(attempt_id, body, layout, payload, name):
    chosen = set(payload.get("options", ()))
    texts = {option["id"]: option["text"] for option in body["options"]}
    return {
        "input": f"{name}/options",
        "options": [
            {
                "id": one,
                "value": tokens.token(attempt_id, name, one),
                "letter": letter(n),
                "text": inline(texts[one]),
                "is_chosen": one in chosen,
                "is_key": False,
            }
            for n, one in enumerate(layout or texts)
        ],
    }


def _true_or_false(attempt_id, body, layout, payload, name):
    return {
        "input": f"{name}/value",
        "options": [
            {
                "id": "true",
                "value": "true",
                "letter": "√",
                "text": _("正确"),
                "is_chosen": payload.get("value") is True,
                "is_key": False,
            },
            {
                "id": "false",
                "value": "false",
                "letter": "×",
                "text": _("错误"),
                "is_chosen": payload.get("value") is False,
                "is_key": False,
            },
        ],
    }


def _blanks(attempt_id, body, layout, payload, name):
    said = payload.get("blanks", {})
    return {
        "blanks": [
            {
                "id": blank["id"],
                "input": f"{name}/blanks/{blank['id']}",
                "number": n,
                "said": said.get(blank["id"], ""),
                "key": "",
            }
            for n, blank in enumerate(body["blanks"], start=1)
        ]
    }


def _parts(attempt_id, body, layout, payload, name):
    said = payload.get("parts", {})
    return {
        "parts": [
            {
                "id": part["id"],
                "number": n,
                "label": _(ITEM_TYPES[part["type"]].label),
                **_face(
                    attempt_id,
                    part["type"],
                    part["stem"],
                    part.get("body", {}),
                    (layout or {}).get(part["id"]),
                    said.get(part["id"], {}),
                    f"{name}/parts/{part['id']}",
                ),
            }
            for n, part in enumerate(body["parts"], start=1)
        ]
    }


FACES = {
    "single": _choices,
    "multiple": _choices,
    "truefalse": _true_or_false,
    "blank": _blanks,
    "case": _parts,
}

# The templates of each type under templates/fragments/items: how it is answered, and <name>_review how it is looked at again.
TEMPLATES = {
    "single": "choice",
    "multiple": "choice",
    "truefalse": "choice",
    "blank": "blank",
    "case": "case",
}


def shown(face):
    """One question as a candidate would see it, rendered."""
    return fragments.render(face["template"].removeprefix("fragments/").removesuffix(".html"), face=face)


def verdict(face, place, score, shown):
    """Add to a question what the phase lets the candidate see of verdict, key, rationale and provision."""
    seen = dict(face) | {"earned": None, "verdict": ""}
    if "verdicts" in shown and score is not None:
        seen["earned"] = score.points
        seen["verdict"] = "right" if score.fraction == 1 else "partial" if score.fraction > 0 else "wrong"
    if "keys" in shown:
        _mark_key(seen, place.key)
    if "rationales" in shown:
        seen["rationale"] = render(place.rationale) if place.rationale else ""
        _tell_parts(seen, place.body, "rationale")
    if "provisions" in shown:
        seen["provision"] = provision(place.basis, place.clause)
        _tell_parts(seen, place.body, "provision")
    return seen


def provision(basis, clause):
    """Document and article in one line."""
    return " ".join(part for part in (basis, "" if clause in ("—", "-") else clause) if part)


def _mark_key(seen, key):
    for option in seen.get("options", ()):
        right = (
            option["id"] in key["options"] if "options" in key else option["id"] == str(key["value"]).lower()
        )
        option["is_key"] = right
    for blank in seen.get("blanks", ()):
        blank["key"] = " / ".join(key["blanks"][blank["id"]])
    for part in seen.get("parts", ()):
        _mark_key(part, key["parts"][part["id"]])


def _tell_parts(seen, body, what):
    for part, source in zip(seen.get("parts", ()), body.get("parts", ()), strict=False):
        if what == "rationale":
            part["rationale"] = render(source.get("rationale", ""))
        else:
            part["provision"] = provision(source.get("basis", ""), source.get("clause", ""))


NAME = re.compile(r"q(\d+)((?:/\w+)+)")


def answers_of_form(data, positions):
    """Read a plain form of the sitting page back into payloads by position: `q7/parts/1/options` names the path.

    Only the positions in the form's own list are read, so that a question which was not on the page is not emptied.
    """
    answers = {position: {} for position in positions}
    for name in data:
        if not (found := NAME.fullmatch(name)) or int(found[1]) not in answers:
            continue
        *path, last = found[2].strip("/").split("/")
        place = answers[int(found[1])]
        for step in path:
            inner = place.setdefault(step, {})
            place = inner if isinstance(inner, dict) else {}  # a name that contradicts another says nothing
        if last == "options":
            place[last] = data.getlist(name)
        elif last == "value":
            place[last] = data[name] == "true"
        else:
            place[last] = data[name]
    return answers
