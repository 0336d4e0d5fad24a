"""Secrets that make themselves on the first start and stay in the state folder."""

import json
import os
import secrets
from base64 import b64encode
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def _kept(path: Path, make) -> str:
    """What the file says; if there is none, what `make` gives, written so that only its owner may read it."""
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(make())
    try:
        os.link(draft, path)  # of two processes that start together exactly one names the secret
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()


def secret_key(var: Path) -> str:
    """The signing key of this installation."""
    return _kept(var / "secret_key", lambda: secrets.token_urlsafe(64)).strip()


def field_keys(given: str, var: Path) -> dict[str, str]:
    """Keys for personal data by key id, newest first, each 32 bytes in base64; `given` is JSON of the same shape."""
    text = given or _kept(
        var / "field_keys.json", lambda: json.dumps({"k1": b64encode(secrets.token_bytes(32)).decode()})
    )
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        raise ImproperlyConfigured('FIELD_KEYS 须为 JSON，例如 {"k1": "32 字节的 Base64"}。')
    return keys
