"""What a sitting page notices is kept within bounds, shown, and changes nothing."""

import ast
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from exams.actions import attempts, interventions
from exams.actions.signals import MOST
from exams.models import Attempt, Response, Score, Signal
from tests import build


@pytest.fixture
def room(cast):
    return build.make_session(cast)


@pytest.fixture
def attempt(cast, room):
    return build.begun(room, cast.officer)


def now_ms(n=0):
    return int(timezone.now().timestamp() * 1000) - n


def send(client, attempt, signals, entries=()):
    body = json.dumps({"entries": build.sent(attempt, entries) if entries else [], "signals": signals})
    return client.post(reverse("exams:save", args=[attempt.pk]), body, content_type="application/json")


def test_they_come_along_with_answers_and_are_kept_once(cast, attempt, as_user):
    client = as_user(cast.officer)
    told = [
        {"kind": "left", "at": now_ms(9000), "seconds": 0},
        {"kind": "returned", "at": now_ms(2000), "seconds": 7},
    ]
    entries = [attempts.Entry(1, 1, {"options": ["a"]})]
    for _again in range(2):
        assert send(client, attempt, told, entries).status_code == 200
    assert list(Signal.objects.order_by("at").values_list("kind", "seconds")) == [
        ("left", 0),
        ("returned", 7),
    ]
    assert Response.objects.count() == 1


@pytest.mark.parametrize(
    "told",
    [
        "left", {"kind": "left"}, [1], [{"kind": "device", "at": 1}], [{"kind": "left", "at": "1"}],
        [{"kind": "left", "at": True}], [{"kind": "left", "at": 1, "seconds": 1.5}], [{"kind": "left", "at": 10**30}], None,
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_left_out_and_the_answer_is_saved(cast, attempt, as_user, told):
    answer = send(as_user(cast.officer), attempt, told, [attempts.Entry(1, 1, {"options": ["a"]})])
    assert (answer.status_code, answer.json()["last"]) == (200, 1)
    assert not Signal.objects.exists()


def test_their_number_is_bounded(cast, attempt, as_user):
    client, first = as_user(cast.officer), now_ms()
    for batch in range(MOST // 20 + 3):
        send(client, attempt, [{"kind": "left", "at": first - batch * 100 - n} for n in range(25)])
    assert Signal.objects.count() == MOST


def test_of_a_refused_write_nothing_is_kept(cast, attempt, as_user):
    build.handed_in(attempt)
    told = [{"kind": "left", "at": now_ms()}]
    assert (
        send(as_user(cast.officer), attempt, told, [attempts.Entry(9, 1, {"options": ["a"]})]).status_code
        == 410
    )
    assert send(as_user(cast.stranger), attempt, told).status_code == 404
    assert not Signal.objects.exists()


def test_a_save_without_them_costs_nothing_more(cast, attempt, as_user):
    client, address = as_user(cast.officer), reverse("exams:save", args=[attempt.pk])

    def cost(number, **more):
        body = json.dumps(
            {"entries": build.sent(attempt, [attempts.Entry(number, 1, {"options": ["a"]})]), **more}
        )
        with CaptureQueriesContext(connection) as seen:
            assert client.post(address, body, content_type="application/json").status_code == 200
        return [one["sql"] for one in seen.captured_queries if "signal" in one["sql"].lower()]

    cost(1)
    assert cost(2) == []
    assert len(cost(3, signals=[{"kind": "pasted", "at": now_ms()}])) == 2


def test_the_board_and_the_attempt_show_them(cast, room, attempt, as_user, settings):
    settings.SIGNALS_NOTABLE = 3
    client = as_user(cast.officer)
    told = [{"kind": kind, "at": now_ms(n * 1000)} for n, kind in enumerate(("left", "returned", "pasted"))]
    send(client, attempt, told)
    interventions.take_over(cast.officer, attempt.pk, device="b" * 32)
    row = as_user(cast.city).get(reverse("exams:session_live", args=[room.code])).context["rows"][0]
    assert (row.signals, row.is_notable) == (3, True)  # coming back is no further signal
    text = client.get(reverse("exams:attempt_seen", args=[attempt.pk])).content.decode()
    assert all(word in text for word in ("离开页面", "回到页面", "粘贴内容", "换设备", "不影响成绩"))


def test_what_is_recorded_is_said_before_the_start(cast, room, as_user):
    build.admitted(room, cast.officer)
    text = as_user(cast.officer).get(reverse("exams:session", args=[room.code])).content.decode()
    assert "供监考人员参考" in text


def test_no_signal_changes_a_score_an_outcome_or_a_time(cast, room, attempt, as_user):
    other = build.begun(room, cast.director)
    for one in (attempt, other):
        build.answer_right(one, 0.5)
    before = Attempt.objects.filter(pk=attempt.pk).values().get()
    client, first = as_user(cast.officer), now_ms()
    for batch in range(12):
        send(client, attempt, [{"kind": "left", "at": first - batch * 100 - n} for n in range(20)])
    assert Attempt.objects.filter(pk=attempt.pk).values().get() == before
    for one in (attempt, other):
        build.handed_in(one)
    told = {
        one.pk: (
            one.state, one.ended_by, one.current_result.points, one.current_result.passed,
            sorted(Score.objects.filter(result=one.current_result).values_list("fraction", flat=True)),
        )
        for one in Attempt.objects.select_related("current_result")
    }  # fmt: skip
    assert Signal.objects.count() == 240
    assert told[attempt.pk] == told[other.pk]


def test_only_what_keeps_and_what_shows_them_knows_of_them():
    root = Path(settings.BASE_DIR)
    readers = {
        str(path.relative_to(root))
        for floor in ("exams", "supervision", "certificates", "dashboards", "api", "accounts")
        for path in (root / floor).rglob("*.py")
        if not {"tests", "migrations"} & set(path.parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith("exams.models")
        and any(name.name == "Signal" for name in node.names)
    }
    assert readers == {"exams/models/__init__.py", "exams/actions/signals.py", "exams/queries/live.py"}
