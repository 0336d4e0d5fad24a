"""The draw, pure: a seed and a frozen frame give one list, on every machine and every Python.

Every key has a number H, the SHA-256 of "seed:key" read as an integer. With x = (H + 1/2) / 2**256 and u = 1 - x, keys are ordered
by e = -ln(u) / weight, the smallest first: the first place goes to a key with a probability proportional to its weight, and so
on among those that are left (Efraimidis and Spirakis; exponential keys). With equal weights e grows with H, so the order is
that of the hashes and can be made with sha256sum and sort.

No floats: u, its logarithm and the quotient are decimals of 28 digits, each rounded half-even, which the decimal arithmetic of
Python defines to the last digit. Where two e are the same, the hash decides, then the key.
"""

import hashlib
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple

CHOSEN, RESERVE = "chosen", "reserve"
WHOLE = 1 << 257
EXACT = Context(prec=28, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999)


class Line(NamedTuple):
    """One person of the frame, as strangers know her: no name, only keys that the office alone can read."""

    key: str
    enterprise: str
    stratum: str
    weight: int


class Drawn(NamedTuple):
    """One place of the list."""

    stratum: str
    rank: int
    role: str
    key: str


def sha256(text):
    """The SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def commitment_of(secret):
    """What is shown of a secret before it may be known."""
    return sha256(secret)


def seed_of(secret, public):
    """The seed, over both halves: nobody who knows one of them can choose it."""
    return sha256(f"{secret}:{public}")


def exponential(hexdigest, weight):
    """Where a hash puts a key of this weight: -ln(u) / weight."""
    u = EXACT.divide(Decimal(WHOLE - 2 * int(hexdigest, 16) - 1), Decimal(WHOLE))
    return EXACT.divide(EXACT.minus(EXACT.ln(u)), Decimal(weight))


def order(lines, seed):
    """Lines in the order of the draw."""
    hashed = [(sha256(f"{seed}:{line.key}"), line) for line in lines]
    if len({line.weight for line in lines}) <= 1:  # then e only repeats what the hash says
        return [line for _hash, line in sorted(hashed, key=lambda one: (one[0], one[1].key))]
    placed = sorted((exponential(told, line.weight), told, line.key, line) for told, line in hashed)
    return [line for _e, _hash, _key, line in placed]


def draw(lines, seed, strata, per_enterprise=0):
    """The list: of each stratum in turn so many chosen, then the reserves.

    `strata` is [(code, chosen, reserves)]. With `per_enterprise` at most so many of one enterprise stand in the list of a stratum,
    reserves included, so that a replacement cannot break it either. A stratum that cannot fill its quota is an error: whoever
    froze the frame has made sure of it.
    """
    found = []
    for code, chosen, reserves in strata:
        taken, mine = {}, []
        for line in order([line for line in lines if line.stratum == code], seed):
            if len(mine) == chosen + reserves:
                break
            if per_enterprise and taken.get(line.enterprise, 0) >= per_enterprise:
                continue
            taken[line.enterprise] = taken.get(line.enterprise, 0) + 1
            mine.append(line)
        if len(mine) < chosen:
            raise ValueError(f"stratum {code!r} has {len(mine)} to draw {chosen} from")
        found += [
            Drawn(code, rank, CHOSEN if rank <= chosen else RESERVE, line.key)
            for rank, line in enumerate(mine, start=1)
        ]
    return found


def most(lines, per_enterprise=0):
    """How many can be drawn of these lines at all."""
    if not per_enterprise:
        return len(lines)
    counts = {}
    for line in lines:
        counts[line.enterprise] = counts.get(line.enterprise, 0) + 1
    return sum(min(count, per_enterprise) for count in counts.values())


def draw_inspectors(pool, seed, count, enterprises):
    """So many inspectors in the order of the hash, without those who have a conflict with one of the enterprises.

    `pool` is {key: the enterprises' keys with which there is a conflict}.
    """
    free = [key for key in pool if not set(pool[key]) & set(enterprises)]
    if len(free) < count:
        raise ValueError(f"{len(free)} inspectors without a conflict, {count} are needed")
    return sorted(free, key=lambda key: (sha256(f"{seed}:{key}"), key))[:count]
