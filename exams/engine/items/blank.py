"""Fill-in: one or several blanks, each with its accepted spellings and its own normalisation."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from ..scoring import Policy, as_decimal
from ..words import N_
from .base import UNANSWERED, Example, ItemType, Problem, check_stem, plain, unreadable
from .normalise import DEFAULT_SWITCHES, SWITCHES, normalise

BLANK_MARK = re.compile(r"_{3,}|[（(]\s*[）)]")
LONGEST_ANSWER = 500
UNKEEPABLE = re.compile("[\0\ud800-\udfff]")  # no database keeps NUL, no page shows half a surrogate pair
EMPTY_BLANK = N_("（空）")


def blanks_of(body):
    """Give the well-formed blanks of a body, in the order of the stem."""
    blanks = body.get("blanks") if isinstance(body, Mapping) else None
    if not isinstance(blanks, list):
        return []
    return [blank for blank in blanks if isinstance(blank, Mapping) and isinstance(blank.get("id"), str)]


class Blank(ItemType):
    """Every blank earns the same share; an answer is right if it equals one spelling after normalisation."""

    code = "blank"
    label = N_("填空题")

    def check(self, stem, body, key):
        """List every problem of a draft."""
        found = check_stem(stem)
        blanks = blanks_of(body)
        raw = body.get("blanks") if isinstance(body, Mapping) else None
        ids = [blank["id"] for blank in blanks]
        if len(blanks) != len(raw if isinstance(raw, list) else []) or len(set(ids)) < len(ids):
            found.append(Problem("blank_malformed", N_("有空的格式无法识别"), "body"))
            return found
        if not blanks:
            found.append(Problem("blanks_missing", N_("填空题至少要有一个空"), "body"))
        marks = len(BLANK_MARK.findall(stem)) if isinstance(stem, str) else 0
        if marks != len(blanks):
            params = {"marks": marks, "blanks": len(blanks)}
            template = N_("题干里有 %(marks)s 个空，答案有 %(blanks)s 个空")
            found.append(Problem("blanks_differ", template, "stem", params))
        for number, blank in enumerate(blanks, 1):
            switches = blank.get("normalise", [])
            if not isinstance(switches, list):
                switches = [switches]
            for switch in switches:
                if not isinstance(switch, str) or switch not in SWITCHES:
                    params = {"number": number, "switch": switch}
                    template = N_("第 %(number)s 空的判定选项“%(switch)s”无法识别")
                    found.append(Problem("normalise_unknown", template, f"blank {blank['id']}", params))
        return found + self._check_key(ids, key)

    def _check_key(self, ids, key):
        spellings = key.get("blanks") if isinstance(key, Mapping) else None
        if not isinstance(spellings, Mapping) or not spellings:
            return [Problem("key_missing", N_("没有标准答案"), "key")]
        found = []
        for number, one in enumerate(ids, 1):
            accepted = spellings.get(one)
            if (
                not isinstance(accepted, list)
                or not accepted
                or not all(isinstance(text, str) and text.strip() for text in accepted)
            ):
                template = N_("第 %(number)s 空的答案是空的")
                found.append(Problem("answer_empty", template, f"blank {one}", {"number": number}))
        for one in spellings:
            if one not in ids:
                found.append(
                    Problem("key_unknown", N_("标准答案里的空 %(blank)s 不存在"), "key", {"blank": one})
                )
        return found

    def read(self, raw, body):
        """Give the blanks that were filled, each as it was typed."""
        if raw is None or raw == {}:
            return {}
        filled = raw.get("blanks") if isinstance(raw, Mapping) else None
        if not isinstance(filled, Mapping) or set(raw) != {"blanks"}:
            raise unreadable()
        ids = {blank["id"] for blank in blanks_of(body)}
        for one, text in filled.items():
            if one not in ids or not isinstance(text, str) or len(text) > LONGEST_ANSWER:
                raise unreadable()
            if UNKEEPABLE.search(text):
                raise unreadable()
        kept = {one: filled[one] for one in sorted(filled) if filled[one].strip()}
        return {"blanks": kept} if kept else {}

    def judge(self, key, payload, policy, body=None):
        """The share of the blanks that are right."""
        switches = {blank["id"]: blank.get("normalise", []) for blank in blanks_of(body)}
        given = payload.get("blanks", {}) if payload else {}
        right = sum(
            self._is_right(given.get(one, ""), accepted, switches.get(one, DEFAULT_SWITCHES))
            for one, accepted in key["blanks"].items()
        )
        return as_decimal(Fraction(right, len(key["blanks"])))

    @staticmethod
    def _is_right(text, accepted, switches):
        return bool(text.strip()) and normalise(text, switches) in {
            normalise(spelling, switches) for spelling in accepted
        }

    def tell(self, body, payload, layout=None):
        """Give the blanks in order; of a key all spellings."""
        given = payload.get("blanks", {}) if payload else {}
        if not given:
            return UNANSWERED
        ids = [blank["id"] for blank in blanks_of(body)] or sorted(given)
        return "；".join(self._tell_one(given.get(one)) for one in ids)

    @staticmethod
    def _tell_one(said):
        if not said:
            return EMPTY_BLANK
        return plain(said) if isinstance(said, str) else " / ".join(plain(spelling) for spelling in said)

    def examples(self):
        """Two blanks: both right, one right, none."""
        stem = "最高设计车速不超过____，塑料总质量不超过整车质量的____。"
        body = {
            "blanks": [
                {"id": "1", "normalise": [*DEFAULT_SWITCHES, "units"]},
                {"id": "2", "normalise": list(DEFAULT_SWITCHES)},
            ]
        }
        key = {"blanks": {"1": ["25km/h"], "2": ["5.5%"]}}
        policy = Policy()
        both = {"blanks": {"1": "二十五公里/小时", "2": "百分之五点五"}}
        yield Example(stem, body, key, both, policy, Decimal(1), "二十五公里/小时；百分之五点五")
        one = {"blanks": {"1": "２５ km/h"}}
        yield Example(stem, body, key, one, policy, Decimal("0.5"), "２５ km/h；（空）")
        wrong = {"blanks": {"1": "25", "2": "5.5"}}
        yield Example(stem, body, key, wrong, policy, Decimal(0), "25；5.5")
        yield Example(stem, body, key, {}, policy, Decimal(0), UNANSWERED)


BLANK = Blank()
