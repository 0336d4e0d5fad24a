"""Personal data at rest: encrypted with a key that has an id, found by a keyed hash, shown by a mask."""

import hashlib
import hmac
import json
import os
from base64 import b64decode, b64encode
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


def _key(key_id: str) -> bytes:
    """A key by its id. A process that started before a key was added to the file finds it there when it meets it first."""
    return b64decode(settings.FIELD_KEYS.get(key_id) or keyring()[key_id])


def keyring() -> dict[str, str]:
    """The keys as they are kept now, newest first: as the file says at this moment, or as the environment said at the start."""
    if settings.FIELD_KEYS_FILE is None:
        return settings.FIELD_KEYS
    return json.loads(settings.FIELD_KEYS_FILE.read_text())


def key_of(sealed: str) -> str:
    """The id of the key under which a value lies."""
    return sealed.partition(":")[0]


def encrypt(text: str, under: str = "") -> str:
    """`keyid:nonce+ciphertext` with the newest key, or with a given one; nothing for nothing."""
    if not text:
        return ""
    key_id = under or next(iter(settings.FIELD_KEYS))
    nonce = os.urandom(12)
    return f"{key_id}:{b64encode(nonce + AESGCM(_key(key_id)).encrypt(nonce, text.encode(), key_id.encode())).decode()}"


def decrypt(sealed: str) -> str:
    """The text again; raises if somebody changed it."""
    if not sealed:
        return ""
    key_id, _, body = sealed.partition(":")
    raw = b64decode(body)
    return AESGCM(_key(key_id)).decrypt(raw[:12], raw[12:], key_id.encode()).decode()


def fingerprint(kind: str, text: str) -> str | None:
    """A keyed hash by which a value can be found and kept unique without being read; None for nothing.

    It hangs on the oldest key, which a rotation keeps, so that old and new rows stay comparable.
    """
    if not text:
        return None
    key_id = list(settings.FIELD_KEYS)[-1]
    return hmac.new(_key(key_id), f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=64)
def derived(purpose: str) -> bytes:
    """A key of 32 bytes for one purpose. It hangs on the oldest key, so it stays the same through rotations."""
    key_id = list(settings.FIELD_KEYS)[-1]
    return hmac.new(_key(key_id), f"derived:{purpose}".encode(), hashlib.sha256).digest()
