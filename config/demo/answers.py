"""What a candidate of a given skill says to a paper, pure: the same seed says the same.

Marks are lost place by place, in an order that a hash decides, as long as the percentage aimed at is still kept. So a
demo candidate passes or fails for certain, whichever paper she drew, and her mistakes look like mistakes.
"""

import hashlib

from exams.engine.chance import rank
from exams.engine.items import ITEM_TYPES

BLANK_EVERY = 9  # of her mistakes, so many are places she left empty
UNSURE = "不清楚"


def answers(places, percent, policy, seed):
    """Give {position: payload} that earns as little above `percent` as single mistakes allow; {} where nothing is said."""
    said = {position: right(place.type, place.body, place.key) for position, place in places.items()}
    spare = sum(place.points for place in places.values()) * (100 - percent) / 100
    for position in map(int, rank([str(position) for position in places], seed)):
        place = places[position]
        payload = mistake(place.type, place.body, place.key, f"{seed}:{position}")
        earned = ITEM_TYPES[place.type].judge(place.key, payload, policy, place.body)
        lost = place.points * (1 - earned)
        if lost <= spare:
            said[position], spare = payload, spare - lost
    return said


def right(kind, body, key):
    """The payload that the key asks for."""
    return RIGHT[kind](body, key)


def mistake(kind, body, key, seed):
    """A payload that somebody might have given who did not know."""
    if _dice(f"{seed}:empty", BLANK_EVERY) == 0:
        return {}
    return WRONG[kind](body, key, seed)


def _dice(seed, sides):
    return int(hashlib.sha256(seed.encode("utf-8")).hexdigest(), 16) % sides


def _wrong_options(body, key, seed):
    return rank([option["id"] for option in body["options"] if option["id"] not in key["options"]], seed)


def _other_option(body, key, seed):
    return {"options": _wrong_options(body, key, seed)[:1]}


def _too_few_or_too_many(body, key, seed):
    """Most often one right option is overlooked, else a wrong one is taken for right."""
    wrong = _wrong_options(body, key, seed)
    if not wrong or _dice(f"{seed}:few", 3):
        return {"options": sorted(rank(key["options"], seed)[1:])}
    return {"options": sorted([*key["options"], wrong[0]])}


def _one_blank(body, key, seed):
    said = right("blank", body, key)["blanks"]
    return {"blanks": said | {rank(said, seed)[0]: UNSURE}}


def _one_part(body, key, seed):
    said = right("case", body, key)["parts"]
    parts = {part["id"]: part for part in body["parts"]}
    chosen = rank(parts, seed)[0]
    part = parts[chosen]
    said[chosen] = WRONG[part["type"]](part["body"], key["parts"][chosen], f"{seed}:{chosen}")
    return {"parts": said}


RIGHT = {
    "single": lambda body, key: {"options": list(key["options"])},
    "multiple": lambda body, key: {"options": sorted(key["options"])},
    "truefalse": lambda body, key: {"value": key["value"]},
    "blank": lambda body, key: {
        "blanks": {name: accepted[0] for name, accepted in key["blanks"].items()},
    },
    "case": lambda body, key: {
        "parts": {
            part["id"]: right(part["type"], part["body"], key["parts"][part["id"]]) for part in body["parts"]
        },
    },
}
WRONG = {
    "single": _other_option,
    "multiple": _too_few_or_too_many,
    "truefalse": lambda body, key, seed: {"value": not key["value"]},
    "blank": _one_blank,
    "case": _one_part,
}
