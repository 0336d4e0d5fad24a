"""The seal under the facts of a certificate: who changes a fact, breaks it."""

import hashlib
import hmac
import json
from collections.abc import Mapping


def canonical(facts: Mapping) -> bytes:
    """The one spelling of these facts as bytes: sorted keys, no spare space, UTF-8.

    Facts are what was printed, so they are texts, whole numbers, booleans, nothing, and lists or mappings of these.
    A float, a date or a Decimal is refused: each has more than one spelling, and a seal must not hang on a library's taste.
    """
    return json.dumps(
        _plain(facts), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("utf-8")


def seal(facts: Mapping, key: bytes, key_id: str) -> str:
    """The seal of the facts under this key, as `key id:hex`."""
    if not key:
        raise ValueError("a seal needs a key")
    if not key_id or ":" in key_id:
        raise ValueError("a key id is a word without a colon")
    return f"{key_id}:{_mac(facts, key, key_id)}"


def is_genuine(facts: Mapping, seal: str, keys: Mapping[str, bytes]) -> bool:
    """Whether the seal was set under exactly these facts with one of our keys, given by their ids."""
    key_id, colon, mac = seal.partition(":")
    key = keys.get(key_id)
    if not colon or not key:
        return False
    return hmac.compare_digest(mac.encode("utf-8"), _mac(facts, key, key_id).encode("ascii"))


def _mac(facts, key, key_id):
    # The purpose and the key id are part of the message: the key may seal other things, never the same bytes.
    message = b"certificate\0" + key_id.encode("utf-8") + b"\0" + canonical(facts)
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _plain(value):
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("the names of facts are texts")
        return {key: _plain(one) for key, one in value.items()}
    raise TypeError(f"a fact is written as text before it is sealed, not as {type(value).__name__}")
