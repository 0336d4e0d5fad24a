"""Bringing workbooks into a bank."""

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from audit.transitions import Refused
from catalog import archives
from catalog.models import LegalDocument
from exams import workbooks
from exams.actions import bank as acts
from exams.actions.imports import import_items
from exams.actions.legal import references
from exams.models import Item, ItemRevision, Picture
from exams.queries import bank as queries
from exams.tests.bank_stories import SAMPLE, make_bank, sample, single

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="9" height="9"/></svg>'
HEADERS = ["题目编号", "题型", "题干", "选项A", "选项B", "正确答案", "产品类别", "核实情况", "知识点"]


def rows(*cells, headers=HEADERS):
    """A reading of rows given as tuples."""
    return workbooks.Opened(headers, [list(row) for row in cells]).read()


def said(outcome):
    return [(p.row, p.column, p.message) for p in outcome.problems]


@pytest.fixture
def bank(cast):
    """An empty bank."""
    return make_bank(cast)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "xlsx"])
def test_the_sample_file_imports_unchanged_in_every_form(cast, bank, encoding):
    text = SAMPLE.read_bytes().decode("utf-8-sig")
    data = text.encode("utf-8" if encoding == "xlsx" else encoding)
    if encoding == "xlsx":
        opened = workbooks.open_file("x.csv", data)
        data = workbooks._write_xlsx(opened.headers, opened.rows)

    outcome = import_items(bank, sample(data=data), by=cast.editor)

    assert said(outcome) == []
    assert (outcome.rows, outcome.stored_rows, outcome.reported_rows) == (40, 40, 0)
    assert outcome.new == bank.items.count()
    assert set(bank.items.values_list("state", flat=True)) == {Item.State.DRAFT}
    assert ItemRevision.objects.filter(item__bank=bank, provisions=None).exclude(basis="").count() == 0


def test_the_same_file_again_changes_nothing(cast, bank):
    import_items(bank, sample(), by=cast.editor)
    before = (ItemRevision.objects.count(), AuditEvent.objects.filter(action="item.write").count())

    outcome = import_items(bank, sample(), by=cast.editor)

    assert (outcome.unchanged_rows, outcome.new, outcome.changed) == (40, 0, 0)
    assert (ItemRevision.objects.count(), AuditEvent.objects.filter(action="item.write").count()) == before


def test_a_changed_row_becomes_a_new_revision_and_the_item_a_draft(cast, bank):
    first = rows(("A1", "单选", "一加一等于几？", "二", "三", "A", "", "", ""))
    import_items(bank, first, by=cast.editor, approve_by=cast.reviewer)
    second = rows(("A1", "单选", "一加一等于几呢？", "二", "三", "A", "", "", "算术"))

    outcome = import_items(bank, second, by=cast.editor)

    item = bank.items.get()
    assert (outcome.new, outcome.changed) == (0, 1)
    assert (item.state, item.current.number, item.current.stem) == ("draft", 2, "一加一等于几呢？")
    assert item.topic.name == "算术"
    assert [r.stem for r in item.revisions.order_by("number")] == ["一加一等于几？", "一加一等于几呢？"]


def test_a_reviewer_approves_what_is_checked_and_not_what_is_doubted(cast, bank):
    reading = rows(
        ("A1", "判断", "甲。", "", "", "对", "", "confirmed by source", ""),
        ("A2", "判断", "乙。", "", "", "错", "", "待核：没有原文", ""),
        ("A3", "判断", "丙。", "", "", "错", "", "from memory", ""),
    )

    outcome = import_items(bank, reading, by=cast.editor, approve_by=cast.reviewer)

    assert dict(bank.items.values_list("code", "state")) == {"A1": "approved", "A2": "draft", "A3": "draft"}
    assert outcome.approved == 1
    item = bank.items.get(code="A1")
    told = AuditEvent.objects.filter(target=f"exams.item:{item.pk}").order_by("pk")
    assert [(act.action, act.actor) for act in told] == [
        ("item.write", cast.editor),
        ("item.in_review", cast.editor),
        ("item.approved", cast.reviewer),
    ]


def test_nobody_approves_her_own_import(cast, bank):
    with pytest.raises(Refused, match="审核人"):
        import_items(bank, sample(), by=cast.editor, approve_by=cast.editor)
    assert bank.items.count() == 0


