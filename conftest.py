"""What every test may lean on: quick passwords, a clean cache, the cast."""

import pytest


@pytest.fixture(autouse=True)
def _plain_settings(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def cast(db):
    """The people of the stories, see tests/people.py."""
    from tests.people import make_cast

    return make_cast()


@pytest.fixture
def as_user(client):
    """Sign somebody in: as_user(cast.officer).get(…)."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in
