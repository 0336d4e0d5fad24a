"""What machines ask the house: does it live, is it ready, how is it doing."""

from collections import namedtuple

import pytest
from django.core.cache.backends.dummy import DummyCache
from django.db import DatabaseError, connection
from django.test import Client

from config import views
from exams.actions import attempts
from operations import machine
from tests import build

pytestmark = pytest.mark.django_db
WELL = {"database": True, "migrations": True, "cache": True, "media": True, "disk": True}


@pytest.fixture(autouse=True)
def _a_state_of_its_own(settings, tmp_path, monkeypatch):
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    monkeypatch.setattr(machine, "_applied", [])


def ready():
    """Status and what is well."""
    answer = Client().get("/readyz")
    told = answer.json()
    assert told["ready"] is (answer.status_code == 200)
    return answer.status_code, {name: check["ok"] for name, check in told["checks"].items()}


def broken(*args, **kwargs):
    raise DatabaseError("password=secret")


def test_a_house_in_order_is_ready():
    assert ready() == (200, WELL)


@pytest.mark.parametrize(
    ("what", "breaks"),
    [
        ("database", lambda patch, settings: patch.setitem(machine.READY, "database", broken)),
        ("migrations", lambda patch, settings: patch.setattr(
            "operations.machine.MigrationExecutor.migration_plan", lambda self, leaves: ["one"])),
        ("cache", lambda patch, settings: patch.setattr(machine, "cache", DummyCache("none", {}))),
        ("media", lambda patch, settings: setattr(settings, "MEDIA_ROOT", settings.VAR_DIR / "a file" / "media")),
        ("disk", lambda patch, settings: setattr(settings, "READY_FREE_MEGABYTES", 10**12)),
    ],
)  # fmt: skip
def test_one_thing_that_is_missing_makes_it_unready_and_is_named(settings, monkeypatch, what, breaks):
    (settings.VAR_DIR / "a file").write_text("")
    breaks(monkeypatch, settings)
    assert ready() == (503, WELL | {what: False})
    assert b"secret" not in Client().get("/readyz").content


def test_a_dead_database_makes_the_node_unready_but_not_dead(monkeypatch):
    monkeypatch.setattr(connection, "cursor", broken)
    assert [Client().get(url).status_code for url in ("/healthz", "/readyz")] == [200, 503]


def test_whoever_asks_all_the_time_makes_the_house_look_once_in_two_seconds(monkeypatch):
    looks, now = [], [1000.0]
    monkeypatch.setattr(views, "monotonic", lambda: now[0])
    monkeypatch.setitem(machine.READY, "cache", lambda: looks.append(now[0]) or True)
    for later in (0, 0.5, 1.9, 2.1, 2.2):
        now[0] = 1000 + later
        assert ready() == (200, WELL)
    assert looks == [1000, 1002.1]


def test_they_answer_whatever_name_they_are_asked_by_and_without_tls(settings):
    settings.SECURE_SSL_REDIRECT = True
    client = Client(headers={"host": "10.0.0.7"})
    assert [client.get(url).status_code for url in ("/healthz", "/readyz", "/metrics")] == [200] * 3


# --- Measures --------------------------------------------------------------------------------------------------------------


def value(text, name):
    """The value of one measure in the text."""
    return next(
        (float(line.rpartition(" ")[2]) for line in text.splitlines() if line.rpartition(" ")[0] == name),
        None,
    )


def test_the_measures_tell_of_saves_attempts_and_the_queue(cast, settings):
    attempt = build.begun(build.make_session(cast, counts={"truefalse": 2}), cast.officer)
    client, url = Client(), f"/exams/attempts/{attempt.pk}/save/"
    client.force_login(cast.officer)

    def told():
        text = Client().get("/metrics").content.decode()
        names = ['zhikao_saves_total{outcome="accepted"}', 'zhikao_saves_total{outcome="behind"}']
        return [value(text, name) or 0 for name in names], value(text, "zhikao_open_attempts"), text

    before = told()[0]
    for number, answer in [(1, True), (2, True), (2, False)]:
        body = {
            "entries": [{"number": number, "position": 1, "payload": {"value": answer}, "flagged": False}]
        }
        client.post(url, body, content_type="application/json")
    after, running, text = told()
    assert [b - a for a, b in zip(before, after, strict=True)] == [2, 1]
    assert (running, value(text, 'zhikao_task_queue_length{state="failed"}')) == (1, 0)
    assert value(text, "zhikao_last_backup_age_seconds") is None
    attempts.hand_in(build.own(attempt), attempt.pk, by=cast.officer)
    assert told()[1] == 0


Asking = namedtuple("Asking", "address headers token status")


@pytest.mark.parametrize(
    "asking",
    [
        Asking("127.0.0.1", {}, "", 200),
        Asking("::1", {}, "", 200),
        Asking("10.0.0.7", {}, "", 404),
        Asking("127.0.0.1", {"x-forwarded-for": "203.0.113.5"}, "", 404),
        Asking("127.0.0.1", {"x-forwarded-proto": "https"}, "", 404),
        Asking("127.0.0.1", {}, "sesame", 404),
        Asking("10.0.0.7", {"authorization": "Bearer sesame"}, "sesame", 200),
        Asking("10.0.0.7", {"authorization": "Bearer open"}, "sesame", 404),
        Asking("10.0.0.7", {"authorization": "Bearer "}, "", 404),
    ],
)
def test_only_the_machine_itself_or_the_bearer_of_the_token_is_told(settings, asking):
    settings.METRICS_TOKEN = asking.token
    answer = Client(REMOTE_ADDR=asking.address, headers=asking.headers).get("/metrics")
    assert answer.status_code == asking.status
    assert (b"zhikao_workers" in answer.content) is (asking.status == 200)
