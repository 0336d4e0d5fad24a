"""Long workbooks: brought in by the background worker, shown as they go, taken back from the page."""

import re
from unittest.mock import Mock, patch

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import actions, queries, tasks, telling, uploads
from accounts.actions import importing
from accounts.models import Import, Post, User
from accounts.tests.sheets import csv_bytes, row, table
from accounts.views import imports as views
from audit.labels import LABELS
from audit.models import AuditEvent
from operations import actions as operations
from operations.tests.stories import work_off


@pytest.fixture(autouse=True)
def short_is_long(monkeypatch, settings, tmp_path):
    """Two rows are a long file here."""
    monkeypatch.setattr(views, "MOST_AT_ONCE", 1)
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def confirm(cast, as_user):
    """Upload as the station, look, confirm; gives the client, the address of the preview and the import."""

    def confirm(*rows):
        client = as_user(cast.station)
        file = SimpleUploadedFile("long.csv", csv_bytes(table(*rows)))
        preview = client.post(reverse("people:import"), {"file": file}).url
        client.get(preview)
        answer = client.post(preview)
        return client, preview, Import.objects.get(), answer

    return confirm


def page(client, one):
    return client.get(reverse("people:import_run", args=[one.pk])).content.decode()


def test_a_long_file_waits_for_the_worker_and_the_page_tells_how_far_it_is(cast, confirm):
    client, _preview, one, answer = confirm(row(1), row(2))
    assert answer.url == reverse("people:import_run", args=[one.pk])
    assert (one.state, one.by, one.counts, Post.objects.filter(person__name="新员1").exists()) == (
        "waiting",
        cast.station,
        {"rows": 2},
        False,
    )
    text = page(client, one)
    assert ("等待后台处理" in text, 'hx-trigger="every 1s"' in text, "后台处理没有在运行" in text) == (
        True,
        True,
        True,
    )
    uploads.note(one.token, "people")
    text = page(client, one)
    assert ("登记人员" in text, re.search(r'value="45" max="100"', text) is not None) == (True, True)
    work_off()
    text = page(client, one)
    assert ('hx-trigger="every 1s"' in text, "新人员" in text, "撤销这次导入" in text) == (False, True, True)
    one.refresh_from_db()
    assert (one.state, one.counts["new_people"], one.file_name, uploads.kept(cast.station, one.token)) == (
        "done",
        2,
        "long.csv",
        None,
    )
    assert list(
        AuditEvent.objects.filter(target=f"accounts.import:{one.pk}")
        .order_by("pk")
        .values_list("action", flat=True)
    ) == ["import.waiting", "people.imported", "import.done"]


def test_pressed_twice_it_is_one_import(cast, confirm):
    client, preview, one, _answer = confirm(row(1), row(2))
    assert client.post(preview).url == reverse("people:import_run", args=[one.pk])
    work_off()
    assert client.post(preview).url == reverse("people:import_run", args=[one.pk])
    assert (Import.objects.count(), DBTaskResult.objects.count()) == (1, 1)


def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_one_does_it_all(
    cast, confirm, monkeypatch
):
    _client, _preview, one, _answer = confirm(row(1), row(2))

    def dies(made, by):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_enter_posts", dies)
        with pytest.raises(SystemExit):
            tasks.carry_out.call(one.pk)
    assert (User.objects.filter(name__startswith="新员").count(), Import.objects.get().state) == (
        0,
        "waiting",
    )
    assert (tasks.carry_out.call(one.pk), tasks.carry_out.call(one.pk)) == ("done", "done")
    assert User.objects.filter(name__startswith="新员").count() == 2


def test_what_changed_since_the_look_is_told_and_nothing_is_written(cast, confirm):
    client, preview, one, _answer = confirm(row(1), row(2))
    taken = cast.stranger
    taken.phone = row(2)[10]
    taken.save()
    work_off()
    assert (Import.objects.get().state, User.objects.filter(name__startswith="新员").count()) == (
        "refused",
        0,
    )
    text = page(client, one)
    assert ("数据有了变化" in text, f'href="{preview}"' in text) == (True, True)
    taken.phone = ""
    taken.save()
    assert client.post(preview).url == reverse("people:import_run", args=[Import.objects.latest("pk").pk])
    work_off()
    assert list(Import.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "done"]


