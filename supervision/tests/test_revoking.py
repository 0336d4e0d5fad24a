"""A notice whose outcome was changed: it asks for nothing any more, is owed a revocation, and is told to be revoked."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import RecordEntry
from audit.models import AuditEvent
from audit.transitions import Refused
from supervision.actions import checks, publishing, rectifying, retaking, sittings
from supervision.models import Rectification, Revocation
from supervision.queries import failures
from supervision.tests import failing, stories
from supervision.tests.test_failure_pages import page, send


@pytest.fixture
def house(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return failing.house(cast)


def test_as_soon_as_the_outcome_is_changed_the_notice_asks_for_nothing_and_is_owed_its_revocation(house):
    check = failing.published(failing.failed(house, (1, 0)))
    examinee = failing.called(check)[1]
    one = failing.served(house, examinee)
    long_after = timezone.localdate() + timedelta(days=60)
    assert [row.what for row in failures.late_for(house.city, long_after) if row.rectification] == ["report"]
    with pytest.raises(Refused, match=r"结果仍为“不合格”.*有依据，不能撤销"):
        rectifying.revoke(one, by=house.city, why="企业请求")

    failing.amended(house, examinee)
    assert [row for row in failures.late_for(house.city, long_after) if row.rectification] == []
    assert list(Rectification.objects.waiting()) == []
    assert list(Rectification.objects.groundless()) == list(Rectification.objects.open()) == [one]
    with pytest.raises(Refused, match=r"已更改为“合格”.*不再有依据"):
        rectifying.report(one, by=house.manager, measures="整改")
    assert "等待撤销" in stories.seen(house.manager, "rectification", one.pk)
    assert one.serial not in page(house.manager, reverse("people:alerts"))
    assert f"{one.serial} 已无依据，还没有撤销" in failures.why_not_close(check, house.city)
    assert "待撤销" in page(house.district, "/")
    owed = page(house.district, reverse("supervision:rectifications") + "?state=groundless")
    assert one.serial in owed and "已送达 · 待撤销" in owed


def test_another_than_who_issued_it_revokes_it_with_a_reason_and_both_are_told(house):
    check = failing.published(failing.failed(house, (1, 0)))
    examinee = failing.called(check)[1]
    person = examinee.registration.candidate
    one = failing.issued(house, examinee)
    failing.amended(house, examinee)
    assert "签发通知书的人不能撤销它" in stories.seen(house.district, "rectification", one.pk)
    with pytest.raises(Refused, match="签发通知书的人不能撤销它"):
        rectifying.revoke(one, by=house.district, why="结果已更改")
    send(house.city, "rectification_revoke", one.pk, why=" ")
    assert failing.row(one).state == "issued"
    send(house.city, "rectification_revoke", one.pk, why="异议成立，改为合格")
    row, year = Revocation.objects.get(), timezone.localdate().year
    assert (failing.row(one).state, row.serial, row.by, row.outcome.conclusion) == (
        "revoked", f"整改撤〔{year}〕1号", house.city, "passed",
    )  # fmt: skip
    with pytest.raises(Refused, match="已经撤销"):
        rectifying.revoke(one, by=house.city, why="再次")
    with pytest.raises(IntegrityError), transaction.atomic():
        Revocation.objects.update(why="改")

    for reader in (house.manager, person):
        assert "整改通知书已撤销" in page(reader, "/")
        shown = stories.seen(reader, "rectification", one.pk)
        assert "异议成立，改为合格" in shown and row.serial in shown and "确认收到" not in shown
    assert "整改通知书已撤销" not in page(house.stranger_manager, "/")
    assert "已撤销" in page(house.district, reverse("people:enterprise", args=[house.jinhai.uscc]))
    entry = RecordEntry.objects.filter(person=person, subject=f"rectification:{one.pk}").latest("number")
    assert (entry.title, entry.facts["revocation"]) == (f"{one.serial}：已撤销", row.serial)


def test_a_revocation_is_told_on_the_first_screens_for_thirty_days(house, monkeypatch):
    one = failing.revoked(house, failing.called(failing.failed(house))[1])
    late = timezone.now() + timedelta(days=31)
    monkeypatch.setattr(timezone, "now", lambda: late)
    assert "整改通知书已撤销" not in page(house.manager, "/")
    assert one.serial in stories.seen(house.manager, "rectifications")


def test_the_revocation_is_printed_for_whoever_sees_the_notice_and_only_once_it_is(house):
    check = failing.failed(house)
    examinee = failing.called(check)[1]
    one, client = failing.issued(house, examinee), Client()
    client.force_login(examinee.registration.candidate)
    address = reverse("supervision:rectification_revocation", args=[one.pk])
    assert client.get(address).status_code == 404
    failing.excused(house, examinee)
    rectifying.revoke(one, by=house.city, why="住院证明属实")
    answer = client.get(address)
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert AuditEvent.objects.filter(action="rectification.revocation_printed").count() == 1
    client.force_login(house.stranger_manager)
    assert client.get(address).status_code == 404


def test_a_case_with_revoked_notices_is_closed(house):
    check = failing.published(failing.failed(house, (1, 0)))
    examinee = failing.called(check)[1]
    one = failing.issued(house, examinee)
    failing.amended(house, examinee)
    failing.confirmed(examinee)
    publishing.correct(check, by=house.city, why="评分有误")
    late = timezone.now() + failing.LATER
    with pytest.raises(Refused, match="已无依据，还没有撤销"):
        retaking.close(check, by=house.city, now=late)
    rectifying.revoke(one, by=house.city, why="评分有误，改为合格")
    assert retaking.close(check, by=house.city, now=late).state == "closed"


def test_a_notice_that_was_struck_off_is_revoked_all_the_same_and_keeps_its_stamps(house):
    examinee = failing.called(failing.failed(house))[1]
    one = failing.closed(house, examinee)
    failing.amended(house, examinee)
    rectifying.revoke(one, by=house.city, why="评分有误")
    one = failing.row(one)
    assert (one.state, one.closed_by) == ("revoked", house.city)


def test_after_a_revocation_another_notice_may_be_issued_if_the_outcome_is_changed_back(house):
    check = failing.failed(house)
    examinee = failing.called(check)[1]
    failing.revoked(house, examinee)
    with pytest.raises(Refused, match="不需要整改"):
        failing.issued(house, examinee)
    sittings.amend(examinee, by=house.city, why="证明系伪造", conclusion="failed")
    failing.confirmed(examinee)
    again = failing.issued(house, examinee)
    assert (again.number, again.state) == (2, "issued")
    with pytest.raises(Refused, match="已经发出"):
        failing.issued(house, examinee)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rectification.objects.filter(state="revoked").update(state="issued")
    assert failures.of_check(check)[examinee.pk] == again
    shown = stories.seen(house.district, "examinee", check.code, examinee.pk)
    assert "已撤销" in shown and again.serial in shown


def test_the_notices_of_an_abandoned_case_are_neither_open_nor_late_nor_revoked(house):
    check = failing.failed(house, (1, 0, 0))
    _passed, second, third = failing.called(check)
    one = failing.issued(house, second)
    other = failing.issued(house, third)
    failing.amended(house, third)
    assert set(Rectification.objects.open()) == {one, other}
    checks.abandon(check, by=house.district, why="抽取有误")
    assert list(Rectification.objects.open()) == list(Rectification.objects.groundless()) == []
    long_after = timezone.localdate() + timedelta(days=60)
    assert failures.late_for(house.city, long_after) == []
    with pytest.raises(Refused, match="随之失效，不必撤销"):
        rectifying.revoke(other, by=house.city, why="结果已更改")
    person = second.registration.candidate
    assert "与我有关的整改" not in page(person, "/") and one.serial not in page(house.manager, "/")
    listed = reverse("supervision:rectifications")
    assert one.serial not in page(house.district, f"{listed}?state=open")
    assert "已发出 · 案件终止" in page(house.district, listed)
    assert "未销号的整改通知书" not in page(house.district, "/")
