"""A file between its preview and its import: sealed, kept for two hours, for the one who brought it and one purpose."""

import json
import re
import secrets
import time
from pathlib import Path

from django.conf import settings

from accounts import vault

KEPT_SECONDS = 2 * 3600


def _room() -> Path:
    room = Path(settings.MEDIA_ROOT) / "imports"
    room.mkdir(parents=True, exist_ok=True)
    return room


def keep(user, content: bytes, name: str, purpose: str = "people") -> str:
    """Put a file aside and give its token; what others forgot is cleared away on the way."""
    sweep()
    token = secrets.token_hex(16)
    sealed = vault.encrypt(content.decode("latin-1"))  # any bytes are text in this encoding
    (_room() / f"{token}.bin").write_text(sealed, encoding="ascii")
    about = {"owner": user.pk, "name": name, "purpose": purpose}
    (_room() / f"{token}.json").write_text(json.dumps(about), encoding="utf-8")
    return token


def kept(user, token: str, purpose: str = "people"):
    """(content, name) of one's own file, or None."""
    if not re.fullmatch(r"[0-9a-f]{32}", token):
        return None
    sweep()
    try:
        about = json.loads((_room() / f"{token}.json").read_text(encoding="utf-8"))
        if (about["owner"], about.get("purpose")) != (user.pk, purpose):
            return None
        sealed = (_room() / f"{token}.bin").read_text(encoding="ascii")
        return vault.decrypt(sealed).encode("latin-1"), about["name"]
    except FileNotFoundError:
        return None


def take(user, token: str, purpose: str = "people"):
    """Like `kept`, and the file is gone: of two who ask at once only one gets it."""
    found = kept(user, token, purpose)
    if found is None:
        return None
    try:
        (_room() / f"{token}.json").unlink()
    except FileNotFoundError:
        return None
    drop(token)
    return found


def drop(token: str):
    """Throw a file away."""
    for ending in ("bin", "json", "step"):
        (_room() / f"{token}.{ending}").unlink(missing_ok=True)


def note(token: str, step: str):
    """Say how far the work on a file has come; others read it while the work's transaction is still open."""
    (_room() / f"{token}.step").write_text(step, encoding="ascii")


def noted(token: str) -> str:
    """What was said last of a file, or nothing."""
    try:
        return (_room() / f"{token}.step").read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def too_old():
    """The files that nobody came back for within their time."""
    oldest, found = time.time() - KEPT_SECONDS, []
    for path in _room().iterdir():
        try:
            if path.stat().st_mtime < oldest:
                found.append(path)
        except FileNotFoundError:
            continue  # somebody else was sweeping too
    return found


def sweep():
    """Throw away what is too old."""
    for path in too_old():
        path.unlink(missing_ok=True)
