"""Lists taken away: masked, in full only where one may and for a reason, written down, signed, and harmless to open."""

import io
import zipfile

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts import actions, exporting
from accounts.models import User
from audit.models import AuditEvent
from tests import build
from tests.people import APPOINTED


def sheet(answer):
    """The rows of a workbook, without empty cells at their ends."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    return [row[: max((at + 1 for at, cell in enumerate(row) if cell != ""), default=0)] for row in rows]


def full(client, url, reason="核对参考人员身份", **filters):
    query = "?" + "&".join(f"{name}={value}" for name, value in filters.items())
    return client.post(url + query, {"export": "full", "reason": reason})


@pytest.fixture
def shared(cast):
    """The director also works for the other enterprise, so that her manager may not read her numbers."""
    actions.appoint(
        cast.director, enterprise=cast.hengtong, kind="director", appointed_on=APPOINTED, by=cast.admin
    )


def test_in_full_only_for_those_whose_numbers_one_may_read_and_on_the_record(cast, as_user, shared):
    before = AuditEvent.objects.count()
    answer = full(as_user(cast.manager), "/people/", kind="director")
    everybody = full(as_user(cast.manager), "/people/")
    numbers = {row[0]: (row[1], row[2]) for row in sheet(everybody)[1:-4]}
    assert numbers == {
        cast.officer.name: (cast.officer.id_number, cast.officer.phone),
        cast.principal.name: (cast.principal.id_number, cast.principal.phone),
        cast.director.name: (cast.director.id_mask, cast.director.phone_mask),
    }
    assert [row[1] for row in sheet(answer)[1:-4]] == [cast.director.id_mask]
    lines = list(AuditEvent.objects.order_by("pk")[before:])
    assert [(e.action, e.actor, e.data) for e in lines] == [
        ("people.exported", cast.manager, {
            "rows": 1, "filters": ["kind"], "searched": False, "full": 0, "masked": 1, "why": "核对参考人员身份"}),
        ("people.exported", cast.manager, {
            "rows": 3, "filters": [], "searched": False, "full": 2, "masked": 1, "why": "核对参考人员身份"}),
    ]  # fmt: skip


def test_the_file_says_who_took_it_when_by_which_filters_and_why(cast, as_user):
    client = as_user(cast.manager)
    notes = [row[0] for row in sheet(full(client, "/people/", kind="officer", q="王"))[-3:]]
    assert notes[0].startswith("导出人：赵敏（manager）　时间：20")
    assert notes[1:] == [
        "筛选：搜索；岗位：质量安全员",
        "含 1 人的完整证件号码和手机号，另有 0 人不在可查看之列；理由：核对参考人员身份",
    ]
    masked = client.get("/people/", {"export": "xlsx"})
    assert [row[0] for row in sheet(masked)[-2:]] == ["筛选：无", "证件号码和手机号已隐去中间各位。"]


@pytest.mark.parametrize("how", [{"export": "full", "reason": "看"}, {"export": "full"}])
def test_without_a_reason_there_is_no_file_and_no_line(cast, as_user, how):
    answer = as_user(cast.manager).post("/people/?kind=officer", how)
    assert (answer.status_code, answer["Location"], AuditEvent.objects.count()) == (
        302,
        "/people/?kind=officer",
        0,
    )


@pytest.mark.parametrize("asked", [{"export": "full", "reason": "核对参考人员身份"}, {"export": "xlsx"}])
def test_an_address_alone_never_opens_numbers(cast, as_user, asked):
    content = as_user(cast.manager).get("/people/", asked).content
    text = content.decode() if asked["export"] == "full" else str(CalamineWorkbook.from_filelike(
        io.BytesIO(content)).get_sheet_by_index(0).to_python())  # fmt: skip
    assert (cast.officer.id_mask in text or cast.officer.phone_mask in text, cast.officer.phone in text) == (
        True,
        False,
    )


def test_results_and_certificates_open_in_the_same_way(cast, as_user):
    session = build.make_session(cast)
    build.certified(cast, cast.officer, session=session)
    lists = [reverse("exams:attempts"), reverse("exams:session_results", args=[session.code]), reverse("certificates:certificates")]  # fmt: skip
    for url in lists:
        client = as_user(cast.manager)
        assert [row[1] for row in sheet(full(client, url))[1:-4]] == [cast.officer.id_number]
        assert cast.officer.id_number not in str(sheet(client.get(url, {"export": "xlsx"})))
        foreign = full(as_user(cast.stranger_manager), url)
        assert foreign.status_code == 404 or len(sheet(foreign)) == 5  # the heading and the signature


def test_every_list_of_people_offers_it_on_its_page(cast, as_user):
    session = build.make_session(cast)
    build.certified(cast, cast.officer, session=session)
    client = as_user(cast.manager)
    pages = ["/people/", reverse("exams:attempts"), reverse("exams:session_manage", args=[session.code]), reverse("certificates:certificates")]  # fmt: skip
    assert [url for url in pages if "导出完整号码" not in client.get(url).content.decode()] == []


def test_no_cell_is_a_formula(cast, as_user):
    User.objects.filter(pk=cast.officer.pk).update(name='=HYPERLINK("http://evil.invalid","x")')
    answer = as_user(cast.manager).get("/people/", {"export": "xlsx", "kind": "officer"})
    parts = zipfile.ZipFile(io.BytesIO(answer.content))
    body = parts.read("xl/worksheets/sheet1.xml").decode()
    assert ("<f>" in body, "<hyperlink" in body) == (False, False)
    assert sheet(answer)[1][0].startswith("=HYPERLINK")


def test_more_rows_than_a_file_may_hold_are_refused_with_a_sentence(cast, as_user, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_ROWS", 2)
    client = as_user(cast.manager)
    answer = client.get("/people/", {"export": "xlsx"}, follow=True)
    assert "一次最多导出 2 行，请先用筛选条件缩小范围。" in answer.content.decode()
    assert AuditEvent.objects.count() == 0
    assert len(sheet(client.get("/people/", {"export": "xlsx", "kind": "officer"}))) == 6


def test_grants_go_into_a_workbook_too(cast, as_user):
    answer = as_user(cast.admin).get(reverse("people:grants"), {"export": "xlsx", "role": "manager"})
    assert [row[:4] for row in sheet(answer)[1:-4]] == [
        ["孙立", "stranger_manager", "企业管理员", "恒通燃气具商行"],
        ["赵敏", "manager", "企业管理员", "津海电动车有限公司"],
    ]
    assert AuditEvent.objects.get().action == "grants.exported"
