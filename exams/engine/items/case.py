"""Case: shared material, which is the stem, with parts that are items of their own types."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from ..scoring import Policy, as_decimal, as_exact
from ..words import N_
from .base import UNANSWERED, Example, ItemType, Problem, unreadable
from .blank import BLANK
from .multiple import MULTIPLE
from .single import SINGLE
from .truefalse import TRUEFALSE

PART_TYPES = {kind.code: kind for kind in (SINGLE, MULTIPLE, TRUEFALSE, BLANK)}


def parts_of(body):
    """Give the well-formed parts of a body, in order."""
    parts = body.get("parts") if isinstance(body, Mapping) else None
    if not isinstance(parts, list):
        return []
    return [part for part in parts if isinstance(part, Mapping) and isinstance(part.get("id"), str)]


def weight_of(part):
    """Give the weight of a part as a decimal above zero, or None."""
    try:
        weight = Decimal(str(part.get("weight", "1")))
    except InvalidOperation:
        return None
    return weight if weight.is_finite() and weight > 0 else None


def _inner(value):
    parts = value.get("parts") if isinstance(value, Mapping) else None
    return parts if isinstance(parts, Mapping) else {}


class Case(ItemType):
    """The parts earn by their weights."""

    code = "case"
    label = N_("案例题")

    def check(self, stem, body, key):
        """List every problem of the material, of each part and of its key."""
        found = []
        if not isinstance(stem, str) or not stem.strip():
            found.append(Problem("material_empty", N_("案例材料是空的"), "stem"))
        parts = parts_of(body)
        raw = body.get("parts") if isinstance(body, Mapping) else None
        ids = [part["id"] for part in parts]
        if len(parts) != len(raw if isinstance(raw, list) else []) or len(set(ids)) < len(ids):
            found.append(Problem("part_malformed", N_("有小题的格式无法识别"), "body"))
            return found
        if not parts:
            found.append(Problem("parts_missing", N_("案例题至少要有一个小题"), "body"))
        keys, codes = _inner(key), {}
        for number, part in enumerate(parts, 1):
            where, params = f"part {part['id']}", {"number": number}
            if part.get("code") and part["code"] in codes:
                params = {"number": number, "other": codes[part["code"]], "code": part["code"]}
                template = N_("第 %(number)s 小题与第 %(other)s 小题的编号同为 %(code)s")
                found.append(Problem("part_code_duplicate", template, where, params))
            codes.setdefault(part.get("code"), number)
            if weight_of(part) is None:
                template = N_("第 %(number)s 小题的分值必须大于零")
                found.append(Problem("weight_not_positive", template, where, params))
            if part.get("type") not in PART_TYPES:
                template = N_("第 %(number)s 小题的题型无法识别")
                found.append(Problem("part_type_unknown", template, where, params))
                continue
            kind = PART_TYPES[part["type"]]
            inner = kind.check(part.get("stem"), part.get("body"), keys.get(part["id"]))
            found.extend(problem.inside(where) for problem in inner)
        found.extend(
            Problem("key_unknown", N_("标准答案里的小题 %(part)s 不存在"), "key", {"part": one})
            for one in keys
            if one not in ids
        )
        return found

    def lay_out(self, body, seed):
        """Give the layout of every part; the parts themselves keep their order, for one builds on another."""
        return {
            part["id"]: PART_TYPES[part["type"]].lay_out(
                part.get("body", {}), None if seed is None else f"{seed}:{part['id']}"
            )
            for part in parts_of(body)
        }

    def read(self, raw, body):
        """Give the payloads of the parts that were answered."""
        if raw is None or raw == {}:
            return {}
        if not isinstance(raw, Mapping) or set(raw) != {"parts"} or not isinstance(raw["parts"], Mapping):
            raise unreadable()
        parts = {part["id"]: part for part in parts_of(body)}
        if not set(raw["parts"]) <= set(parts):
            raise unreadable()
        read = {
            one: PART_TYPES[parts[one]["type"]].read(raw["parts"][one], parts[one].get("body", {}))
            for one in sorted(raw["parts"])
        }
        kept = {one: payload for one, payload in read.items() if payload}
        return {"parts": kept} if kept else {}

    def judge(self, key, payload, policy, body=None):
        """The weighted share of the parts; None as soon as one part needs a person."""
        keys, given = _inner(key), _inner(payload)
        earned = possible = Fraction(0)
        for part in parts_of(body):
            fraction = PART_TYPES[part["type"]].judge(
                keys[part["id"]], given.get(part["id"], {}), policy, part.get("body", {})
            )
            if fraction is None:
                return None
            weight = Fraction(weight_of(part))
            earned += as_exact(fraction) * weight
            possible += weight
        return as_decimal(earned / possible)

    def tell(self, body, payload, layout=None):
        """Give the parts in order, numbered."""
        given = _inner(payload)
        if not given:
            return UNANSWERED
        return "；".join(
            f"({number}) "
            + PART_TYPES[part["type"]].tell(
                part.get("body", {}), given.get(part["id"], {}), (layout or {}).get(part["id"])
            )
            for number, part in enumerate(parts_of(body), 1)
        )

    def examples(self):
        """Two parts of different weight."""
        single, blank = next(SINGLE.examples()), next(BLANK.examples())
        stem = "某企业收到监督抽查不合格的检验报告。"
        body = {
            "parts": [
                {"id": "1", "type": "single", "stem": single.stem, "body": single.body, "weight": "4"},
                {"id": "2", "type": "blank", "stem": blank.stem, "body": blank.body, "weight": "2"},
            ]
        }
        key = {"parts": {"1": single.key, "2": blank.key}}
        policy = Policy()
        both = {"parts": {"1": single.payload, "2": blank.payload}}
        told = f"(1) {single.told}；(2) {blank.told}"
        yield Example(stem, body, key, both, policy, Decimal(1), told)
        one = {"parts": {"1": single.payload}}
        told = f"(1) {single.told}；(2) {UNANSWERED}"
        yield Example(stem, body, key, one, policy, Decimal("0.666666666667"), told)
        yield Example(stem, body, key, {}, policy, Decimal(0), UNANSWERED)


CASE = Case()
