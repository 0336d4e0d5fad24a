"""True or false: one statement to be judged."""

from collections.abc import Mapping
from decimal import Decimal

from ..scoring import FULL, ZERO, Policy
from ..words import N_
from .base import UNANSWERED, Example, ItemType, Problem, check_stem, unreadable

VALUES = {True: N_("正确"), False: N_("错误")}
SPELLINGS = {True: True, False: False, "true": True, "false": False}  # what JSON and plain forms send


class TrueFalse(ItemType):
    """A statement; the key says whether it is true."""

    code = "truefalse"
    label = N_("判断题")

    def check(self, stem, body, key):
        """List every problem of a draft."""
        found = check_stem(stem)
        if not isinstance(key, Mapping) or not isinstance(key.get("value"), bool):
            found.append(Problem("key_missing", N_("没有标准答案"), "key"))
        return found

    def read(self, raw, body):
        """Give the value as a truth value."""
        if raw is None or raw == {} or raw == {"value": ""} or raw == {"value": None}:
            return {}
        value = raw.get("value") if isinstance(raw, Mapping) else None
        if not isinstance(value, bool | str) or value not in SPELLINGS or set(raw) != {"value"}:
            raise unreadable()
        return {"value": SPELLINGS[value]}

    def judge(self, key, payload, policy, body=None):
        """All or nothing."""
        return FULL if payload and payload.get("value") is key["value"] else ZERO

    def tell(self, body, payload, layout=None):
        """Give the word for the value."""
        return VALUES[payload["value"]] if payload else UNANSWERED

    def examples(self):
        """Right, wrong and unanswered."""
        stem, key, policy = "监督抽查可以向企业收取检验费用。", {"value": False}, Policy()
        yield Example(stem, {}, key, {"value": False}, policy, Decimal(1), "错误")
        yield Example(stem, {}, key, {"value": True}, policy, Decimal(0), "正确")
        yield Example(stem, {}, key, {}, policy, Decimal(0), UNANSWERED)


TRUEFALSE = TrueFalse()
