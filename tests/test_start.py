"""What bin/serve does between the installed tree and the open door, and what it tells the operator."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.actions import make_administrator
from accounts.models import User
from config import start


@pytest.fixture
def static_room(settings, tmp_path):
    """A tree with one static file, collected into a state of its own."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "one.css").write_text("a{}")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    from django.contrib.staticfiles import finders

    finders.get_finder.cache_clear()
    yield source
    finders.get_finder.cache_clear()


def test_static_files_are_collected_when_one_changed_and_only_then(static_room, tmp_path):
    def served():
        return sorted(json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"])

    assert (start.collect_static(), served()) == (True, ["one.css"])
    assert start.collect_static() is False
    (static_room / "one.css").write_text("b{}")
    assert start.collect_static() is True
    (static_room / "two.css").write_text("c{}")
    assert (start.collect_static(), served()) == (True, ["one.css", "two.css"])
    (tmp_path / "static" / "staticfiles.json").unlink()
    assert (start.collect_static(), start.collect_static()) == (True, False)


@pytest.mark.django_db
def test_a_migrated_house_is_not_behind():
    assert start.is_behind() is False


@pytest.mark.django_db
def test_an_empty_house_tells_how_to_make_its_first_administrator(settings):
    settings.VAR_DIR = Path("/srv/my state")
    told = start.welcome()
    assert "VAR_DIR='/srv/my state' bin/manage make_administrator NAME" in told
    assert settings.DEMO_PASSWORD not in told
    make_administrator("root", name="管理", password="a quiet test password")
    assert start.welcome() == ""


@pytest.mark.django_db
def test_the_welcome_names_the_demo_accounts_that_open_with_the_demo_password(settings):
    settings.DEMO, settings.DEMO_PASSWORD, settings.SECOND_FACTOR = True, "a public password", True
    make_administrator("admin", name="管理", password=settings.DEMO_PASSWORD)
    make_administrator("officer", name="管理", password="a changed password")
    told = start.welcome().splitlines()
    assert [settings.DEMO_PASSWORD in told[0], [line.split()[0] for line in told[1:]]] == [True, ["admin"]]
    settings.SECOND_FACTOR = False
    assert start.welcome().splitlines()[:-1] == told
    assert "SECOND_FACTOR=1" in start.welcome().splitlines()[-1]


@pytest.mark.django_db
def test_a_house_with_people_of_its_own_names_no_demo_account(settings):
    settings.DEMO = True
    make_administrator("root", name="管理", password="a quiet test password")
    assert [settings.DEMO_PASSWORD in start.welcome(), User.objects.count()] == [False, 1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "label"), [("zh-hans", "系统管理员 卫国安"), ("en", "Administrator Wei Guoan")]
)
def test_the_sign_in_page_of_a_demo_names_its_accounts_in_the_language_of_the_page(
    settings, client, language, label
):
    settings.DEMO = True
    make_administrator("admin", name="卫国安", password=settings.DEMO_PASSWORD)
    make_administrator("officer", name="管理", password="a changed password")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(reverse("account_login"))
    shown = [(row["username"], row["label"]) for row in page.context["demo_accounts"]]
    assert (shown, settings.DEMO_PASSWORD in page.content.decode()) == ([("admin", label)], True)
    elsewhere = [reverse("certificates:verify"), reverse("account_reset_password"), "/nowhere/"]
    assert [settings.DEMO_PASSWORD in client.get(url).content.decode() for url in elsewhere] == [False] * 3


@pytest.mark.django_db
def test_the_sign_in_page_of_a_real_house_names_no_account(settings, client):
    settings.DEMO = False
    make_administrator("admin", name="卫国安", password=settings.DEMO_PASSWORD)
    assert settings.DEMO_PASSWORD not in client.get(reverse("account_login")).content.decode()


@pytest.mark.django_db
def test_preparing_twice_does_the_second_time_nothing(settings, monkeypatch, tmp_path):
    settings.DEMO = False
    settings.LOCALE_PATHS = [tmp_path / "none", tmp_path / "nothing"]
    monkeypatch.setattr(start, "collect_static", lambda: False)
    start.prepare([].append)
    done = []
    start.prepare(done.append)
    assert done == []


@pytest.mark.django_db
def test_the_command_gives_the_welcome_alone_on_its_output(settings, monkeypatch, capsys):
    settings.DEMO = False
    monkeypatch.setattr(start, "collect_static", lambda: True)
    call_command("prepare")
    told = capsys.readouterr()
    assert (told.out.strip(), bool(told.err)) == (start.welcome(), True)
