"""The password hash of the house."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with 7 MiB, 5 passes, 1 lane: of the parameters that OWASP calls equally strong, those that cost least.

    Django's default (100 MiB, 8 lanes) cost 240 ms of CPU and 100 MB a sign-in on two cores, OWASP's first row (19 MiB, 2
    passes) 17.5 ms and 19 MB on the machine where these cost 15 ms and 7 MB; everybody signs in at nine, so the difference
    decides whether the doors open in time.
    """

    memory_cost = 7_168
    time_cost = 5
    parallelism = 1
