"""The archive of a whole enterprise: cover, people in parts, sheets; made by the worker where they are many, kept a few days."""

import io
import os
import re
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pypdf
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import Post, User
from audit.models import AuditEvent
from audit.transitions import Refused, move
from courses import tasks_files
from courses.actions import file_exports as exports
from courses.actions import planning
from courses.models import FileExport, TrainingFile
from courses.queries.file_exports import path_of, room
from courses.tests import stories

STATES = ("waiting", "done", "failed")
LEGAL = {("waiting", "done"), ("waiting", "failed")}


@pytest.fixture(autouse=True)
def kept_here(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def this_year():
    return timezone.localdate().year


def words(data):
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def people_sheet(archive):
    book = CalamineWorkbook.from_filelike(io.BytesIO(archive.read("training.xlsx")))
    return book.get_sheet_by_name("人员").to_python()


def ask(client, cast, year=None):
    return client.post(
        reverse("courses:files_ask", args=[cast.jinhai.uscc, year or this_year()]), follow=True
    )


def listed(client, cast):
    return client.get(reverse("courses:files_of", args=[cast.jinhai.uscc])).content.decode()


def test_a_manager_takes_everybody_s_files_with_a_cover_and_sheets(cast, as_user):
    stories.finish(stories.enrolled(cast, stories.published(cast, minutes=(1,))))
    client = as_user(cast.manager)
    assert "培训档案已生成" in ask(client, cast).content.decode()
    export = FileExport.objects.get()
    answer = client.get(reverse("courses:files_take", args=[cast.jinhai.uscc, export.pk]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert sorted(archive.namelist()) == ["000-cover.pdf", "001-files.pdf", "training.xlsx"]
    cover, people = words(archive.read("000-cover.pdf")), words(archive.read("001-files.pdf"))
    for said in ("企业培训档案", cast.jinhai.uscc, "应配3个岗位，已配3个，持有效合格证明1个。", "本年度任职人数3人", "本年度没有登记培训计划。", "王雨晨", "李䶮", "欧阳海"):  # fmt: skip
        assert said in cover
    serials = {row.serial for row in TrainingFile.objects.exclude(person=None)}
    assert len(serials) == 3 and all(serial in people for serial in serials)
    assert len(people_sheet(archive)) == 4
    told = dict(AuditEvent.objects.filter(action__startswith="training_files").values_list("action", "data"))
    assert told["training_files.exported"] == {"digest": export.digest, "year": this_year(), "people": 3}


def test_no_full_number_leaves_the_house(cast, as_user):
    ask(as_user(cast.manager), cast)
    archive = zipfile.ZipFile(path_of(FileExport.objects.get()))
    text = words(archive.read("000-cover.pdf")) + words(archive.read("001-files.pdf"))
    text += "".join(cell for row in people_sheet(archive) for cell in row)
    for user in (cast.officer, cast.director, cast.principal):
        assert user.id_mask in text and user.id_number not in text and user.phone not in text


def test_many_go_to_the_worker_who_says_how_far_he_is(cast, as_user, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    asked, task = [], tasks_files.make_export
    monkeypatch.setattr(tasks_files, "make_export", SimpleNamespace(enqueue=asked.append))
    client = as_user(cast.manager)
    assert "正在后台生成" in ask(client, cast).content.decode()
    export = FileExport.objects.get()
    assert (asked, export.state) == ([export.pk], "waiting")
    assert "已完成 0 / 3 人" in listed(client, cast)
    assert "正在生成，请稍候" in ask(client, cast).content.decode()
    assert FileExport.objects.count() == 1
    assert task.call(export.pk) == "done"
    export.refresh_from_db()
    assert (export.done, export.state) == (3, "done")
    task.call(export.pk)  # a second worker finds it made
    assert AuditEvent.objects.filter(action="fileexport.done").count() == 1


def test_people_come_in_parts(cast, monkeypatch):
    monkeypatch.setattr(exports, "A_PART", 2)
    export = exports.make(exports.ask(cast.jinhai, this_year(), by=cast.manager))
    with zipfile.ZipFile(path_of(export)) as archive:
        assert [name for name in archive.namelist() if name.endswith("files.pdf")] == [
            "001-files.pdf",
            "002-files.pdf",
        ]
        assert [len(pypdf.PdfReader(io.BytesIO(archive.read(f"00{n}-files.pdf"))).pages) for n in (1, 2)] == [
            2,
            1,
        ]


def test_what_fails_leaves_no_file_and_says_so(cast, as_user, monkeypatch):
    def broken(*some, **more):
        raise OSError("disk")

    monkeypatch.setattr(exports.printing_files, "workbook", broken)
    export = exports.ask(cast.jinhai, this_year(), by=cast.manager)
    with pytest.raises(OSError, match="disk"):
        exports.make(export)
    export.refresh_from_db()
    assert (export.state, list(room().iterdir())) == ("failed", [])
    assert "生成失败" in listed(as_user(cast.manager), cast)
    monkeypatch.undo()
    exports.ask(cast.jinhai, this_year(), by=cast.manager)  # and one may ask again


def test_an_empty_year_is_refused_with_a_sentence(cast, as_user):
    assert "没有任职人员" in ask(as_user(cast.manager), cast, 2020).content.decode()
    with pytest.raises(Refused):
        exports.ask(cast.jinhai, 2020, by=cast.manager)


def test_after_its_days_the_archive_goes_and_the_row_stays(cast, as_user):
    export = exports.make(exports.ask(cast.jinhai, this_year(), by=cast.manager))
    path = path_of(export)
    old = (timezone.now() - timedelta(days=exports.KEPT_DAYS + 1)).timestamp()
    os.utime(path, (old, old))
    tasks_files.clear_exports.call()
    assert not path.exists() and FileExport.objects.get().digest
    client = as_user(cast.manager)
    answer = client.get(reverse("courses:files_take", args=[cast.jinhai.uscc, export.pk]), follow=True)
    assert "已过保存期" in answer.content.decode()


def test_the_archive_of_one_enterprise_is_not_found_under_another(cast, as_user):
    export = exports.make(exports.ask(cast.jinhai, this_year(), by=cast.manager))
    for user, uscc in (
        (cast.stranger_manager, cast.hengtong.uscc),
        (cast.stranger_manager, cast.jinhai.uscc),
    ):
        assert as_user(user).get(reverse("courses:files_take", args=[uscc, export.pk])).status_code == 404
    assert (
        as_user(cast.officer)
        .get(reverse("courses:files_take", args=[cast.jinhai.uscc, export.pk]))
        .status_code
        == 403
    )


def test_the_cover_alone_is_one_page_and_names_the_plans(cast, as_user):
    soon = timezone.localdate() + timedelta(days=20)
    for title in ("年度全员培训", "还是草稿"):
        plan = planning.draft(cast.jinhai, by=cast.manager, year=this_year(), title=title)
        planning.add_entry(
            plan,
            by=cast.manager,
            course=stories.published(cast, f"c{plan.pk}"),
            post_kinds=["officer"],
            due_on=soon,
        )
        if title == "年度全员培训":
            planning.put_in_force(plan, by=cast.manager)
    answer = as_user(cast.station).get(reverse("courses:files_cover", args=[cast.jinhai.uscc, this_year()]))
    assert len(pypdf.PdfReader(io.BytesIO(answer.content)).pages) == 1
    told = words(answer.content)
    assert "年度全员培训" in told and "1人" in told and "执行中" in told and "还是草稿" not in told
    assert AuditEvent.objects.get(action="training_file.cover_printed").actor_name == "周正"


def test_a_regulator_of_many_finds_the_enterprise_and_a_manager_is_sent_to_hers(cast, as_user):
    address = reverse("courses:files")
    assert as_user(cast.manager).get(address).url == reverse("courses:files_of", args=[cast.jinhai.uscc])
    client = as_user(cast.city)
    assert {"津海电动车有限公司", "恒通燃气具商行"} <= set(
        re.findall(r"津海电动车有限公司|恒通燃气具商行", client.get(address).content.decode())
    )
    found = client.get(address, {"q": "恒通"}).content.decode()
    assert "恒通燃气具商行" in found and "津海电动车有限公司" not in found
    assert "没有符合条件的企业" in client.get(address, {"q": "无此企业"}).content.decode()


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_the_moves_of_an_export_are_those_of_its_table(cast, before, after):
    digest = "x" if before == "done" else ""
    export = FileExport.objects.create(
        enterprise=cast.jinhai, year=2026, by=cast.manager, state=before, digest=digest
    )
    if (before, after) in LEGAL:
        assert move(export, to=after, by=cast.manager, digest="x").state == after
    else:
        with pytest.raises(Refused):
            move(export, to=after, by=cast.manager)


def test_an_archive_that_is_done_has_its_digest(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        FileExport.objects.create(enterprise=cast.jinhai, year=2026, by=cast.manager, state="done")


def test_whoever_left_during_the_year_is_among_the_people_and_whoever_came_later_is_not(cast, as_user):
    left = User.objects.create_user("left", name="离任者")
    Post.objects.create(
        person=left, enterprise=cast.jinhai, kind="officer", appointed_on="2023-05-01", ended_on="2024-02-01"
    )
    client = as_user(cast.manager)
    address = reverse("courses:files_of", args=[cast.jinhai.uscc])
    shown = {
        year: "离任者" in client.get(address, {"year": year}).content.decode()
        for year in (2022, 2023, 2024, 2025)
    }
    assert shown == {2022: False, 2023: True, 2024: True, 2025: False}
