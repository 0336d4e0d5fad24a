"""The settings as the environment makes them, and a start that leaves nothing behind."""

import gettext
import json
import os
import runpy
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import keys, machine, words

ROOT = Path(__file__).resolve().parent.parent
NAMES = (
    "SECRET_KEY FIELD_KEYS DEBUG ALLOWED_HOSTS CSRF_TRUSTED_ORIGINS BASE_URL BEHIND_TLS PROXY_COUNT DATABASE_URL REDIS_URL "
    "WEB_NODES EMAIL_URL SMS_ADAPTER SMS_URL SMS_KEY_ID SMS_SECRET DEMO DEMO_PASSWORD ISSUER_NAME SEAL_SVG LOG_LEVEL FROM_EMAIL SILENCED_CHECKS "
    "WEB_HOST WEB_PORT WEB_WORKERS WEB_THREADS FORWARDED_ALLOW_IPS ACCESS_LOG WELCOME LOG_FORMAT METRICS_TOKEN WORKER PROMETHEUS_MULTIPROC_DIR"
)


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Read a settings file under an environment that holds only what is given."""

    def reading(file="settings.py", **given):
        for name in NAMES.split():
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"VAR_DIR": str(tmp_path / "state")} | given).items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config" / file))

    return reading


def test_with_nothing_set_the_house_is_one_machine_with_sqlite_that_forgets_nothing(read, tmp_path):
    made = read()
    database = made["DATABASES"]["default"]
    assert (database["ENGINE"], database["NAME"]) == (
        "django.db.backends.sqlite3",
        str(tmp_path / "state" / "zhikao.sqlite3"),
    )
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"} <= set(
        database["OPTIONS"]["init_command"].split(";")
    )
    assert "ATOMIC_REQUESTS" not in database
    assert made["SESSION_ENGINE"] == "accounts.sessions"
    assert (made["DEBUG"], made["DEMO"], made["BEHIND_TLS"], made["WEB_NODES"]) == (False, False, False, 1)
    assert made["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]


def test_sqlite_really_runs_with_wal_and_full_synchronisation(read, tmp_path):
    asked = (
        "import django, json; django.setup()\n"
        "from django.db import connection\n"
        "with connection.cursor() as c:\n"
        "    print(json.dumps([c.execute('PRAGMA ' + p).fetchone()[0] for p in ('journal_mode', 'synchronous')]))"
    )
    assert _python(asked, VAR_DIR=str(tmp_path)) == ["wal", 2]


def test_an_address_of_postgresql_and_one_of_redis_change_the_memory_and_nothing_else(read):
    plain, scaled = (
        read(),
        read(DATABASE_URL="postgres://ada:pw@db:5433/exams", REDIS_URL="redis://cache:6379/1"),
    )
    database = scaled["DATABASES"]["default"]
    assert {name: database[name] for name in ("ENGINE", "HOST", "PORT", "NAME", "USER", "PASSWORD")} == {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "db",
        "PORT": 5433,
        "NAME": "exams",
        "USER": "ada",
        "PASSWORD": "pw",
    }
    assert scaled["CACHES"]["default"]["LOCATION"] == "redis://cache:6379/1"
    different = {name for name in plain if name.isupper() and plain[name] != scaled[name]}
    assert different == {"DATABASES", "DATABASE_URL", "CACHES", "REDIS_URL"}


def test_behind_tls_cookies_travel_only_encrypted(read):
    made = read(BEHIND_TLS="1", PROXY_COUNT="1")
    assert [made[n] for n in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")] == [
        True
    ] * 3
    assert made["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert made["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1


def test_an_address_loses_its_last_slash(read):
    assert read(BASE_URL="https://exam.example.cn/")["BASE_URL"] == "https://exam.example.cn"


def test_secrets_are_made_once_and_shown_to_nobody_else(read, tmp_path):
    first, second = read(), read()
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert first["FIELD_KEYS"] == second["FIELD_KEYS"]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    assert modes == {"secret_key": 0o600, "field_keys.json": 0o600}


def test_given_secrets_are_taken_and_nothing_is_written(read, tmp_path):
    made = read(SECRET_KEY="given", FIELD_KEYS='{"k2": "b", "k1": "a"}')
    assert (made["SECRET_KEY"], list(made["FIELD_KEYS"])) == ("given", ["k2", "k1"])
    assert list((tmp_path / "state").iterdir()) == []


@pytest.mark.parametrize("given", ["k1", "[1]", '"k1"', "{"])
def test_field_keys_of_another_shape_are_refused_with_a_sentence(given, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        keys.field_keys(given, tmp_path)


# --- The server ------------------------------------------------------------------------------------------------------


def test_the_server_listens_at_home_with_two_workers_of_four_threads(read):
    made = read("gunicorn.py")
    assert {
        name: made[name]
        for name in ("bind", "worker_class", "workers", "threads", "preload_app", "accesslog")
    } == {
        "bind": ["127.0.0.1:8000"],
        "worker_class": "gthread",
        "workers": 2,
        "threads": 4,
        "preload_app": True,
        "accesslog": None,
    }


@pytest.mark.parametrize(
    ("host", "bind"),
    [("0.0.0.0", "0.0.0.0:81"), ("::1", "[::1]:81"), ("[::]", "[::]:81"), ("exam.local", "exam.local:81")],
)
def test_the_server_listens_where_it_is_told(read, host, bind):
    made = read("gunicorn.py", WEB_HOST=host, WEB_PORT="81", WEB_WORKERS="3", WEB_THREADS="8")
    assert (made["bind"], made["workers"], made["threads"]) == ([bind], 3, 8)


def test_the_server_understands_every_line_of_its_file(read):
    from gunicorn.config import Config

    made = read("gunicorn.py")
    known = Config().settings
    assert {name for name in made if not name.startswith("_") and name not in known} == {
        "JSONLines", "Path", "gc", "os", "shutil",
    }  # fmt: skip


def test_the_welcome_is_told_once_the_house_listens(read, capsys):
    words = {"WORKER": "0", "WELCOME": "officer\nadmin", "BASE_URL": "http://127.0.0.1:81"}
    made = read("gunicorn.py", **words)
    made["when_ready"](None)
    told = capsys.readouterr().out
    assert "http://127.0.0.1:81/" in told
    assert [
        line
        for line in ("officer", "admin", f"数据 state: {os.environ['VAR_DIR']}")
        if line in told.splitlines()
    ] == [
        "officer",
        "admin",
        f"数据 state: {os.environ['VAR_DIR']}",
    ]


def test_loading_the_house_opens_no_connection_that_workers_would_share(tmp_path):
    asked = (
        "import json\nfrom config.wsgi import application\nfrom django.db import connections\n"
        "print(json.dumps([c.alias for c in connections.all() if c.connection is not None]))"
    )
    assert _python(asked, VAR_DIR=str(tmp_path)) == []
    assert not (tmp_path / "zhikao.sqlite3").exists()


def _python(code, **given):
    """What a fresh Python under the house's settings prints as JSON."""
    env = {name: value for name, value in os.environ.items() if name not in NAMES.split()}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=env | {"DJANGO_SETTINGS_MODULE": "config.settings"} | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- The start -------------------------------------------------------------------------------------------------------
