"""Passwords at rest: two libraries agree on one hash."""

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, identify_hasher, make_password

from accounts.hashers import Argon2, nobodys

OURS = ["accounts.hashers.Argon2"]


@pytest.fixture(autouse=True)
def real(settings):
    settings.PASSWORD_HASHERS = OURS


@pytest.mark.parametrize("password", ["Zhi-kao 2026", "密码𬱖", "x" * 500, ""])
def test_what_one_library_made_the_other_verifies(password):
    encoded = make_password(password)
    assert encoded.startswith("argon2$argon2id$v=19$m=7168,t=5,p=1$")
    assert check_password(password, encoded)
    assert Argon2PasswordHasher.verify(Argon2(), password, encoded)
    assert not check_password(password + "x", encoded)
    assert not identify_hasher(encoded).must_update(encoded)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda encoded: encoded[:-1] + ("A" if encoded[-1] != "A" else "B"),
        lambda encoded: encoded[:60],
        lambda encoded: encoded.replace("t=5", "t=6"),
    ],
)
def test_a_spoilt_hash_lets_nobody_in(spoil):
    assert not Argon2().verify("Zhi-kao 2026", spoil(make_password("Zhi-kao 2026")))


def test_the_hash_of_nobody_costs_what_a_persons_does():
    made = nobodys.__wrapped__()  # not what another test left behind
    assert made.startswith(f"argon2$argon2id$v=19$m={Argon2.memory_cost},t={Argon2.time_cost},p=1$")
    assert not identify_hasher(made).must_update(made)
    assert not check_password("", made)
