"""The two names of a certificate: a number that is printed and filed, and a code that cannot be guessed.

Number   ZK-2026-000314-7: prefix, year, running number, and a check character by ISO 7064 MOD 11-2 over the digits of
         year and running number. It catches every single wrong digit and every swap of two neighbours.
Code     XXXX-XXXX-XXXX-XXXX-XXXX: twenty characters of Crockford's base 32, five random bits each, 100 in all. The
         alphabet has no I, L, O and U; who types I or L means 1, who types O means 0.
"""

import re
import unicodedata

PREFIX = "ZK"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 20
GROUP = 4
ENTROPY_BYTES = 13
DASHES = "-‐‑‒–—―−_·."
LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})

_NUMBER = re.compile(r"([A-Z]{1,6})-?(\d{4})-?(\d{6,})-?([\dX])")


def certificate_number(year: int, serial: int, prefix: str = PREFIX) -> str:
    """The printed number of the serial-th certificate of the year."""
    if not 1000 <= year <= 9999 or serial < 1:
        raise ValueError("a certificate number needs a year of four digits and a serial number from 1")
    digits = f"{year:04d}{serial:06d}"
    return f"{prefix}-{digits[:4]}-{digits[4:]}-{check_character(digits)}"


def check_character(digits: str) -> str:
    """The ISO 7064 MOD 11-2 check character of these digits: 0 to 9, or X for ten."""
    rest = 0
    for digit in digits:
        rest = (rest + int(digit)) * 2 % 11
    value = (12 - rest) % 11
    return "X" if value == 10 else str(value)


def normalise_number(text: str) -> str | None:
    """The number as printed, from what a person typed; nothing if it is none or its check character is wrong."""
    found = _NUMBER.fullmatch(_squeezed(text, keep="-"))
    if not found:
        return None
    prefix, year, serial, check = found.groups()
    if check_character(year + serial) != check:
        return None
    return f"{prefix}-{year}-{serial}-{check}"


def verify_code(entropy: bytes) -> str:
    """A verify code out of the caller's random bytes, as it is printed."""
    if len(entropy) < ENTROPY_BYTES:
        raise ValueError(f"a verify code needs {ENTROPY_BYTES} random bytes")
    value = int.from_bytes(entropy, "big")
    found = [ALPHABET[value >> 5 * place & 31] for place in range(CODE_LENGTH)]
    return _grouped("".join(found))


def normalise_code(text: str) -> str | None:
    """The code as printed, from what a person typed or scanned; nothing if it cannot be one.

    Lower case, full width, blanks and any dash are forgiven, I and L are read as 1, O as 0.
    """
    squeezed = _squeezed(text).translate(LOOK_ALIKES)
    if len(squeezed) != CODE_LENGTH or not set(squeezed) <= set(ALPHABET):
        return None
    return _grouped(squeezed)


def _grouped(code):
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def _squeezed(text, keep=""):
    plain = unicodedata.normalize("NFKC", text).upper()
    plain = "".join("-" if char in DASHES else char for char in plain if not char.isspace())
    return plain if keep else plain.replace("-", "")
