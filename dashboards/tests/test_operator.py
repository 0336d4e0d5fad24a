"""The operator's page: what it says of a house in order, and what of one in trouble."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboards.queries import operator
from exams.models import ExamSession, Registration
from operations import actions, machine
from operations.tests.stories import failed_task, note, queued
from tests import build

PAGE = "/operations/"
GIGABYTES = 1024**3


@pytest.fixture
def in_order(cast, settings, tmp_path, monkeypatch):
    """A house with nothing to complain of: a worker, a backup, room, no saves yet."""
    settings.VAR_DIR = tmp_path
    actions.beat("one")
    back_up(tmp_path, hours=1)
    monkeypatch.setattr(machine, "disk_free", lambda: 50 * GIGABYTES)
    monkeypatch.setattr(machine, "database_disk", lambda: (7 * GIGABYTES, 40 * GIGABYTES))
    monkeypatch.setattr(machine, "clock_offset", lambda: 0.012)
    monkeypatch.setattr(operator.metrics, "requests_of", lambda view: ({}, {}))
    return cast


def back_up(folder, *, hours):
    """What the backup writes when it is done."""
    (folder / "backups").mkdir(exist_ok=True)
    at = timezone.now() - timedelta(hours=hours)
    told = {"at": at.isoformat(), "path": "b.tar", "bytes": 5, "seconds": 1}
    (folder / "backups" / "last.json").write_text(json.dumps(told))


def seen(client):
    """The page's figures by label: (value, whether it is an alarm)."""
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return {line.label: (line.value, bool(line.advice)) for line in answer.context["lines"]}


def alarms(client):
    """What is complained of."""
    return [label for label, (_value, is_alarm) in seen(client).items() if is_alarm]


def test_a_house_in_order_raises_no_alarm(in_order, as_user):
    client = as_user(in_order.admin)
    assert seen(client) == {
        "进行中的答卷": ("0", False),
        "保存耗时": ("—", False),
        "后台任务": ("待办 0 · 失败 0", False),
        "缺卷的场次": ("0", False),
        "最近备份": ("1 小时前", False),
        "磁盘剩余": ("50.0\xa0GB", False),
        "数据库大小": ("7.0\xa0GB", False),
        "时钟差": ("12 毫秒", False),
    }
    assert "一切正常" in client.get(PAGE).content.decode()


def no_worker(house, settings, patch):
    actions.leave("one")


def old_queue(house, settings, patch):
    row = queued(note, "slow")
    type(row).objects.filter(pk=row.pk).update(enqueued_at=timezone.now() - timedelta(seconds=121))


def overdue(house, settings, patch):
    build.move_clock(build.begun(build.make_session(house), house.officer), minutes=90)


def lacking(house, settings, patch):
    session = build.make_session(house)
    ExamSession.objects.filter(pk=session.pk).update(
        papers_wanted=9, published_at=timezone.now() - timedelta(minutes=11)
    )


TROUBLES = {
    "no worker": (no_worker, "后台任务"),
    "an old queue": (old_queue, "后台任务"),
    "a failed task": (lambda *_: failed_task(), "后台任务"),
    "overdue attempts": (overdue, "进行中的答卷"),
    "papers lacking": (lacking, "缺卷的场次"),
    "a clock behind": (lambda _h, _s, patch: patch.setattr(machine, "clock_offset", lambda: -1.5), "时钟差"),
    "a full disk": (lambda _h, _s, patch: patch.setattr(machine, "disk_free", lambda: GIGABYTES), "磁盘剩余"),
    "a full disk of the database": (
        lambda _h, _s, patch: patch.setattr(machine, "database_disk", lambda: (1, GIGABYTES)), "数据库大小"
    ),
    "an old backup": (lambda _h, settings, _p: back_up(settings.VAR_DIR, hours=27), "最近备份"),
    "no backup": (lambda _h, settings, _p: (settings.VAR_DIR / "backups" / "last.json").unlink(), "最近备份"),
    "half a backup note": (
        lambda _h, settings, _p: (settings.VAR_DIR / "backups" / "last.json").write_text('{"at": "gest'), "最近备份"
    ),
    "slow saves": (
        lambda _h, _s, patch: patch.setattr(
            operator.metrics, "requests_of", lambda view: ({}, {0.5: 9.0, 1.0: 10.0, float("inf"): 10.0})),
        "保存耗时",
    ),
}  # fmt: skip


@pytest.mark.parametrize("trouble", sorted(TROUBLES))
def test_each_trouble_raises_its_alarm_and_no_other(in_order, as_user, settings, monkeypatch, trouble):
    happen, label = TROUBLES[trouble]
    client = as_user(in_order.admin)
    assert alarms(client) == []
    cache.clear()
    happen(in_order, settings, monkeypatch)
    assert alarms(client) == [label]


def test_an_alarm_has_its_limit_in_the_settings(in_order, as_user, settings):
    back_up(settings.VAR_DIR, hours=27)
    settings.ALARMS = settings.ALARMS | {"backup_hours": 48}
    assert alarms(as_user(in_order.admin)) == []


def test_a_database_whose_disk_is_elsewhere_is_no_alarm(in_order, as_user, monkeypatch):
    monkeypatch.setattr(machine, "database_disk", lambda: (GIGABYTES, None))
    assert seen(as_user(in_order.admin))["数据库大小"] == ("1.0\xa0GB", False)


def test_the_latency_is_that_of_the_last_minutes(in_order, monkeypatch):
    counted = {}
    monkeypatch.setattr(operator.metrics, "requests_of", lambda view: ({}, dict(counted)))
    at = datetime(2026, 5, 1, 9, tzinfo=UTC)

    def after(minutes, fast, slow):
        counted.update({0.01: fast, 1.0: fast + slow, float("inf"): fast + slow})
        return operator.recent_saves(at + timedelta(minutes=minutes))["count"]

    assert after(0, 100, 0) == 100  # all since the start, for want of anything earlier
    assert after(1, 150, 0) == 50
    assert after(4, 150, 7) == 57
    assert after(7, 150, 9) == 2  # what was counted at minute 4 is the oldest of the last five
    assert after(8, 3, 0) == 3  # started anew


def test_a_failed_task_is_shown_with_its_error_and_tried_again_at_a_press(in_order, as_user):
    row, client = failed_task(), as_user(in_order.admin)
    page = client.get(PAGE)
    assert [(task["name"], task["tries"], task["error"]) for task in page.context["failed"]] == [
        ("operations.tests.stories.note", 5, "RuntimeError: no luck")
    ]
    url = f"{PAGE}tasks/{row.pk}/again/"
    assert url in page.content.decode()
    assert client.post(url).url == PAGE
    assert seen(client)["后台任务"] == ("待办 1 · 失败 0", False)
    assert client.post(url).status_code == 404


def test_the_page_costs_the_same_with_one_attempt_and_with_three(in_order, as_user):
    client, session = as_user(in_order.admin), build.make_session(in_order)

    def cost():
        with CaptureQueriesContext(connection) as caught:
            client.get(PAGE)
        return len(caught)

    build.begun(session, in_order.officer)
    few = cost()
    for who in (in_order.director, in_order.principal):
        build.begun(session, who)
        failed_task()
    assert Registration.objects.count() == 3
    assert cost() == few