PO = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "试题"
msgstr "item"

msgctxt "动词"
msgid "开始"
msgstr "Start"

msgid "%(n)s 人"
msgid_plural "%(n)s 人"
msgstr[0] "%(n)s person"
msgstr[1] "%(n)s people"

#, fuzzy
msgid "成绩"
msgstr "score?"
"""


@pytest.fixture
def po(tmp_path):
    """A small translation."""
    path = tmp_path / "locale" / "en" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO, encoding="utf-8")
    return path


def test_translations_are_compiled_when_they_changed_and_only_then(po, tmp_path):
    source, elsewhere, mo = tmp_path / "locale", tmp_path / "state", po.with_suffix(".mo")
    assert words.compile_words(source, elsewhere) == [mo]
    with mo.open("rb") as file:
        read = gettext.GNUTranslations(file)
    assert [
        read.gettext("试题"),
        read.pgettext("动词", "开始"),
        read.ngettext("%(n)s 人", "%(n)s 人", 2),
        read.gettext("成绩"),
    ] == ["item", "Start", "%(n)s people", "成绩"]
    assert words.compile_words(source, elsewhere) == []
    po.write_text(PO.replace("item", "question"), encoding="utf-8")
    assert words.compile_words(source, elsewhere) == [mo]
    mo.write_bytes(b"half a file")
    assert words.compile_words(source, elsewhere) == [mo]


def test_translations_go_into_the_state_where_the_tree_may_not_be_written_and_home_again(
    po, tmp_path, monkeypatch
):
    source, elsewhere = tmp_path / "locale", tmp_path / "state"
    monkeypatch.setattr(words.os, "access", lambda *_: False)
    assert words.compile_words(source, elsewhere) == [elsewhere / "en" / "LC_MESSAGES" / "django.mo"]
    assert words.compile_words(source, elsewhere) == []
    monkeypatch.undo()
    assert words.compile_words(source, elsewhere) == [po.with_suffix(".mo")]
    assert list(elsewhere.rglob("*.mo")) == []


def test_the_machine_names_the_package_of_everything_it_lacks(monkeypatch):
    monkeypatch.setattr(machine, "has_library", lambda name: "pangoft2" in name)
    monkeypatch.setattr(machine, "has_module", lambda name: False)
    monkeypatch.setattr(machine, "has_font", lambda language="": False)
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    assert {what: find() for what, find in machine.LACKING.items()} == {
        "python": ["python3-venv"],
        "print": ["libpango-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"],
        "browser": ["chromium", "libatomic1", "fonts-noto-cjk", "poppler-utils", "gettext"],
    }


def test_the_machine_lacks_nothing_that_is_there(monkeypatch):
    monkeypatch.setattr(machine, "has_library", lambda name: True)
    monkeypatch.setattr(machine, "has_font", lambda language="": True)
    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert [find() for find in machine.LACKING.values()] == [[], [], []]
    assert machine.has_module("json") and not machine.has_module("no_such_module")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("prepare", ("db", 5432, False)),
        ("backup", ("db", 5432, False)),
        ("restore", ("db", 5432, False)),
        ("migrate", ("db", 5432, False)),
        ("close_due", ("pooler", 6432, True)),
        ("work", ("pooler", 6432, True)),
    ],
)
def test_what_needs_a_connection_of_its_own_goes_past_the_pooler(tmp_path, command, expected):
    asked = (
        f"import sys, json; sys.argv[1:] = ['{command}']\n"
        "import django.core.management\n"
        "django.core.management.execute_from_command_line = lambda arguments: None\n"
        "import manage; manage.main()\n"
        "from django.conf import settings; d = settings.DATABASES['default']\n"
        "print(json.dumps([d['HOST'], d['PORT'], d.get('DISABLE_SERVER_SIDE_CURSORS', False)]))"
    )
    told = _python(
        asked,
        VAR_DIR=str(tmp_path),
        DATABASE_URL="postgres://ada:pw@pooler:6432/exams",
        DIRECT_DATABASE_URL="postgres://ada:pw@db:5432/exams",
        BEHIND_POOLER="1",
    )
    assert tuple(told) == expected
