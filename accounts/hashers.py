"""The password hash of the house."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with OWASP's 19 MiB, 2 passes, 1 lane.

    Django's default (100 MiB, 8 lanes) cost 240 ms of CPU and 100 MB a sign-in on two cores, these parameters 27 ms and 19 MB;
    everybody signs in at nine, so the difference decides whether the doors open in time.
    """

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1
