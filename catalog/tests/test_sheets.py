"""Workbooks that ask for more than a sheet may hold, and those that only look odd."""

import io
import zipfile

import pytest

from catalog import archives, sheets
from catalog.tables import Unreadable, read_table

MAIN = f'xmlns="{sheets.MAIN}" xmlns:r="{sheets.DOCUMENTS}"'
PARTS = {
    "_rels/.rels": sheets.LINKS % (sheets.LINK % ("book", "officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": sheets.BOOK % 0,
    "xl/_rels/workbook.xml.rels": sheets.LINKS
    % (
        sheets.LINK % ("sheet", "worksheet", "worksheets/first.xml")
        + sheets.LINK % ("s", "sharedStrings", "/xl/words.xml")
        + sheets.LINK % ("t", "styles", "styles.xml")
    ),
}


def book(rows="", *, before="", after="", strings=None, parts=None):
    """A workbook of hand-written parts."""
    sheet = f"<worksheet {MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"
    written = PARTS | {"xl/worksheets/first.xml": sheet}
    if strings is not None:
        written["xl/words.xml"] = f"<sst {MAIN}>{strings}</sst>"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in (written | (parts or {})).items():
            packed.writestr(name, text)
    return made.getvalue()


def cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_cells_are_found_with_and_without_references():
    rows = (
        f"<row>{cell('A1', '甲')}<c><v>2</v></c></row>"
        '<row r="3"><c t="s"><v>0</v></c><c r="c3" t="s"><v>2</v></c></row><row r="1048576"/>'
    )
    strings = "<si><t>乙</t></si><si/><si><r><t>&lt;丙</t></r><r><t> 丁</t></r><rPh><t>ding</t></rPh></si>"
    merged = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    assert read_table(book(rows, before='<dimension ref="A1:C3"/>', after=merged, strings=strings)) == [
        ["甲", "2", ""],
        ["", "", ""],
        ["乙", "", "<丙 丁"],
    ]


def test_marks_before_the_text_do_no_harm():
    sheet = f'\ufeff<worksheet {MAIN}><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>'
    assert read_table(book(strings=ONE, parts={"xl/worksheets/first.xml": sheet})) == [["x"]]


def test_only_the_first_sheet_counts():
    links = sheets.LINK % ("sheet", "worksheet", "worksheets/first.xml") + sheets.LINK % (
        "far",
        "worksheet",
        "far.xml",
    )
    parts = {
        "xl/workbook.xml": sheets.BOOK.replace("</sheets>", '<sheet name="2" r:id="far"/></sheets>') % 0,
        "xl/_rels/workbook.xml.rels": sheets.LINKS % links,
        "xl/far.xml": f"<worksheet {MAIN}><sheetData><row>{cell('XFD1048576', 'x')}</row></sheetData></worksheet>",
    }
    assert read_table(book(f"<row>{cell('A1', '甲')}</row>", parts=parts)) == [["甲"]]


def test_days_keep_counting_from_1904_and_nul_never_gets_in():
    styles = f'<styleSheet {MAIN}><cellXfs count="1"><xf numFmtId="14"/></cellXfs></styleSheet>'
    rows = f'<row><c r="A1" s="0"><v>1</v></c>{cell("B1", "a_x0000_b")}</row>'
    first, second = read_table(
        book(rows, parts={"xl/styles.xml": styles, "xl/workbook.xml": sheets.BOOK % 1})
    )[0]
    assert (first, "\0" in second) == ("1904-01-02", False)


FAR = "第 1048576 行、第 16384 列，超过上限（20001 行、60 列）"
ONE = "<si><t>x</t></si>"
TWO_CORNERS = f"<row>{cell('A1', 'x')}{cell('XFD1048576', 'x')}</row>"


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ({"rows": TWO_CORNERS}, FAR),
        ({"rows": TWO_CORNERS, "before": '<dimension ref="A1:B2"/>'}, FAR),
        ({"rows": "<row/>", "before": '<dimension ref="A1:XFD1048576"/>'}, FAR),
        ({"rows": '<row><c r="A20002"/></row>'}, "第 20002 行"),
        ({"rows": '<row><c r="BI1"/></row>'}, "第 61 列"),
        ({"rows": f"<row>{'<c/>' * 61}</row>"}, "第 61 列"),
        ({"rows": '<row><c r="BH1"/><c/></row>'}, "第 61 列"),
        ({"rows": "<row><c/></row>" * 20_002}, "第 20002 行"),
        ({"rows": '<row r="1048576"><c/></row>'}, "第 1048576 行"),
        ({"rows": '<x:row xmlns:x="x"><x:c r="A20002"/></x:row>'}, "第 20002 行"),
        ({"rows": '<row><c r="ZZZZZZZ1"/></row>'}, "内容有误"),
        ({"rows": '<row><c r="A0"/></row>'}, "内容有误"),
        ({"rows": '<row><c r="A99999999999"/></row>'}, "内容有误"),
        ({"rows": '<row r="4294967295"><c/></row>'}, "内容有误"),
        ({"rows": '<row><c t="s"><v>7</v></c></row>', "strings": ONE}, "内容有误"),
        ({"rows": '<row><c t="s"><v>-1</v></c></row>', "strings": ONE}, "内容有误"),
        ({"rows": '<row><c t="s"><v><b/>0</v></c></row>', "strings": ONE}, "内容有误"),
        ({"rows": '<row><c t="s"><v>0<!-- x -->0</v></c></row>', "strings": ONE}, "内容有误"),
        ({"rows": '<row><c t="s"><v>&#48;</v></c></row>', "strings": ONE}, "内容有误"),
        ({"strings": f"<si>{'<r><t>长句</t></r>' * 20_000}</si>"}, "文字超过 32767 个字符"),
        ({"rows": "<row>"}, "内容有误"),
        ({"parts": {"xl/words.xml": f'<sst {MAIN} uniqueCount="99999999999999"/>'}}, "内容有误"),
        ({"parts": {"xl/worksheets/first.xml": f"<worksheet {MAIN}/>".encode("utf-16")}}, "内容有误"),
        ({"parts": {"xl/worksheets/first.xml": '<!DOCTYPE w [<!ENTITY a "b">]><w>&a;</w>'}}, "DOCTYPE"),
        ({"parts": {"xl/words.xml": "<!DOCTYPE sst><sst/>"}}, "DOCTYPE"),
        ({"parts": {"xl/styles.xml": "<!DOCTYPE s><s/>"}}, "DOCTYPE"),
        ({"parts": {"xl/workbook.xml": "<!DOCTYPE w><w/>"}}, "DOCTYPE"),
        ({"parts": {"_rels/.rels": "<!DOCTYPE w><w/>"}}, "DOCTYPE"),
        ({"parts": {"xl/workbook.bin": "x"}}, "不是 .xlsx"),
        ({"parts": {"content.xml": "x"}}, "不是 .xlsx"),
        ({"parts": {"xl/_rels/workbook.xml.rels": "<Relationships/>"}}, "没有可读的工作表"),
    ],
)
def test_what_a_sheet_may_not_be_is_refused_before_it_is_loaded(made, sentence, monkeypatch):
    monkeypatch.setattr(sheets, "_load", None)
    with pytest.raises(Unreadable) as caught:
        read_table(book(**made), "a.xlsx")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("limit", "made", "sentence"),
    [
        ("MOST_CELLS", {"rows": '<row><c r="A1"/></row>' * 21}, "单元格超过 20 个"),
        ("MOST_CELLS", {"strings": "<si/>" * 21}, "单元格超过 20 个"),
        ("MOST_ELEMENTS", {"after": "<a/>" * 19}, "内容项超过 20 个"),
        ("MOST_ELEMENTS", {"rows": f"<row><c>{'<v>1</v>' * 18}</c></row>"}, "内容项超过 20 个"),
        ("MOST_ELEMENTS", {"strings": f"<si>{'<r/>' * 20}</si>"}, "内容项超过 20 个"),
        (
            "MOST_TEXT",
            {"rows": '<row><c t="s"><v>0</v></c></row>' * 3, "strings": "<si><t>七个字的一句话</t></si>"},
            "文字超过 20 个字符",
        ),
    ],
)
def test_many_small_things_are_counted(limit, made, sentence, monkeypatch):
    monkeypatch.setattr(sheets, limit, 20)
    monkeypatch.setattr(sheets, "_load", None)
    with pytest.raises(Unreadable) as caught:
        read_table(book(**made), "a.xlsx")
    assert sentence in str(caught.value)


def test_a_package_that_unfolds_without_end_is_refused(monkeypatch):
    packed = book("<row/>" * 1_000)
    monkeypatch.setattr(archives, "UNPACKED_LIMIT", 5_000)
    with pytest.raises(Unreadable, match="展开后超过"):
        read_table(packed)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    with pytest.raises(Unreadable, match="超过 3 个（找到 4 个）"):
        read_table(packed)


def test_a_locked_or_strangely_packed_archive_is_refused():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_BZIP2) as packed:
        packed.writestr("_rels/.rels", "x" * 1000)
    with pytest.raises(Unreadable, match="压缩方式"):
        read_table(made.getvalue())
    locked = bytearray(book("<row/>"))
    at = 0
    while (at := locked.find(b"PK\x01\x02", at)) >= 0:
        locked[at + 8] |= 1
        at += 4
    with pytest.raises(Unreadable, match="密码"):
        read_table(bytes(locked))
