"""How a candidate's page names options: by tokens that mean something in one attempt only.

An option's own id would tell in which order the author wrote it, the same to everybody. A token is a keyed hash of attempt,
place and id, so it tells nothing, fits no other attempt, and cannot be made up.
"""

from base64 import b64encode
from hashlib import blake2b

from accounts import vault
from exams.engine.items.base import unreadable

LENGTH = 5  # bytes: nobody guesses one of four among a trillion, and a page stays short


def token(attempt_id, name, option_id):
    """The token of an option; `name` is the place as the page names it, `q7` or `q7/parts/1`."""
    text = f"{attempt_id}:{name}:{option_id}".encode()
    return blake2b(text, digest_size=LENGTH, key=vault.derived("option tokens")).hexdigest()


def opened(attempt_id, position, payload, body):
    """A payload of the page with the options' own ids; Unreadable for a token of nowhere."""
    return _opened(attempt_id, f"q{position}", payload, body)


def _opened(attempt_id, name, payload, body):
    if not isinstance(payload, dict):
        return payload
    if isinstance(payload.get("options"), list):
        ids = {token(attempt_id, name, one["id"]): one["id"] for one in body.get("options", ())}
        try:
            return payload | {"options": [ids[one] for one in payload["options"]]}
        except (KeyError, TypeError):
            raise unreadable() from None
    if isinstance(payload.get("parts"), dict):
        bodies = {part["id"]: part.get("body", {}) for part in body.get("parts", ())}
        if not payload["parts"].keys() <= bodies.keys():
            raise unreadable()  # at once: whoever made up parts inside parts would send us down without end
        return payload | {
            "parts": {
                one: _opened(attempt_id, f"{name}/parts/{one}", inner, bodies[one])
                for one, inner in payload["parts"].items()
            }
        }
    return payload


def closed(attempt_id, position, payload):
    """A stored payload as the page names it: the way back of `opened`."""
    return _closed(attempt_id, f"q{position}", payload)


def _closed(attempt_id, name, payload):
    if "options" in payload:
        return payload | {"options": [token(attempt_id, name, one) for one in payload["options"]]}
    if "parts" in payload:
        return payload | {
            "parts": {
                one: _closed(attempt_id, f"{name}/parts/{one}", inner)
                for one, inner in payload["parts"].items()
            }
        }
    return payload


def shelf_key(attempt_id):
    """The key under which the candidate's browser keeps what was not acknowledged, and writes the emergency answer file."""
    return vault.derived(f"storage:{attempt_id}")


def shelf_key_text(attempt_id):
    """The same as a page gives it to its module."""
    return b64encode(shelf_key(attempt_id)).decode()
