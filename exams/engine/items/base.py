"""What every item type is: a code, a label, five verbs and a self-portrait."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_uppercase

from ..chance import rank
from ..words import N_, Sentence

UNANSWERED = N_("未作答")
PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a draft or a payload: a code, a sentence with its parameters, and where."""

    code: str
    template: str
    where: str = ""
    params: Mapping = field(default_factory=dict)

    @property
    def message(self):
        """The Chinese sentence."""
        return str(Sentence(self.template, self.params))

    def inside(self, where):
        """Give the same problem as one of an inner place, such as a part of a case."""
        return Problem(
            self.code, self.template, f"{where}: {self.where}" if self.where else where, self.params
        )


class Unreadable(ValueError):
    """What a browser sent is no payload of this item type."""

    def __init__(self, problem):
        super().__init__(problem.message)
        self.problem = problem


def unreadable():
    """Give the refusal for a payload of the wrong shape."""
    return Unreadable(Problem("unreadable", N_("作答内容的格式无法识别"), "payload"))


@dataclass(frozen=True)
class Example:
    """One line of a type's self-portrait: a sound draft, what was said, the policy, and what it earns."""

    stem: str
    body: Mapping
    key: Mapping
    payload: Mapping
    policy: object
    fraction: object
    told: str


class ItemType:
    """An item type; bodies, keys, payloads and layouts are JSON values."""

    code: str
    label: str

    def check(self, stem, body, key):
        """List every problem of a draft; an empty list is a sound draft."""
        raise NotImplementedError

    def lay_out(self, body, seed):
        """Give the order of the options for a seed; None keeps them as written."""
        return {}

    def read(self, raw, body):
        """Give the canonical payload of what a browser sent, {} for no answer; raise Unreadable otherwise."""
        raise NotImplementedError

    def judge(self, key, payload, policy, body=None):
        """Give the fraction earned, or None where a person must decide."""
        raise NotImplementedError

    def tell(self, body, payload, layout=None):
        """Give the payload (or the key) as one line of plain text."""
        raise NotImplementedError

    def examples(self):
        """Yield examples of the type at work."""
        raise NotImplementedError


def check_stem(stem):
    """List the problem of an empty stem."""
    if isinstance(stem, str) and stem.strip():
        return []
    return [Problem("stem_empty", N_("题干是空的"), "stem")]


def plain(text):
    """Give Markdown text as one line: pictures become their descriptions, white space is folded."""
    return " ".join(PICTURE.sub(lambda found: f"［{found[1] or '图'}］", str(text)).split())


def same(text):
    """Give what two texts are compared by when duplicates are looked for."""
    return "".join(str(text).split()).casefold()


# --- what single and multiple choice share ------------------------------------------------------------------


def letter(index):
    """Give the letter shown for the option at an index: A, B … Z, AA …"""
    more, rest = divmod(index, len(ascii_uppercase))
    return (letter(more - 1) if more else "") + ascii_uppercase[rest]


def options_of(body):
    """Give the well-formed options of a body, in the order written."""
    options = body.get("options") if isinstance(body, Mapping) else None
    if not isinstance(options, list):
        return []
    return [option for option in options if isinstance(option, Mapping) and isinstance(option.get("id"), str)]


def chosen_of(value):
    """Give the option ids that a payload or a key names, or None if it names none properly."""
    chosen = value.get("options") if isinstance(value, Mapping) else None
    if not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
        return None
    return chosen


def check_options(body):
    """List the problems of the options: too few, malformed, empty, duplicate."""
    options = options_of(body)
    raw = body.get("options") if isinstance(body, Mapping) else None
    if len(options) != len(raw if isinstance(raw, list) else []):
        return [Problem("option_malformed", N_("有选项的格式无法识别"), "body")]
    found = []
    if len(options) < 2:
        found.append(Problem("options_too_few", N_("至少需要两个选项"), "body"))
    ids, texts = {}, {}
    for index, option in enumerate(options):
        where, shown = f"option {option['id']}", letter(index)
        text = option.get("text")
        if option["id"] in ids:
            found.append(
                Problem("option_id_duplicate", N_("选项编号 %(id)s 重复"), where, {"id": option["id"]})
            )
        ids.setdefault(option["id"], shown)
        if not isinstance(text, str) or not text.strip():
            found.append(Problem("option_empty", N_("选项 %(letter)s 是空的"), where, {"letter": shown}))
            continue
        if same(text) in texts:
            params = {"letter": shown, "other": texts[same(text)]}
            found.append(
                Problem("option_duplicate", N_("选项 %(letter)s 与选项 %(other)s 相同"), where, params)
            )
        texts.setdefault(same(text), shown)
    return found


def check_chosen(body, key):
    """List the problems of a key that names options: missing, repeated, not among the options."""
    chosen = chosen_of(key)
    if not chosen:
        return [Problem("key_missing", N_("没有标准答案"), "key")]
    found = []
    ids = [option["id"] for option in options_of(body)]
    for one in dict.fromkeys(chosen):
        if one not in ids:
            params = {"letter": one.upper(), "last": letter(max(len(ids) - 1, 0))}
            template = (
                N_("写了 %(letter)s，但选项只有 A–%(last)s") if ids else N_("写了 %(letter)s，但没有选项")
            )
            found.append(Problem("key_unknown", template, "key", params))
    if len(set(chosen)) < len(chosen):
        found.append(Problem("key_repeated", N_("标准答案重复列出同一个选项"), "key"))
    return found


class ChoiceType(ItemType):
    """What single and multiple choice share: the options, their order and the way an answer is told."""

    def lay_out(self, body, seed):
        """Give the option ids in the order shown."""
        ids = [option["id"] for option in options_of(body)]
        return ids if seed is None else rank(ids, seed)

    def read(self, raw, body):
        """Give the chosen ids sorted and without repetition."""
        if raw is None or raw == {}:
            return {}
        chosen = chosen_of(raw)
        if chosen is None or set(raw) != {"options"}:
            raise unreadable()
        chosen = sorted(set(chosen))
        if not set(chosen) <= {option["id"] for option in options_of(body)} or not self.may_choose(chosen):
            raise unreadable()
        return {"options": chosen} if chosen else {}

    def may_choose(self, chosen):
        """Tell whether so many options may be chosen."""
        return True

    def tell(self, body, payload, layout=None):
        """Give letters and texts of what was chosen, in the order shown."""
        texts = {option["id"]: plain(option.get("text", "")) for option in options_of(body)}
        chosen = set(chosen_of(payload) or ())
        shown = [one for one in (layout or texts) if one in texts]
        told = [f"{letter(index)}. {texts[one]}" for index, one in enumerate(shown) if one in chosen]
        return "；".join(told) or UNANSWERED
