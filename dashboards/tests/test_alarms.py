"""Alarms reach the administrators: when they begin, when they end, and never twice within an hour; and Prometheus has a rule for each."""

import re
import socket
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from config import measures
from dashboards import tasks
from dashboards.queries import operator
from operations import actions, alarms, machine, metrics
from operations.models import Alarm, Backup

NINE = datetime(2026, 5, 1, 1, tzinfo=UTC)
HERE = socket.gethostname()
RULES = settings.BASE_DIR / "deploy" / "prometheus" / "zhikao-rules.yml"


@pytest.fixture
def house(cast, settings, tmp_path, monkeypatch):
    """A house in order, whose administrator has an address."""
    settings.VAR_DIR = tmp_path
    settings.BASE_URL = "https://exam.example"
    User.objects.filter(pk=cast.admin.pk).update(email="admin@example.cn")
    actions.beat("one")
    Backup.objects.create(at=timezone.now(), node="n", path="b.tar", bytes=5, seconds=1)
    monkeypatch.setattr(machine, "disk_free", lambda: 50 * machine.GIGABYTE)
    monkeypatch.setattr(machine, "database_disk", lambda: (1, None))
    monkeypatch.setattr(machine, "clock_offset", lambda: 0.0)  # the stories have a clock of their own
    monkeypatch.setattr(metrics, "requests_of", lambda view: ({}, {}))
    return cast


def looked(monkeypatch, minutes, free):
    """The job runs at such a minute, with so many gigabytes left; gives the subjects of the mails it wrote."""
    monkeypatch.setattr(timezone, "now", lambda: NINE + timedelta(minutes=minutes))
    monkeypatch.setattr(machine, "disk_free", lambda: free * machine.GIGABYTE)
    actions.beat("one")
    mail.outbox.clear()
    tasks.tell_alarms.call()
    return [one.subject for one in mail.outbox]


BEGUN, OVER = ["【质考】报警 · 磁盘剩余 · 1.0\xa0GB"], ["【质考】报警解除 · 磁盘剩余 · 9.0\xa0GB"]


def test_an_alarm_is_mailed_when_it_begins_and_when_it_ends_and_not_between(house, monkeypatch):
    told = [
        looked(monkeypatch, minute, free)
        for minute, free in ((0, 9), (1, 1), (2, 1), (61, 1), (62, 9), (63, 9))
    ]
    assert told == [[], BEGUN, [], [], OVER, []]


def test_an_alarm_that_flaps_is_mailed_once_an_hour_with_what_is_true_then(house, monkeypatch):
    minutes = [1, 2, 3, 4, 58, 59, 60, 61, 62, 63, 64, 121, 122, 123, 124]
    told = {minute: looked(monkeypatch, minute, 1 if minute % 2 else 9) for minute in minutes}
    when = {minute: subjects for minute, subjects in told.items() if subjects}
    assert when == {1: BEGUN, 62: OVER, 123: BEGUN}


def test_a_mail_says_what_is_wrong_since_when_where_and_what_to_do(house, monkeypatch):
    looked(monkeypatch, 1, 1)
    [one] = mail.outbox
    assert one.to == ["admin@example.cn"]
    assert one.body.split("\n") == [
        f"报警 · 2026-05-01 09:01 · {HERE}",
        "磁盘剩余 · 1.0\xa0GB",
        str(settings.VAR_DIR),
        "数据目录所在磁盘快满了。请清理旧备份和日志，或扩大磁盘；写满后答案将无法保存。",
        "",
        "https://exam.example/operations/",
    ]


def test_several_alarms_share_a_mail(house, monkeypatch):
    Backup.objects.all().delete()
    [subject] = looked(monkeypatch, 1, 1)
    assert subject == "【质考】报警 · 最近备份 · 没有，共 2 项"
    assert set(Alarm.objects.values_list("name", "node")) == {("disk", HERE), ("backup", "")}


def test_an_alarm_of_another_node_is_left_alone(house, monkeypatch):
    there = Alarm.objects.create(
        name="disk", node="another", is_on=True, since=NINE, is_told=True, told_at=NINE
    )
    assert looked(monkeypatch, 90, 9) == []
    there.refresh_from_db()
    assert there.is_on


def test_whoever_has_no_address_gets_no_mail_and_is_told_once_there_is_one(house, monkeypatch):
    User.objects.filter(pk=house.admin.pk).update(email="")
    User.objects.filter(pk=house.city.pk).update(email="city@example.cn")  # no administrator
    assert looked(monkeypatch, 1, 1) == []
    User.objects.filter(pk=house.admin.pk).update(email="admin@example.cn")
    assert looked(monkeypatch, 2, 1) == BEGUN


def test_a_mail_that_could_not_be_sent_is_sent_by_the_next_look(house, monkeypatch):
    def down(*args):
        raise OSError("the mail server is away")

    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(alarms.EmailMessage, "send", down)
        looked(patch, 1, 1)
    assert looked(monkeypatch, 2, 1) == BEGUN


# --- The same for Prometheus -------------------------------------------------------------------------------------------


def rules():
    """The rules by their names."""
    [group] = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def test_every_figure_that_can_be_an_alarm_has_a_rule():
    assert {rule["labels"]["figure"] for rule in rules().values()} - {"house", "untold"} == set(
        operator.TELLERS
    )


def test_the_rules_ask_for_measures_that_there_are(house):
    told = Client().get("/metrics").content.decode()
    there = set(re.findall(r"^# TYPE (zhikao_\w+)", told, re.M)) | set(measures.GAUGES)
    asked = {name for rule in rules().values() for name in re.findall(r"zhikao_\w+", rule["expr"])}
    assert {name.removesuffix("_bucket") for name in asked} - there == set()


def test_the_rules_have_the_limits_of_the_operators_page():
    limits = {rule["labels"]["figure"]: [] for rule in rules().values()}
    for rule in rules().values():
        limits[rule["labels"]["figure"]] += [float(n) for n in re.findall(r"[<>] ([\d.e+]+)", rule["expr"])]
    known = settings.ALARMS
    assert limits == {
        "house": [],
        "untold": [0],
        "attempts": [known["overdue_attempts"]],
        "saves": [known["save_milliseconds"] / 1000],
        "queue": [known["queue_seconds"], known["failed_tasks"]],
        "running": [known["running_seconds"]],
        "papers": [known["lacking_sessions"]],
        "backup": [known["backup_hours"] * 3600],
        "seal": [known["unsealed_minutes"] * 60],
        "messages": [known["silent_batches"]],
        "disk": [known["disk_gigabytes"] * machine.GIGABYTE],
        "database": [known["disk_gigabytes"] * machine.GIGABYTE],
        "clock": [known["clock_seconds"]],
        "cache": [],
    }
