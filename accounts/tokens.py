"""The secret of a token: how it is made, told apart from other text, hashed and found again."""

import re
import secrets

from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import vault
from accounts.models import ApiToken

MARK = "zk"  # so that a scanner of leaked secrets can know one
SHAPE = re.compile(r"(zk_[0-9a-z]{10})_([0-9A-Za-z_-]{43})", re.ASCII)
LETTERS = "0123456789abcdefghijkmnpqrstuvwxyz"


def new_secret():
    """A new prefix and the whole secret, of which 256 bits are chance."""
    prefix = f"{MARK}_{''.join(secrets.choice(LETTERS) for _letter in range(10))}"
    return prefix, f"{prefix}_{secrets.token_urlsafe(32)}"


def hashed(secret):
    """What is kept of a secret."""
    return vault.fingerprint("api_token", secret)


def find(secret):
    """The token with this secret, whether it opens anything or not, with its unit and backing; None where there is none."""
    shaped = SHAPE.fullmatch(secret)
    known = ApiToken.objects.with_backing(timezone.localdate()).select_related("unit")
    found = shaped and known.filter(prefix=shaped[1]).first()
    return found if found and constant_time_compare(found.secret_hash, hashed(secret)) else None
