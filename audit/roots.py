"""The newest seal, written where no database reaches: a file that an operator copies to another place, and a line in the log.

A chain proves nothing about an end that was cut off; whoever holds a later root does.
"""

import logging
import os
from datetime import UTC

from django.conf import settings

log = logging.getLogger("audit")


def path():
    """The file of the house."""
    return settings.VAR_DIR / "audit-roots.txt"


def export(seal):
    """Append the newest seal unless the last line tells it; a pass that was killed before this is made good by the next one."""
    line = f"{seal.number} {seal.last_id} {seal.digest} {seal.at.astimezone(UTC).isoformat(timespec='microseconds')}"
    last, is_whole = _end()
    if last == line:
        return False
    handle = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, f"{'' if is_whole else chr(10)}{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    log.info(
        "audit root: number=%s last_id=%s digest=%s at=%s",
        seal.number,
        seal.last_id,
        seal.digest,
        seal.at.isoformat(),
    )
    return True


def _end():
    """The last line, and whether it was written to its end."""
    try:
        with path().open("rb") as file:
            file.seek(-min(file.seek(0, os.SEEK_END), 400), os.SEEK_END)
            tail = file.read().decode("ascii", "replace")
    except FileNotFoundError:
        return "", True
    return tail.rstrip("\n").rpartition("\n")[2], not tail or tail.endswith("\n")


def read(file):
    """Yield (line's number, seal's number, digest) of a file of roots; None for both where a line cannot be read."""
    with open(file, encoding="ascii", errors="replace") as lines:
        for at, line in enumerate(lines, 1):
            words = line.split()
            if not words:
                continue
            if len(words) == 4 and words[0].isdecimal() and len(words[0]) < 19 and len(words[2]) == 64:
                yield at, int(words[0]), words[2]
            else:
                yield at, None, None
