"""The operator's page: what it says of a house in order, and what of one in trouble."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import sealing
from audit.log import record
from dashboards.queries import operator
from exams.models import ExamSession, Registration
from operations import actions, latency, machine, metrics
from operations.models import Backup
from operations.tests.stories import failed_task, note, queued
from tests import build

PAGE = "/operations/"
GIGABYTES = 1024**3


@pytest.fixture
def in_order(cast, settings, tmp_path, monkeypatch):
    """A house with nothing to complain of: a worker, a backup, room, no saves yet."""
    settings.VAR_DIR = tmp_path
    actions.beat("one")
    back_up(hours=1)
    monkeypatch.setattr(machine, "disk_free", lambda: 50 * GIGABYTES)
    monkeypatch.setattr(machine, "database_disk", lambda: (7 * GIGABYTES, 40 * GIGABYTES))
    monkeypatch.setattr(machine, "clock_offset", lambda: 0.012)
    monkeypatch.setattr(metrics, "requests_of", lambda view: ({}, {}))
    return cast


def back_up(*, hours):
    """The only backup, made so long ago on another node."""
    Backup.objects.all().delete()
    at = timezone.now() - timedelta(hours=hours)
    Backup.objects.create(at=at, node="another", path="b.tar", bytes=5, seconds=1)


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
        "执行最久的任务": ("—", False),
        "缺卷的场次": ("0", False),
        "最近备份": ("1 小时前", False),
        "操作日志封存": ("没有", False),
        "消息与提醒": ("试运行：不向站外发送", False),
        "磁盘剩余": ("50.0\xa0GB", False),
        "数据库大小": ("7.0\xa0GB", False),
        "时钟差": ("12 毫秒", False),
        "缓存": ("正常", False),
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


def hanging(house, settings, patch):
    row = queued(note, "hangs")
    begun = timezone.now() - timedelta(seconds=901)
    type(row).objects.filter(pk=row.pk).update(status="RUNNING", started_at=begun, worker_ids=["one"])


def unsealed(house, settings, patch):
    event = record("story.told", house.officer, by=None)
    patch.setattr(sealing, "waiting_since", lambda: event.at - timedelta(minutes=61))


def dead_cache(house, settings, patch):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",  # where nobody listens
        }
    }


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
    "an old backup": (lambda *_: back_up(hours=27), "最近备份"),
    "a log that nobody seals": (unsealed, "操作日志封存"),
    "no backup": (lambda *_: Backup.objects.all().delete(), "最近备份"),
    "a task that hangs": (hanging, "执行最久的任务"),
    "a cache that is away": (dead_cache, "缓存"),
    "slow saves": (
        lambda _h, _s, patch: patch.setattr(
            metrics, "requests_of", lambda view: ({}, {0.5: 9.0, 1.0: 10.0, float("inf"): 10.0})),
        "保存耗时",
    ),
}  # fmt: skip


@pytest.mark.parametrize("trouble", sorted(TROUBLES))
def test_each_trouble_raises_its_alarm_and_no_other(in_order, as_user, settings, monkeypatch, trouble):
    happen, label = TROUBLES[trouble]
    client = as_user(in_order.admin)
    assert alarms(client) == []
    happen(in_order, settings, monkeypatch)
    assert alarms(client) == [label]


@pytest.mark.parametrize("name", sorted(operator.FIGURES))
def test_a_figure_that_cannot_be_told_says_so_and_hides_no_other(in_order, as_user, monkeypatch, name):
    def broken(now):
        raise DatabaseError("password=secret")

    client = as_user(in_order.admin)
    before = seen(client)
    label = str(operator.TELLERS[name][0])
    monkeypatch.setitem(operator.FIGURES, name, broken)
    assert seen(client) == before | {label: ("无法得知", True)}
    page = client.get(PAGE).content.decode()
    assert "secret" not in page
    told = client.get("/metrics").content.decode()
    assert "zhikao_untold_figures 1.0" in told
    assert len(told.splitlines()) > 10


def test_an_alarm_has_its_limit_in_the_settings(in_order, as_user, settings):
    back_up(hours=27)
    settings.ALARMS = settings.ALARMS | {"backup_hours": 48}
    assert alarms(as_user(in_order.admin)) == []


def test_a_database_whose_disk_is_elsewhere_is_no_alarm(in_order, as_user, monkeypatch):
    monkeypatch.setattr(machine, "database_disk", lambda: (GIGABYTES, None))
    assert seen(as_user(in_order.admin))["数据库大小"] == ("1.0\xa0GB", False)


def test_the_page_says_of_which_time_the_latency_is(in_order, as_user, monkeypatch):
    client = as_user(in_order.admin)

    def sub():
        return next(line.sub for line in client.get(PAGE).context["lines"] if line.label == "保存耗时")

    assert sub() == "启动以来没有保存"
    monkeypatch.setattr(metrics, "requests_of", lambda view: ({}, {0.1: 4.0, float("inf"): 4.0}))
    latency.note(timezone.now() - timedelta(minutes=7))
    monkeypatch.setattr(metrics, "requests_of", lambda view: ({}, {0.1: 9.0, float("inf"): 9.0}))
    assert sub() == "95% 快于此值 · 一半快于 50.0 毫秒 · 最近 7 分钟 5 次"


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
