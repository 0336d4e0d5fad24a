"""Single choice: several options, exactly one of them right."""

from decimal import Decimal

from ..scoring import FULL, ZERO, Policy
from ..words import N_
from .base import (
    UNANSWERED,
    ChoiceType,
    Example,
    Problem,
    check_chosen,
    check_options,
    check_stem,
    chosen_of,
)


class SingleChoice(ChoiceType):
    """One right option; nothing or everything is earned, whatever the multiple-choice policy."""

    code = "single"
    label = N_("单选题")

    def check(self, stem, body, key):
        """List every problem of a draft."""
        found = check_stem(stem) + check_options(body) + check_chosen(body, key)
        if len(set(chosen_of(key) or ())) > 1:
            found.append(Problem("key_not_one", N_("单选题只能有一个正确答案"), "key"))
        return found

    def may_choose(self, chosen):
        """At most one."""
        return len(chosen) <= 1

    def judge(self, key, payload, policy, body=None):
        """All for the right option, nothing for another or for none."""
        chosen = chosen_of(payload)
        return FULL if chosen and set(chosen) == set(key["options"]) else ZERO

    def examples(self):
        """Right, wrong and unanswered."""
        stem = "监督抽查的样品从哪里随机抽取？"
        texts = ("调试中的半成品", "待销产品", "企业送来的样品")
        body = {"options": [{"id": one, "text": text} for one, text in zip("abc", texts, strict=True)]}
        key = {"options": ["b"]}
        policy = Policy()
        yield Example(stem, body, key, {"options": ["b"]}, policy, Decimal(1), "B. 待销产品")
        yield Example(stem, body, key, {"options": ["c"]}, policy, Decimal(0), "C. 企业送来的样品")
        yield Example(stem, body, key, {}, policy, Decimal(0), UNANSWERED)


SINGLE = SingleChoice()
