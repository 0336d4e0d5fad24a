"""The code on the wall: it follows from a secret of the session and the minute, so nothing is stored and every node shows the same."""

import hashlib
import hmac
from hmac import compare_digest

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that looks like another: no 0 O, no 1 I L
LENGTH = 6
LASTS = (
    60  # seconds for which a code is shown; it is still taken for as long again, since typing takes its time
)


def window(now):
    """The number of the minute to which a moment belongs."""
    return int(now.timestamp()) // LASTS


def seconds_left(now):
    """For how long the code of this moment will still be shown, 1 to LASTS."""
    return LASTS - int(now.timestamp()) % LASTS


def code(secret, number):
    """The code of one minute: six letters; one of 887 million, and nobody has more than a few tries."""
    value = int.from_bytes(hmac.new(secret, str(number).encode(), hashlib.sha256).digest(), "big")
    letters = []
    for _place in range(LENGTH):
        value, rest = divmod(value, len(LETTERS))
        letters.append(LETTERS[rest])
    return "".join(letters)


def read(typed):
    """What somebody typed, as a code is written: capitals, without spaces and hyphens, full-width forms as plain ones."""
    plain = "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in typed)
    return "".join(c for c in plain.upper() if not c.isspace() and c not in "-－")


def accepts(secret, typed, now):
    """Whether this is the code of the present minute or of the one before."""
    given, here = read(typed).encode(), window(now)
    is_present, is_before = (
        compare_digest(code(secret, number).encode(), given) for number in (here, here - 1)
    )
    return is_present or is_before
