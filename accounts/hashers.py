"""The password hash of the house."""

import secrets
from functools import lru_cache

from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id

OURS = "argon2$argon2id$"


class Argon2(Argon2PasswordHasher):
    """Argon2id with 7 MiB, 5 passes, 1 lane: of the parameters that OWASP calls equally strong, those that cost least.

    Django's default (100 MiB, 8 lanes) cost 240 ms of CPU and 100 MB a sign-in on two cores, OWASP's first row (19 MiB, 2
    passes) 17.5 ms and 19 MB on the machine where these cost 15 ms and 7 MB; everybody signs in at nine, so the difference
    decides whether the doors open in time. For the same reason libsodium verifies, which uses what the processor has: 10 ms
    where argon2-cffi's build for every processor takes 16. The hash is the same.
    """

    memory_cost = 7_168
    time_cost = 5
    parallelism = 1

    def verify(self, password, encoded):
        """Whether the hash is this password's."""
        if not encoded.startswith(OURS):
            return super().verify(password, encoded)
        try:
            return argon2id.verify(encoded.removeprefix("argon2").encode(), password.encode())
        except InvalidkeyError:
            return False


@lru_cache(maxsize=1)
def nobodys():
    """The hash of a password that nobody knows: checking one against it takes as long as against a person's."""
    return make_password(secrets.token_urlsafe())
