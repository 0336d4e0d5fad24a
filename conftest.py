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
    settings.SAVES_PER_SECOND = 0  # stories hurry; those about floods set a bound
    from django.core.cache import cache

    cache.clear()
    yield
    from config import views
    from exams.queries import papers
    from exams.views import pulse

    papers.composition.cache_clear()
    papers.outline.cache_clear()  # each test's database gives out the same keys again
    pulse.forget()
    views.forget()


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