def test_a_file_that_is_gone_and_a_person_who_was_shut_out_bring_nothing_in(cast, confirm):
    _client, _preview, one, _answer = confirm(row(1), row(2))
    User.objects.filter(pk=cast.station.pk).update(is_active=False)
    assert tasks.carry_out.call(one.pk) == "refused"
    assert Import.objects.get().refusal == "导入人的账号已停用。"
    Import.objects.update(state="waiting")
    User.objects.filter(pk=cast.station.pk).update(is_active=True)
    uploads.drop(one.token)
    assert (tasks.carry_out.call(one.pk), Import.objects.get().refusal) == (
        "refused",
        "暂存的文件已过期，请重新上传。",
    )


def test_it_is_taken_back_from_the_page_and_the_list_tells_both(cast, confirm, as_user):
    client, _preview, one, _answer = confirm(row(1), row(2))
    work_off()
    assert "可撤销" in client.get(reverse("people:imports")).content.decode()
    answer = client.post(reverse("people:import_undo", args=[one.pk]), follow=True).content.decode()
    assert ("正在撤销这次导入" in answer, 'hx-trigger="every 1s"' in answer, "确定撤销" in answer) == (
        True,
        True,
        False,
    )
    work_off()
    assert "下面是当时导入的数量" in page(client, one)
    assert (Post.objects.filter(person__name="新员1").exists(), Import.objects.get().state) == (
        False,
        "undone",
    )
    assert "可撤销" not in client.get(reverse("people:imports")).content.decode()
    other = as_user(cast.other_district)
    assert other.get(reverse("people:import_run", args=[one.pk])).status_code == 404
    assert "long.csv" not in other.get(reverse("people:imports")).content.decode()


def test_a_long_import_that_was_built_upon_comes_back_with_the_reason(cast, confirm):
    client, _preview, one, _answer = confirm(row(1), row(2))
    work_off()
    actions.issue_password(User.objects.get(name="新员1"), by=cast.admin, on=timezone.localdate())
    client.post(reverse("people:import_undo", args=[one.pk]))
    work_off()
    text = page(client, one)
    assert ("发放一次性密码 1 项" in text, "撤销这次导入" in text, Import.objects.get().state) == (
        True,
        True,
        "done",
    )


def test_the_reason_is_told_in_the_language_of_whoever_reads_it(cast, confirm):
    client, _preview, one, _answer = confirm(row(1), row(2))
    work_off()
    actions.issue_password(User.objects.get(name="新员1"), by=cast.admin, on=timezone.localdate())
    client.post(reverse("people:import_undo", args=[one.pk]))
    work_off()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    text = page(client, one)
    assert "One-time password issued (1)" in text
    assert "发放一次性密码" not in text
    assert "发放一次性密码 1 项" in AuditEvent.objects.get(action="import.undo_refused").data["why"]


def test_a_reason_of_many_kinds_fits_into_its_column_and_names_the_most():
    since = dict.fromkeys(sorted(LABELS, key=len, reverse=True)[:9], 99999999)
    kept = telling.keep(since)
    assert len(kept) <= Import._meta.get_field("refusal").max_length
    assert telling.refusal(kept) == telling.built_upon(since)
    assert telling.refusal("") == ""


carry_out = importing.carry_out


class Broken(Exception):
    """What the worker meets."""


@pytest.fixture
def broken(settings):
    """Let the worker fail at its work, and give up at once; gives what mends it."""
    settings.TASK_TRIES = 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "carry_out", Mock(side_effect=Broken))
        patch.setattr(tasks, "undo_import", Mock(side_effect=Broken))
        yield patch.undo


def listed(client):
    return client.get(reverse("people:imports")).content.decode()


