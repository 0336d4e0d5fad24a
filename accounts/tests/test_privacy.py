"""The notice before anything else, one's own data, and who may see what of it."""

import io
import json
import zipfile

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.actions import privacy as acts
from accounts.models import Acceptance, Notice
from audit.models import AuditEvent
from audit.transitions import Refused
from exams.tests import crawling
from tests import build
from tests.people import PASSWORD, id_number, phone

NOTICE, DATA, EXPORT = "/me/notice/", "/me/data/", "/me/data/export/"


@pytest.fixture
def notice(cast):
    return acts.enter_notice("## 谁在处理\n\n<b>本机关</b>", "## Who\n\nThis organ")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_without_a_notice_nobody_is_stopped(cast, as_user):
    assert as_user(cast.officer).get("/me/").status_code == 200


def test_the_notice_comes_before_anything_else_and_once_a_version(cast, notice):
    client = signed_in(cast.officer)
    stopped = client.get("/exams/?when=past")
    assert (stopped.status_code, stopped.url) == (302, f"{NOTICE}?next=%2Fexams%2F%3Fwhen%3Dpast")
    page = client.get(stopped.url).content.decode()
    assert "<h2>谁在处理</h2>" in page and "&lt;b&gt;本机关" in page and 'value="/exams/?when=past"' in page
    assert client.post("/me/elder/", {"elder": "1"}).status_code == 302  # large letters to read it by
    done = client.post(NOTICE, {"number": "1", "next": "/exams/?when=past"}, REMOTE_ADDR="203.0.113.9")
    assert (done.status_code, done.url) == (302, "/exams/?when=past")
    assert client.get("/exams/").status_code == 200
    assert list(Acceptance.objects.values_list("person", "notice__number", "address")) == [
        (cast.officer.pk, 1, "203.0.113.9")
    ]
    assert signed_in(cast.officer).get("/me/").status_code == 200
    assert signed_in(cast.director).get("/me/").status_code == 302
    acts.enter_notice("新的正文", "A new text")
    assert signed_in(cast.officer).get("/me/").status_code == 302


def test_it_stops_whoever_signs_in_by_the_form(cast, notice):
    client = Client()
    client.post(reverse("account_login"), {"login": "officer", "password": PASSWORD})
    assert client.get("/me/").url.startswith(NOTICE)


def test_a_form_of_an_older_version_acknowledges_nothing(cast, notice):
    client = signed_in(cast.officer)
    acts.enter_notice("新的正文", "A new text")
    assert client.post(NOTICE, {"number": "1"}).url == NOTICE
    assert client.post(NOTICE, {"number": "x"}).url == NOTICE
    assert Acceptance.objects.count() == 0


def test_a_foreign_address_is_not_gone_to(cast, notice):
    client = signed_in(cast.officer)
    assert client.post(NOTICE, {"number": "1", "next": "https://evil.example/"}).url == "/"


def test_a_version_to_come_is_not_shown_yet(cast):
    acts.enter_notice("将来", "Later", in_force_from=timezone.now() + timezone.timedelta(days=1))
    client = signed_in(cast.officer)
    assert client.get("/me/").status_code == 200
    assert "目前没有生效的告知" in client.get(NOTICE).content.decode()


def test_whoever_is_sitting_loses_no_answer_by_it(cast, notice):
    room = build.make_session(cast)
    attempt = build.begun(room, cast.officer)
    client = signed_in(cast.officer)
    entries = build.sent(attempt, build.right_entries(attempt))
    save = reverse("exams:save", args=[attempt.pk])
    answer = client.post(save, json.dumps({"entries": entries}), content_type="application/json")
    assert answer.status_code == 200 and answer.json()["last"] == len(entries)
    assert client.get(reverse("exams:sitting", args=[attempt.pk])).status_code == 200
    assert client.get(reverse("exams:session", args=[room.code])).url.startswith(NOTICE)


