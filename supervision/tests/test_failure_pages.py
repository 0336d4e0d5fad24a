"""The pages after a fail, as the organ, the enterprise and the person see them; and what they cost."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.files import a_picture
from audit.models import AuditEvent
from supervision.models import Evidence, Rectification, Report, SpotNotice
from supervision.tests import failing, stories

TIMES = "%Y-%m-%dT%H:%M"


@pytest.fixture
def house(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return failing.house(cast)


def send(user, name, *arguments, **fields):
    client = Client()
    client.force_login(user)
    return client.post(reverse(f"supervision:{name}", args=arguments), fields)


def page(user, address):
    client = Client()
    client.force_login(user)
    return client.get(address).content.decode()


def test_the_whole_way_by_its_pages(house, monkeypatch):
    check = failing.published(failing.failed(house, (1, 0)))
    person = failing.called(check)[1]
    assert "发出整改通知书" in stories.seen(house.district, "check", check.code)
    draft = stories.seen(house.district, "rectify", check.code, person.pk)
    assert f"质量安全员{person.registration.candidate.name}的结果为不合格" in draft
    bad = send(house.district, "rectify", check.code, person.pk, facts="不合格", demands="", contact="王")
    assert (bad.status_code, "不合格</textarea>" in bad.content.decode()) == (422, True)
    send(house.district, "rectify", check.code, person.pk, facts="不合格", demands="补训", contact="王科长")
    one = Rectification.objects.get()

    assert one.serial in page(house.manager, "/")
    assert "确认收到" in stories.seen(house.manager, "rectification", one.pk)
    mine = stories.seen(person.registration.candidate, "rectification", one.pk)
    assert "通知内容" in mine and "确认收到" not in mine
    assert one.serial in page(person.registration.candidate, "/")
    send(house.manager, "rectification_acknowledge", one.pk)
    half = send(
        house.manager, "rectification_report", one.pk, measures="自查", topic_1="法规", on_1="2026-11-02"
    )
    assert (half.status_code, "写全" in half.content.decode()) == (422, True)
    file = SimpleUploadedFile("签到表.png", a_picture())
    lesson = {"topic_1": "法规", "on_1": "2026-11-02", "hours_1": "2", "teacher_1": "钱工"}
    sent = send(house.manager, "rectification_report", one.pk, measures="自查", file=file, **lesson)
    assert sent.status_code == 302
    assert Report.objects.get().training == [
        {"topic": "法规", "on": "2026-11-02", "hours": "2", "teacher": "钱工"}
    ]
    shown = stories.seen(house.district, "rectification", one.pk)
    assert "签到表.png" in shown and "登记复查意见" in shown
    kept = Evidence.objects.get()
    assert f"/files/{kept.pk}/" in shown
    assert "签到表" not in stories.seen(person.registration.candidate, "rectification", one.pk)

    send(house.district, "rectification_recheck", one.pk, found="齐全", is_accepted="1")
    send(house.district, "rectification_strike_off", one.pk)
    assert failing.row(one).state == "accepted"
    send(house.city, "rectification_strike_off", one.pk)
    assert failing.row(one).state == "closed"
    now = timezone.localtime()
    times = {"opens_at": now - timedelta(minutes=2), "closes_at": now + timedelta(hours=1)}
    stories.posted(
        house.district, "retake", check, **{name: at.strftime(TIMES) for name, at in times.items()}
    )
    [again] = failing.called(check, 1)
    stories.sat(again, 1)
    stories.posted(house.district, "retake_conclude", check)
    stories.posted(house.city, "close", check)
    check.refresh_from_db()
    assert check.state == "published"  # what the retake came to is not told yet
    stories.posted(house.district, "minutes_draw_up", check)
    failing.confirmed(again)
    stories.posted(house.city, "publish", check, round=1)
    assert "异议期到" in stories.seen(house.city, "check", check.code)
    moment = timezone.now() + failing.LATER
    monkeypatch.setattr(timezone, "now", lambda: moment)
    stories.posted(house.city, "close", check)
    check.refresh_from_db()
    assert check.state == "closed"


def test_the_notice_is_printed_in_chinese_with_its_proof_of_service(house):
    one = failing.served(house, failing.called(failing.failed(house))[1])
    client = Client()
    client.force_login(house.manager)
    client.post("/i18n/setlang/", {"language": "en"})
    answer = client.get(reverse("supervision:rectification_pdf", args=[one.pk]))
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert AuditEvent.objects.filter(action="rectification.printed", actor=house.manager).count() == 1


def test_what_waits_is_an_alert_of_the_enterprise_and_counted_for_the_organ(house):
    one = failing.issued(house, failing.called(failing.failed(house))[1])
    assert "待提交整改报告" in page(house.manager, reverse("people:alerts"))
    Rectification.objects.filter(pk=one.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    alerts = page(house.manager, reverse("people:alerts"))
    assert "已经逾期" in alerts and reverse("supervision:rectification", args=[one.pk]) in alerts
    assert "未销号的整改通知书" in page(house.district, "/")
    assert one.serial in stories.seen(house.district, "overdue")
    assert one.serial in page(house.district, reverse("people:enterprise", args=[house.jinhai.uscc]))
    assert one.serial not in page(house.stranger_manager, "/")


def test_the_pages_cost_the_same_for_many(house):
    check = failing.failed(house, (0, 0, 0, 0, 0))
    people = failing.called(check)
    client = Client()
    client.force_login(house.district)
    first = failing.issued(house, people[0])
    addresses = [
        reverse("supervision:check", args=[check.code]),
        reverse("supervision:rectifications"),
        reverse("supervision:overdue"),
        reverse("supervision:rectification", args=[first.pk]),
        reverse("people:enterprise", args=[house.jinhai.uscc]),
        "/",
    ]

    def cost():
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as told:
                client.get(address)
            found.append(len(told))
        return found

    cost()
    few = cost()
    for one in people[1:]:
        failing.issued(house, one)
    Rectification.objects.update(serve_by=timezone.localdate() - timedelta(days=1))
    assert cost() == few


def test_a_retake_is_told_by_its_name_and_the_sitting_before_it_is_owed_no_more(house):
    check = failing.published(failing.failed(house, (1, 0)))
    person = failing.called(check)[1].registration.candidate
    assert "<article" not in page(person, "/"), "sat once, and nothing left to do"
    failing.retake(house, check)
    seen = stories.seen(house.district, "check", check.code)
    assert "下一步：整改、补考，然后归档" in seen
    assert '结束补考并登记结果</button><span class="why-not">还有 1 人没有作答' in seen
    send(house.district, "notices_issue", check.code, bring="身份证", contact="王科长")
    home = page(person, "/")
    assert home.count("<article") == 1
    assert re.findall(r"<h2>(.*补考 1.*)</h2>", home) == [f"{check.name}（补考 1）"]
    one = SpotNotice.objects.get()
    assert one.subject == f"{check.name}（补考 1）" and one.subject in page(house.manager, "/")
