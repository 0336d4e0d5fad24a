"""What every test may lean on: tables, quick passwords, a clean cache, the cast."""

import logging
from pathlib import Path

import pytest

ROOT = Path(__file__).parent


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tables straight from the models (--nomigrations), what only a migration can say of a library's table, and the books of migrations.

    tests/test_migrations.py shows that the migrations lead to the same tables.
    """
    from django.conf import settings
    from django.db import connection
    from django.db.migrations import RunSQL
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.recorder import MigrationRecorder

    settings.MIGRATION_MODULES = {}  # from here on the house finds its migrations again
    written = MigrationLoader(None).disk_migrations
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for (app, _name), migration in written.items():
            for step in migration.operations:
                if isinstance(step, RunSQL) and (ROOT / app).is_dir():
                    cursor.execute(step.sql)
        books = MigrationRecorder(connection)
        books.ensure_schema()
        books.migration_qs.bulk_create(books.Migration(app=app, name=name) for app, name in written)


@pytest.fixture(scope="session", autouse=True)
def _quiet_refusals():
    """Whoever is turned away is told so, not the log: it would write a traceback at each of thousands of doors."""
    logging.getLogger("django.request").setLevel(logging.ERROR)


@pytest.fixture(autouse=True)
def _plain_settings(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.SECOND_FACTOR = False  # the cast signs in with a password; the stories that need one say so
    settings.MESSAGES_TEST = True  # nothing leaves the house, but where a story has a channel of its own
    settings.SAVES_PER_SECOND = settings.API_PER_SECOND = 0  # stories hurry; those about floods set a bound
    from django.core.cache import cache

    cache.clear()
    yield
    from api import door
    from config import views
    from exams.queries import papers
    from exams.views import pulse

    papers.composition.cache_clear()
    papers.outline.cache_clear()  # each test's database gives out the same keys again
    pulse.forget()
    views.forget()
    door.forget()


@pytest.fixture
def cast(db):
    """The people of the stories, see tests/people.py."""
    from tests.people import make_cast

    return make_cast()


@pytest.fixture
def house(cast, settings, tmp_path):
    """One of everything that an address can name, see tests/house.py."""
    from tests.house import make_house

    settings.MEDIA_ROOT = tmp_path
    settings.OUTSIDE = {"weixin": dict.fromkeys(("id", "secret", "site", "api"), "x")}
    return make_house(cast)


@pytest.fixture
def as_user(client):
    """Sign somebody in: as_user(cast.officer).get(…)."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in
