"""One spelling of a row of the log, the same on every database, and the keyed hash over many of them."""

import hashlib
import hmac
import json
import struct
from base64 import b64decode
from datetime import UTC, datetime

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from audit.models import AuditEvent

# Every column of the log, in this order. A column that comes later is added at the end with the value that stands for nothing:
# it is left out of the spelling, so that seals from before it still fit.
COLUMNS = {
    "at": ...,
    "actor_id": None,
    "actor_name": "",
    "action": ...,
    "target": ...,
    "target_label": "",
    "data": ...,
    "request_id": "",
    "address": "",
    "outcome": "done",
    "on_behalf_id": None,
    "on_behalf_name": "",
}
MARK = struct.Struct(">q8s")
_encode = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=repr).encode


def rows(after=None, at_once=1_000):
    """Rows in the order of their keys as tuples, the key first, the others as in `COLUMNS`; times and data come as text.

    A database that somebody has written to may hold what no parser reads, and that must be found, not fall over. Nothing but the
    key is asked for, and no end is named: without statistics PostgreSQL would sort all that lies between two keys for every chunk.
    """
    found = AuditEvent.objects.order_by("pk").annotate(
        at_text=Cast("at", TextField()), data_text=Cast("data", TextField())
    )
    texts = {"at": "at_text", "data": "data_text"}
    found = found.values_list("pk", *(texts.get(name, name) for name in COLUMNS))
    while chunk := list((found if after is None else found.filter(pk__gt=after))[:at_once]):
        yield from chunk
        after = chunk[-1][0]


def spell(row):
    """A row as one line: the key, then every column that says something."""
    key, at, *middle = row
    told = {"id": key, "at": stamp(at)}
    for (name, nothing), value in zip(list(COLUMNS.items())[1:], middle, strict=True):
        if value != nothing or type(value) is not type(nothing):
            told[name] = _parsed(value) if name == "data" else value
    return _encode(told).encode() + b"\n"


def stamp(text):
    """A time in UTC with microseconds; what is no time stands as it is."""
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        return at.isoformat(timespec="microseconds")
    except (TypeError, ValueError, OverflowError):
        return f"not a time: {text!r}"


def _parsed(text):
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return ["not JSON", repr(text)]


def mark(key, line):
    """Key and short hash of a row: enough to tell which one differs where the digest has told that one does."""
    return MARK.pack(key, hashlib.sha256(line).digest()[:8])


def unmark(marks):
    """The rows that a seal saw: [(key, short hash)]."""
    return list(MARK.iter_unpack(marks[: len(marks) // MARK.size * MARK.size]))


class Sum:
    """The keyed hash of one seal in the making: first the rows, at the end the seal's own columns and the seal before."""

    def __init__(self):
        self._hash = hmac.new(_key(), digestmod=hashlib.sha256)
        self.marks, self.count, self.last_id = bytearray(), 0, None

    def add(self, row):
        """Take the next row in."""
        line = spell(row)
        self._hash.update(line)
        self.marks += mark(row[0], line)
        self.count, self.last_id = self.count + 1, row[0]

    def digest(self, *, number, before, at, last_id, count, marks):
        """The hash over everything, `at` as text; may be asked several times."""
        whole = self._hash.copy()
        end = [number, before, stamp(at), last_id, count, hashlib.sha256(marks).hexdigest()]
        whole.update(_encode(end).encode())
        return whole.hexdigest()


def _key():
    """From the oldest key, which a rotation keeps. Accounts derives its keys in the same way, but nothing here may know accounts."""
    oldest = b64decode(list(settings.FIELD_KEYS.values())[-1])
    return hmac.new(oldest, b"derived:audit seal", hashlib.sha256).digest()