def test_an_import_that_the_worker_gave_up_says_so_and_is_tried_again(cast, confirm, broken):
    client, _preview, one, _answer = confirm(row(1), row(2))
    again = reverse("people:import_again", args=[one.pk])
    assert ("导入未完成" in page(client, one), again in page(client, one)) == (False, False)
    work_off()
    text = page(client, one)
    assert ("导入未完成" in text, again in text, 'hx-trigger="every 1s"' in text) == (True, True, False)
    assert ("导入未完成" in listed(client), "等待导入" in listed(client)) == (True, False)
    broken()
    assert [client.post(again).url for _press in range(2)] == [
        reverse("people:import_run", args=[one.pk])
    ] * 2
    assert "等待后台处理" in page(client, one)
    assert (work_off(), Import.objects.get().state, DBTaskResult.objects.count()) == (1, "done", 1)
    assert AuditEvent.objects.filter(action="import.again").count() == 1
    client.post(again)
    assert (work_off(), Import.objects.get().state) == (0, "done")


def test_or_it_is_left_and_the_file_may_be_brought_once_more(cast, confirm, broken):
    client, preview, one, _answer = confirm(row(1), row(2))
    leave = reverse("people:import_leave", args=[one.pk])
    client.post(leave)
    assert Import.objects.get().state == "waiting"  # somebody still works on it
    work_off()
    client.post(leave)
    client.post(leave)
    text = page(client, one)
    assert ("什么都没有写入" in text, f'href="{preview}"' in text) == (True, True)
    assert [e.data["after"] for e in AuditEvent.objects.filter(action="import.refused")] == ["refused"]
    broken()
    operations.again(DBTaskResult.objects.get(), by=cast.admin)  # an operator who comes too late does no harm
    work_off()
    assert (Import.objects.get().state, Post.objects.filter(person__name="新员1").exists()) == (
        "refused",
        False,
    )
    client.post(preview)
    work_off()
    assert list(Import.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "done"]


def test_without_its_file_it_can_only_be_left(cast, confirm, broken):
    client, _preview, one, _answer = confirm(row(1), row(2))
    work_off()
    uploads.drop(one.token)
    text = page(client, one)
    assert (reverse("people:import_again", args=[one.pk]) in text, "不能再试" in text) == (False, True)
    client.post(reverse("people:import_leave", args=[one.pk]))
    assert reverse("people:import") in page(client, one)


def test_an_undo_that_the_worker_gave_up_is_left_or_tried_again(cast, confirm, broken):
    client, _preview, one, _answer = confirm(row(1), row(2))
    undo, leave = (reverse(f"people:import_{act}", args=[one.pk]) for act in ("undo", "leave"))
    with patch.object(importing, "carry_out", carry_out):
        work_off()
    client.post(undo)
    work_off()
    assert "撤销未完成" in page(client, one)
    client.post(leave)
    text = page(client, one)
    assert ("撤销已被放弃" in text, "确定撤销" in text, Import.objects.get().state) == (True, True, "done")
    client.post(undo)
    assert "撤销未完成" not in page(client, one)  # what was given up before was another try
    work_off()
    assert "撤销未完成" in listed(client)
    broken()
    client.post(reverse("people:import_again", args=[one.pk]))
    assert (work_off(), Import.objects.get().state) == (1, "undone")


def test_of_another_one_hears_nothing(cast, confirm, broken, as_user):
    _client, _preview, one, _answer = confirm(row(1), row(2))
    work_off()
    for name in ("people:import_again", "people:import_leave"):
        assert as_user(cast.other_district).post(reverse(name, args=[one.pk])).status_code == 404
    assert Import.objects.get().state == "waiting"


def test_a_list_with_nothing_that_waits_asks_nothing_of_the_queue(cast, confirm, django_assert_num_queries):
    confirm(row(1), row(2))
    work_off()
    with django_assert_num_queries(0):
        assert queries.given_up([Import(pk=1, state="done")]) == set()


def test_a_short_import_is_taken_back_at_once(cast, confirm, monkeypatch):
    client, _preview, one, _answer = confirm(row(1), row(2))
    work_off()
    monkeypatch.setattr(views, "MOST_AT_ONCE", 2)
    answer = client.post(reverse("people:import_undo", args=[one.pk]), follow=True)
    assert "导入已撤销，数据与导入前一致。" in answer.content.decode()
