"""The page that brings a file into a bank: a preview, then the commit."""

import io
import os

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Role, RoleGrant
from exams.models import ItemRevision
from exams.tests.bank_stories import SAMPLE, make_bank


@pytest.fixture
def bank(cast, settings, tmp_path):
    """An empty bank, in a house with a room of its own for uploads."""
    settings.MEDIA_ROOT = tmp_path
    return make_bank(cast)


def test_an_import_is_previewed_and_then_committed(cast, bank, as_user):
    client, url = as_user(cast.editor), reverse("exams:import", args=["general"])
    preview = client.post(url, {"file": SimpleUploadedFile("sample.csv", SAMPLE.read_bytes())})
    assert (preview.context["outcome"].stored_rows, bank.items.count()) == (40, 0)

    client.post(url, {"token": preview.context["token"]})

    assert bank.items.count() == preview.context["outcome"].new
    before = bank.items.count()
    again = client.post(url, {"token": preview.context["token"]})
    assert again.context["form"].errors == {"__all__": ["暂存的文件已过期或已导入，请重新上传。"]}
    assert (again.context["token"], bank.items.count()) == ("", before)


def test_a_preview_is_kept_sealed_for_its_bank_and_for_a_while(cast, bank, as_user, tmp_path):
    client, url = as_user(cast.editor), reverse("exams:import", args=["general"])
    other = reverse("exams:import", args=[make_bank(cast, "other").code])

    def previewed():
        page = client.post(url, {"file": SimpleUploadedFile("sample.csv", SAMPLE.read_bytes())})
        return page.context["token"]

    def committed(url, token):
        page = client.post(url, {"token": token})
        return page.context["form"].non_field_errors() if page.context else []

    gone = ["暂存的文件已过期或已导入，请重新上传。"]
    token = previewed()
    kept = [path.read_bytes() for path in (tmp_path / "imports").iterdir()]
    assert not [one for one in kept if "题目编号".encode() in one]
    assert committed(other, token) == gone
    for path in (tmp_path / "imports").iterdir():
        os.utime(path, (0, 0))
    assert committed(url, token) == gone
    assert [*(tmp_path / "imports").iterdir()] == []
    assert committed(url, "../../secret") == gone
    assert not ItemRevision.objects.exists()
    assert committed(url, previewed()) == []
    assert ItemRevision.objects.exists()


def test_a_preview_belongs_to_the_person_who_uploaded_it(cast, bank, as_user, client):
    other = RoleGrant.objects.create(
        user=cast.admin, role=Role.EDITOR, unit=cast.city_organ, starts_on="2025-01-06"
    ).user
    url = reverse("exams:import", args=["general"])
    preview = as_user(cast.editor).post(url, {"file": SimpleUploadedFile("sample.csv", SAMPLE.read_bytes())})
    as_user(other).post(url, {"token": preview.context["token"]})
    assert not bank.items.exists()


def test_a_bad_file_shows_row_column_and_advice(cast, bank, as_user):
    file = SimpleUploadedFile("bad.csv", "题目编号,题型,题干,正确答案\nX,判断,题。,也许\n".encode())
    page = as_user(cast.editor).post(reverse("exams:import", args=["general"]), {"file": file})
    assert page.context["problems"] == [
        {
            "row": 2,
            "column": "正确答案",
            "message": "判断题的答案“也许”无法识别",
            "suggestion": "请改为正确或错误",
        }
    ]
    assert page.context["token"] == ""


def test_a_nul_in_a_search_or_a_form_is_refused_before_any_database_sees_it(cast, bank, as_user):
    client = as_user(cast.editor)
    refused = client.get(reverse("exams:export", args=["general", "csv"]), {"q": "题\0"})
    assert refused.status_code == 400
    assert "系统没有接受，什么也没有改变" in refused.content.decode()
    assert client.post(reverse("exams:import", args=["general"]), {"token": "a\0"}).status_code == 400


def test_a_workbook_that_reaches_too_far_is_told_beside_the_field(cast, bank, as_user):
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.add_worksheet().write(1048575, 16383, "远")
    file = SimpleUploadedFile("far.xlsx", made.getvalue())
    page = as_user(cast.editor).post(reverse("exams:import", args=["general"]), {"file": file})
    assert page.context["form"].errors["file"] == [
        "工作表用到第 1048576 行、第 16384 列，超过上限（20001 行、60 列）。"
        "请删除多余的行和列（包括只有格式的空单元格），或分成几个文件再上传。"
    ]
