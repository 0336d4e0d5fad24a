"""Chance rolled once: an order that follows from a seed and that anybody can recompute with sha256sum."""

import hashlib
import json


def rank(keys, seed):
    """Give the keys in the order of the SHA-256 of "seed:key"; equal hashes are ordered by the key."""
    return sorted(keys, key=lambda key: (_hexdigest(f"{seed}:{key}"), str(key)))


def draw(keys, seed, n):
    """Give the first n keys of the rank; the next in rank is the substitute."""
    if n < 0:
        raise ValueError("cannot draw fewer than no keys")
    ranked = rank(keys, seed)
    if n > len(ranked):
        raise ValueError(f"cannot draw {n} of {len(ranked)} keys")
    return ranked[:n]


def digest(value):
    """Give the SHA-256 of a value as canonical JSON: sorted keys, no spaces, UTF-8."""
    return _hexdigest(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _hexdigest(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