def test_a_file_with_mistakes_changes_nothing_and_names_row_and_column(cast, bank):
    old = rows(
        ("OLD", "判断", "旧题。", "", "", "对", "", "", ""),
        ("OLD2", "判断", "又一旧题。", "", "", "对", "", "", ""),
    )
    import_items(bank, old, by=cast.editor)
    reading = rows(
        ("A1", "单选", "好题？", "甲", "乙", "A", "", "", ""),
        ("A2", "单选", "没有这个类别？", "甲", "乙", "A", "电动自行", "", ""),
        ("A3", "单选", "答案越界？", "甲", "乙", "C", "", "", ""),
        ("A4", "判断", "又一旧题", "", "", "错", "", "", ""),
        ("A5", "判断", "看图 ![图](picture:no.svg)。", "", "", "错", "", "", ""),
        ("OLD", "单选", "换了题型？", "甲", "乙", "A", "", "", ""),
    )

    outcome = import_items(bank, reading, by=cast.editor)

    assert said(outcome) == [
        (3, "产品类别", "产品类别“电动自行”不在目录中"),
        (4, "正确答案", "写了 C，但选项只有 A–B"),
        (5, "题干", "内容与题库中的试题 OLD2 相同"),
        (6, "题干", "没有找到图片“no.svg”"),
        (7, "题型", "试题 OLD 在题库里是另一种题型"),
    ]
    assert outcome.problems[0].suggestion == "请改为“电动自行车”或“通用”"
    assert not outcome.is_written
    assert list(bank.items.values_list("code", flat=True)) == ["OLD", "OLD2"]


def test_a_dry_run_counts_and_writes_nothing(cast, bank):
    outcome = import_items(bank, sample(), by=cast.editor, dry_run=True)

    assert (outcome.new > 0, outcome.is_written, bank.items.count()) == (True, False, 0)
    assert LegalDocument.objects.count() == 0


def test_documents_are_found_by_title_without_what_brackets_add(cast, bank):
    law = LegalDocument.objects.create(code="cpzlf", title="中华人民共和国产品质量法")
    acts.write(bank, single(), by=cast.editor)
    acts.write(
        bank, single("S2", "另一题？", basis="《产品质量法》（2018年修正）；《标准化法》"), by=cast.editor
    )

    provisions = ItemRevision.objects.get(item__code="S2").provisions
    assert [str(p) for p in provisions.order_by("pk")] == [
        "《中华人民共和国产品质量法》第十五条",
        "《标准化法》全文",
    ]
    assert law.provisions.count() == 1


@pytest.mark.parametrize(
    ("basis", "clause", "pairs"),
    [
        (
            "《甲法》(2018年修正)",
            "第一条、第二条第一款",
            [("《甲法》(2018年修正)", "第一条"), ("《甲法》(2018年修正)", "第二条第一款")],
        ),
        (
            "《甲法》；《乙条例》",
            "甲法第一条；条例第二条",
            [("《甲法》", "第一条"), ("《乙条例》", "第二条")],
        ),
        ("《甲法》；《乙条例》", "《乙条例》：第二条", [("《甲法》", "全文"), ("《乙条例》", "第二条")]),
        (
            "《甲规范》GB 1—2024",
            "整车要求(条号以标准正文为准)",
            [("《甲规范》GB 1—2024", "整车要求(条号以标准正文为准)")],
        ),
        ("《甲法》", "", [("《甲法》", "全文")]),
        ("", "第一条", []),
    ],
)
def test_clauses_find_their_documents(basis, clause, pairs):
    assert references(basis, clause) == pairs


def test_another_edition_of_a_standard_is_another_document(cast, bank):
    for code, number in (("A1", "GB 1—2018"), ("A2", "GB 1—2024"), ("A3", "GB 1-2024")):
        acts.write(
            bank, single(code, f"{code}？", basis=f"《甲规范》{number}", clause="范围"), by=cast.editor
        )
    assert {d.title: d.number for d in LegalDocument.objects.all()} == {
        "甲规范": "GB1-2018",
        "甲规范（GB1-2024）": "GB1-2024",
    }


