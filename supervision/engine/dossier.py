"""The published texts of a draw, pure: the frame that is frozen before a seed can be known, and the dossier that tells it all.

The frozen text is one line of JSON, the head, and then one line for each person ("P", key, enterprise, stratum, weight) and for each
who may inspect ("I", key, conflicts), in the order of their keys, parted by "|". Its SHA-256 is shown at once.
"""

import hmac
import json

from supervision.engine.draw import Line, draw, draw_inspectors, sha256

FRAME, DOSSIER = "zhikao-frame/1", "zhikao-draw/1"
KEY_LENGTH = 24  # of hex: 96 bits, so that no two of a city meet


def opaque(salt, kind, pk):
    """The key under which a row is published: who lacks the salt of this draw learns nothing from it."""
    return hmac.digest(bytes.fromhex(salt), f"{kind}:{pk}".encode(), "sha256").hex()[:KEY_LENGTH]


def canonical(value):
    """JSON in the one spelling: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def freeze(head, lines, pool):
    """The frozen text; `pool` is {key: keys of enterprises}."""
    people = [f"P|{x.key}|{x.enterprise}|{x.stratum}|{x.weight}" for x in sorted(lines)]
    inspectors = [f"I|{key}|{','.join(sorted(pool[key]))}" for key in sorted(pool)]
    return "\n".join([canonical({"format": FRAME, **head}), *people, *inspectors]) + "\n"


def thaw(text):
    """The head, the lines and the pool of a frozen text."""
    first, *rest = text.removesuffix("\n").split("\n")
    lines, pool = [], {}
    for one in rest:
        kind, *parts = one.split("|")
        if kind == "P":
            key, enterprise, stratum, weight = parts
            lines.append(Line(key, enterprise, stratum, int(weight)))
        else:
            key, conflicts = parts
            pool[key] = conflicts.split(",") if conflicts else []
    return json.loads(first), lines, pool


def outcome(text, seed):
    """What a seed makes of a frozen text: the list, and the inspectors."""
    head, lines, pool = thaw(text)
    strata = [(s["code"], s["chosen"], s["reserves"]) for s in head["strata"]]
    drawn = draw(lines, seed, strata, head["per_enterprise"])
    home = {line.key: line.enterprise for line in lines}
    visited = {home[one.key] for one in drawn}
    return drawn, draw_inspectors(pool, seed, head["inspectors"], visited)


def write(text, *, secret, public, revealed_at, seed, drawn, inspectors):
    """The dossier as it is published: everything that is needed to do the draw again."""
    told = {
        "format": DOSSIER,
        "frozen": text,
        "frozen_digest": sha256(text),
        "secret": secret,
        "public": public,
        "revealed_at": revealed_at,
        "seed": seed,
        "drawn": [list(one) for one in drawn],
        "inspectors": list(inspectors),
    }
    return canonical({**told, "digest": sha256(canonical(told))}) + "\n"
