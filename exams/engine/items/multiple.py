"""Multiple choice: several options, at least two of them right, scored by the policy of the blueprint."""

from decimal import Decimal

from ..scoring import Policy
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


class MultipleChoice(ChoiceType):
    """Two or more right options, all of them at most."""

    code = "multiple"
    label = N_("多选题")

    def check(self, stem, body, key):
        """List every problem of a draft."""
        found = check_stem(stem) + check_options(body) + check_chosen(body, key)
        if len(set(chosen_of(key) or ())) == 1:
            found.append(Problem("key_too_few", N_("多选题至少要有两个正确答案"), "key"))
        return found

    def judge(self, key, payload, policy, body=None):
        """What the policy gives for the chosen options."""
        return policy.fraction(key["options"], chosen_of(payload) or ())

    def examples(self):
        """One draft under every policy."""
        stem = "哪些属于质量安全员的职责？"
        texts = ("每日检查", "提出否决建议", "修改合格证", "核验证书")
        body = {"options": [{"id": one, "text": text} for one, text in zip("abcd", texts, strict=True)]}
        key = {"options": ["a", "b", "d"]}
        third = Decimal("0.333333333333")

        def example(chosen, policy, fraction):
            told = "；".join(f"{one.upper()}. {texts['abcd'.index(one)]}" for one in chosen) or UNANSWERED
            payload = {"options": list(chosen)} if chosen else {}
            return Example(stem, body, key, payload, policy, Decimal(fraction), told)

        yield example("abd", Policy(), 1)
        yield example("ab", Policy(), 0)
        yield example("a", Policy("subset_part"), third)
        yield example("abc", Policy("subset_part"), 0)
        yield example("ab", Policy("subset_fixed"), "0.5")
        yield example("abc", Policy("per_option"), "0.666666666667")
        yield example("abcd", Policy("per_option"), 0)
        yield example("abcd", Policy("per_option_penalty"), "0.666666666667")
        yield example("c", Policy("per_option_penalty"), 0)
        yield example("", Policy("per_option_penalty", floor=Decimal(-1)), 0)


MULTIPLE = MultipleChoice()
