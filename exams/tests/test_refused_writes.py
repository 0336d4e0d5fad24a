"""Every write that may not be: it is refused, overwrites nothing, says why, and stands in the log."""

import pytest

from audit.models import AuditEvent, Outcome
from exams.actions import interventions, terminations
from exams.devices import fingerprint
from exams.models import Attempt, Response
from exams.tests.test_two_pages import Page
from tests import build


@pytest.fixture
def attempt(cast):
    room = build.make_session(cast, max_attempts=2, counts={"single": 4})
    return build.attempts.start(
        build.admitted(room, cast.officer), by=cast.officer, device=fingerprint("one")
    )


def paused(cast, attempt):
    interventions.pause(Attempt.objects.filter(pk=attempt.pk), why="疏散", by=cast.city)


def terminated(cast, attempt):
    terminations.propose(attempt, why="夹带", by=cast.city)
    terminations.confirm(attempt, why="属实", by=cast.admin)


def finished(cast, attempt):
    build.attempts.hand_in(cast.officer, attempt.pk, by=cast.officer)


def nothing(cast, attempt):
    pass


STORIES = {
    "second device": (nothing, "two", 423, "elsewhere", "已转到另一台设备"),
    "finished": (finished, "one", 410, "over", "答卷已交"),
    "stale page": (nothing, "one", 409, "stale", "在别处有更新的作答"),
    "paused": (paused, "one", 423, "paused", "考试已暂停"),
    "terminated": (terminated, "one", 410, "terminated", "监考人员已终止这次考试"),
}


@pytest.mark.parametrize("what", ["save", "hand-in"])
@pytest.mark.parametrize("name", STORIES)
def test_a_write_that_may_not_be_overwrites_nothing_says_why_and_stands_in_the_log(cast, attempt, name, what):
    change, cookie, status, why, sentence = STORIES[name]
    first, late = Page(cast.officer, attempt), Page(cast.officer, attempt, cookie)
    assert first.save("a") == 200
    change(cast, attempt)
    late.last = 0 if name == "stale page" else 1
    before = (list(Response.objects.values()), Attempt.objects.filter(pk=attempt.pk).values().get())
    answer = late.send(late.entry("b"), what)
    assert (answer.status_code, sentence in answer.json()["problem"]) == (status, True)
    assert (list(Response.objects.values()), Attempt.objects.filter(pk=attempt.pk).values().get()) == before
    line = AuditEvent.objects.get(action="attempt.write_refused")
    assert (line.outcome, line.actor_name, line.target) == (
        Outcome.REFUSED,
        "王雨晨",
        f"exams.attempt:{attempt.pk}",
    )
    assert (line.data["why"], line.data["answers"], line.data["device"]) == (why, 1, fingerprint(cookie)[:8])


@pytest.mark.parametrize("name", ["second device", "finished", "paused", "terminated"])
def test_without_a_script_it_is_the_same(cast, attempt, name):
    change, cookie, _status, why, sentence = STORIES[name]
    first, late = Page(cast.officer, attempt), Page(cast.officer, attempt, cookie)
    assert first.save("a") == 200
    change(cast, attempt)
    before = list(Response.objects.values())
    answer = late.client.post(
        f"/exams/attempts/{attempt.pk}/save/", {"position": "1", "go": "2"}, follow=True
    )
    assert sentence in answer.content.decode()
    assert list(Response.objects.values()) == before
    assert AuditEvent.objects.get(action="attempt.write_refused").data["why"] == why


def test_a_flood_of_refused_writes_is_one_line_a_minute(cast, attempt):
    late = Page(cast.officer, attempt, "two")
    assert [late.save("b") for _n in range(5)] == [423] * 5
    assert AuditEvent.objects.filter(action="attempt.write_refused").count() == 1


def test_a_stranger_writes_no_line(cast, attempt):
    assert Page(cast.stranger, attempt).save("b") == 404
    assert not AuditEvent.objects.filter(action="attempt.write_refused").exists()