def test_the_same_texts_make_no_version_and_a_version_never_changes(cast, notice):
    assert acts.enter_notice(" ## 谁在处理\n\n<b>本机关</b>\n", "## Who\n\nThis organ") == notice
    with pytest.raises(Refused):
        acts.enter_notice("只有中文", " ")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Notice.objects.update(text_zh="x")
    accepted = acts.acknowledge(notice, by=cast.officer)
    assert acts.acknowledge(notice, by=cast.officer) == accepted
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Acceptance.objects.filter(pk=accepted.pk).delete()


def said_by(action):
    return list(AuditEvent.objects.filter(action=action).values_list("actor", "target", "data"))


def test_she_sees_who_read_her_numbers_but_not_why(cast, notice):
    actions.reveal(cast.officer, reason="核对举报材料", by=cast.station)
    acts.acknowledge(notice, by=cast.officer)
    page = signed_in(cast.officer).get(DATA).content.decode()
    assert "周正" in page and "核对举报材料" not in page
    assert "第 1 版，已知悉" in page
    assert "满 3 年后清除" in page and "第十三条第一款第三项" in page
    assert id_number(1) not in page and cast.officer.id_mask in page
    acts.acknowledge(notice, by=cast.director)
    assert "周正" not in signed_in(cast.director).get(DATA).content.decode()


def test_her_own_numbers_in_full_want_her_password_and_are_written_down(cast):
    client = signed_in(cast.officer)
    refused = client.post(DATA, {"password": "wrong"})
    assert refused.status_code == 422 and id_number(1) not in refused.content.decode()
    shown = client.post(DATA, {"password": PASSWORD}).content.decode()
    assert id_number(1) in shown and phone(1) in shown
    assert said_by("person.data_viewed") == [(cast.officer.pk, f"accounts.user:{cast.officer.pk}", {})]
    assert len(said_by("person.data_refused")) == 1
    assert id_number(1) not in client.get(DATA).content.decode()


def test_passwords_cannot_be_tried_there(cast):
    client = signed_in(cast.officer)
    for _try in range(5):
        client.post(DATA, {"password": "wrong"})
    assert "15 分钟" in client.post(DATA, {"password": PASSWORD}).content.decode()
    assert said_by("person.data_viewed") == []


def unpacked(answer):
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["my-data.json", "my-data.xlsx"]
        return json.loads(archive.read("my-data.json")), archive.read("my-data.xlsx")


def test_the_export_holds_her_own_data_masked_unless_she_gives_her_password(cast, notice):
    acts.acknowledge(notice, by=cast.officer)
    build.certified(cast, cast.officer)
    client = Client()
    client.post(reverse("account_login"), {"login": "officer", "password": PASSWORD})
    answer = client.post(EXPORT)
    assert answer["Content-Type"] == "application/zip" and "no-store" in answer["Cache-Control"]
    kept, _book = unpacked(answer)
    text = json.dumps(kept, ensure_ascii=False)
    assert kept["account"][0]["id_number"] == cast.officer.id_mask and id_number(1) not in text
    assert [post["enterprise"] for post in kept["posts"]] == ["津海电动车有限公司"]
    assert {"考试成绩", "合格证明"} <= {line["kind"] for line in kept["personnel_file"]}
    assert [one["version"] for one in kept["notices"]] == [1]
    assert [one["act"] for one in kept["sign_ins"]] == ["account.signed_in"]
    assert kept["full_numbers_read_by"] == []
    full, book = unpacked(client.post(EXPORT, {"password": PASSWORD}))
    assert full["account"][0]["id_number"] == id_number(1) and full["account"][0]["phone"] == phone(1)
    assert [one["by"] for one in full["full_numbers_read_by"]] == ["王雨晨"]
    assert id_number(1) in crawling.unpacked(book)
    assert [data for _by, _whose, data in said_by("person.data_exported")] == [
        {"full": False},
        {"full": True},
    ]
    wrong = client.post(EXPORT, {"password": "wrong"})
    assert wrong.status_code == 422