def archive(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in members.items():
            packed.writestr(name.replace("__", "."), data)
    return file.getvalue()


def test_pictures_come_along_in_an_archive_and_leave_under_their_digests(cast, bank, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    table = "题目编号,题型,题干,正确答案\nP1,判断,看图 ![标志](picture:mark.svg) 是否正确。,对\n".encode()
    opened = workbooks.open_file("bank.zip", archive(items__csv=table, mark__svg=SVG))

    outcome = import_items(bank, opened.read(), by=cast.editor, files=opened.files)

    picture = Picture.objects.get()
    revision = bank.items.get().current
    assert said(outcome) == []
    assert revision.stem == f"看图 ![标志](picture:{picture.digest}) 是否正确。"
    assert [*revision.pictures.all()] == [picture]
    written = queries.drafts_for_export(bank.items.all())
    first = workbooks.write_file(written, "zip", queries.pictures_in(written))

    Picture.objects.exclude(pk__in=ItemRevision.pictures.through.objects.values("picture")).delete()
    other = make_bank(cast, "other")
    again = workbooks.open_file("bank.zip", first)
    import_items(other, again.read(), by=cast.editor, files=again.files)
    written = queries.drafts_for_export(other.items.all())
    assert workbooks.write_file(written, "zip", queries.pictures_in(written)) == first


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.xlsx", b"", "空的"),
        ("a.xls", b"\xd0\xcf\x11\xe0rest", "旧版"),
        ("a.xlsx", b"PK\x03\x04 not a zip", "损坏"),
        ("a.zip", archive(readme__txt=b"x"), "正好有一个"),
        ("a.zip", archive(a__xlsx=archive(b__xlsx=b"x")), "正好有一个"),
        ("a.csv", b"\xff\xfe\x00", "编码"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(name, data, sentence):
    with pytest.raises(Refused, match=sentence):
        workbooks.open_file(name, data)


TABLE = "题目编号,题型,题干,正确答案\nP1,判断,题。,对\n".encode()


def test_an_archive_and_the_workbook_in_it_share_one_budget(monkeypatch):
    workbook = workbooks._write_xlsx(["题目编号"], [["A1"]])
    packed = archive(items__xlsx=workbook, mark__svg=SVG)
    monkeypatch.setattr(archives, "UNPACKED_LIMIT", len(workbook) + len(SVG) + 2000)
    with pytest.raises(Refused, match="展开后超过"):
        workbooks.open_file("a.zip", packed)
    monkeypatch.setattr(archives, "UNPACKED_LIMIT", len(workbook) + len(SVG) + 200_000)
    assert workbooks.open_file("a.zip", packed) == workbooks.Opened(["题目编号"], [["A1"]], {"mark.svg": SVG})

    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    with pytest.raises(Refused, match="超过 5 个"):
        workbooks.open_file("a.zip", packed)


def test_what_nobody_asked_for_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(archives, "UNPACKED_LIMIT", 10_000)
    packed = archive(items__csv=TABLE, film__mp4=b"0" * 20_000)
    assert workbooks.open_file("a.zip", packed).rows == [["P1", "判断", "题。", "对"]]


@pytest.mark.parametrize("kind", ["xlsx", "zip"])
def test_a_damaged_archive_is_refused_with_a_sentence(kind):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("items.csv", TABLE * 50)
        if kind == "xlsx":
            packed.writestr("[Content_Types].xml", "<Types/>")
            packed.writestr("_rels/.rels", "<Relationships/>" * 50)
    broken = bytearray(data.getvalue())
    with zipfile.ZipFile(data) as packed:
        for info in packed.infolist():
            start = info.header_offset + 30 + len(info.filename)
            broken[start : start + 8] = b"\xff" * 8

    with pytest.raises(Refused, match="已损坏"):
        workbooks.open_file("a.zip", bytes(broken))


def test_a_sheet_that_reaches_too_far_is_refused_in_an_archive_too():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "题目编号")
        sheet.write(1048575, 16383, "远")
    for data in (file.getvalue(), archive(items__xlsx=file.getvalue())):
        with pytest.raises(Refused, match="第 1048576 行、第 16384 列，超过上限（20001 行、60 列）"):
            workbooks.open_file("a", data)


def test_the_command_tells_its_counts_and_fails_on_problems(cast, bank, tmp_path, capsys):
    call_command("import_items", str(SAMPLE), bank="general", by="editor", approve_by="reviewer")
    assert "读入 40 行 = 入库 40 + 未变 0 + 有问题 0" in capsys.readouterr().out

    bad = tmp_path / "bad.csv"
    bad.write_text("题目编号,题型,题干,正确答案\nX,判断,题。,也许\n", encoding="utf-8")
    with pytest.raises(CommandError, match="没有写入"):
        call_command("import_items", str(bad), bank="general")
    assert "第 2 行「正确答案」" in capsys.readouterr().err
    assert not bank.items.filter(code="X").exists()


def test_importing_costs_the_same_queries_for_ten_rows_and_forty(cast, django_assert_max_num_queries):
    lines = SAMPLE.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    with django_assert_max_num_queries(45):
        import_items(make_bank(cast, "ten"), sample(data="".join(lines[:11]).encode()), by=cast.editor)
    with django_assert_max_num_queries(45):
        import_items(make_bank(cast, "forty"), sample(), by=cast.editor)


def test_the_general_bank_of_the_demo_imports_whole(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    folder = Path(settings.BASE_DIR) / "fixtures" / "banks"
    files = {path.name: path.read_bytes() for path in (folder / "pictures").iterdir()}
    path = folder / "general.csv"
    bank = make_bank(cast)

    outcome = import_items(bank, sample(path.name, path.read_bytes()), by=cast.editor, files=files)

    assert said(outcome) == []
    assert outcome.rows == outcome.stored_rows
