"""Files of items: opening what people bring (.xlsx, .csv, .zip) within limits, and writing the own ones."""

import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime

import xlsxwriter
from django.utils.translation import gettext as _

from audit.transitions import Refused
from catalog.archives import Archive, Budget, Unreadable
from catalog.sheets import first_sheet
from exams import pictures
from exams.engine.exchange import columns, read_rows, write_rows
from exams.engine.exchange.csv_text import Undecodable, read_csv, write_csv
from exams.sentences import say

LARGEST_FILE = 12 * 1024 * 1024
MOST_ROWS = 20_000
BORN = datetime(2026, 1, 1)  # in the properties of every workbook, so that the same bank gives the same bytes
ZIP_BORN = (2026, 1, 1, 0, 0, 0)
WIDE = (columns.STEM, columns.MATERIAL, columns.RATIONALE)
CONTENT_TYPES = "[Content_Types].xml"
PICTURE_NAMES = (".svg", ".png", ".jpg", ".jpeg", ".webp")
DROP_DOWNS = {
    columns.TYPE: [spellings[0] for spellings in columns.TYPES.values()],
    columns.PART_TYPE: [spellings[0] for kind, spellings in columns.TYPES.items() if kind != "case"],
    columns.DIFFICULTY: [spellings[0] for spellings in columns.DIFFICULTIES.values()],
}


@dataclass(frozen=True)
class Opened:
    """A file as a table of strings, with the pictures that came along by file name."""

    headers: list
    rows: list
    files: dict = field(default_factory=dict)

    def read(self):
        """Give the drafts and problems in it."""
        return read_rows(self.headers, self.rows)


def open_file(name, data) -> Opened:
    """Open an uploaded file, or refuse it with a sentence; what it is follows from its content."""
    if not data:
        raise Refused(_("文件是空的。"))
    if len(data) > LARGEST_FILE:
        raise Refused(_("文件超过 12 MB，请分成几个文件导入。"))
    if not data.startswith(b"PK\x03\x04"):
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            raise Refused(_("这是旧版 .xls 文件，请另存为 .xlsx 或 CSV 再导入。"))
        return _limited(*_csv(data))
    try:
        archive = Archive(data, Budget())
        return _limited(*_xlsx(archive)) if archive.find(CONTENT_TYPES) else _archive(archive)
    except Unreadable as problem:
        raise Refused(str(problem)) from None


def write_file(drafts, kind, kept=()):
    """Give a bank's drafts as csv, xlsx, or a zip that also holds the kept pictures under their digests."""
    headers, rows = write_rows(drafts)
    if kind == "csv":
        return write_csv(headers, rows)
    workbook = _write_xlsx(headers, rows)
    if kind == "xlsx":
        return workbook
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("items.xlsx", ZIP_BORN), workbook)
        for picture in kept:
            name = f"pictures/{picture.digest}.{picture.kind}"
            archive.writestr(zipfile.ZipInfo(name, ZIP_BORN), pictures.read(picture))
    return file.getvalue()


def template(category_names):
    """Give the empty workbook: headers with drop-downs, and a sheet of hints."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": BORN})
    headers = columns.template()
    sheet = _sheet(book, headers, [], str(_("试题")))
    hints = book.add_worksheet(str(_("填写说明")))
    hints.set_column(0, 0, 16)
    hints.set_column(1, 1, 90)
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for line, (name, hint) in enumerate(_hints()):
        hints.write_string(line, 0, name, bold)
        hints.write_string(line, 1, str(hint), wrapped)
    lists = book.add_worksheet(str(_("产品类别")))
    names = [columns.EVERYBODY[0], *category_names]
    for line, name in enumerate(names):
        lists.write_string(line, 0, name)
    choices = {name: {"source": source} for name, source in DROP_DOWNS.items()}
    place = f"='{lists.get_name()}'!$A$1:$A${len(names)}"
    # Several categories or a picked audience are typed freely, so other text is allowed there.
    choices[columns.CATEGORIES] = {"source": place, "error_type": "information", "show_error": False}
    for name, rule in choices.items():
        at = headers.index(name)
        sheet.data_validation(1, at, MOST_ROWS, at, {"validate": "list", **rule})
    book.close()
    return file.getvalue()


def _hints():
    types = "、".join(DROP_DOWNS[columns.TYPE])
    return [
        (columns.CODE, _("必填，同一题库内不重复；再次导入同一编号会更新该题。")),
        (columns.TYPE, _("必填：%(types)s。") % {"types": types}),
        (
            columns.CASE_CODE,
            _("案例题每个小题一行，同一案例填写同一编号；题型填“案例”，子题型填小题的题型。"),
        ),
        (columns.MATERIAL, _("案例的共用材料，写在第一行即可。")),
        (columns.CATEGORIES, _("目录中的名称，多个用顿号隔开；适用于全部产品时填“通用”或留空。")),
        (columns.AUDIENCE, _("生产单位、销售单位、主要负责人、质量安全总监、质量安全员；留空表示不限。")),
        (columns.TOPIC, _("题库中没有的知识点会自动新建。")),
        (
            columns.STEM,
            _(
                "必填。填空题用 ____ 表示空。可用 Markdown；图片写作 ![说明](picture:文件名.png)，与表格一起放进压缩包。"
            ),
        ),
        (
            columns.KEY,
            _(
                "单选填一个字母，多选填字母如 ABD，判断填正确或错误；填空题同一空的不同写法用 | 隔开，不同的空用 || 隔开。"
            ),
        ),
        (columns.BASIS, _("法规名称写在《》里，多部法规用分号隔开。")),
        (columns.CLAUSE, _("与法规依据的顺序一致，用分号隔开。")),
        (columns.FROM, _("日期写成 2025-01-31；失效日之后不再抽取该题。")),
        (columns.CHECKED, _("以“待核”开头的题目导入后保持草稿。")),
    ]


# --- reading --------------------------------------------------------------------------------------------------------


def _csv(data):
    try:
        return read_csv(data)
    except Undecodable as problem:
        raise Refused(say(problem.sentence)) from None


def _archive(archive):
    """Open the one table of an archive, within the budget of the archive, and take the pictures along."""
    tables = [
        name for name in archive.names if name.lower().endswith((".xlsx", ".csv")) and "__MACOSX" not in name
    ]
    if len(tables) != 1:
        raise Refused(_("压缩包里应当正好有一个 .xlsx 或 .csv 表格，其余为图片。"))
    data = archive.read(tables[0], LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise Refused(_("文件超过 12 MB，请分成几个文件导入。"))
    if data.startswith(b"PK\x03\x04"):
        inner = Archive(data, archive.budget)
        if not inner.find(CONTENT_TYPES):
            raise Refused(_("压缩包里应当正好有一个 .xlsx 或 .csv 表格，其余为图片。"))
        headers, rows = _xlsx(inner)
    else:
        headers, rows = _csv(data)
    # One byte more than a picture may have is enough to see that it is too large.
    files = {
        name.rpartition("/")[2]: archive.read(name, pictures.LARGEST + 1)
        for name in archive.names
        if name.lower().endswith(PICTURE_NAMES) and "__MACOSX" not in name
    }
    return _limited(headers, rows, files)


def _xlsx(archive):
    table = [[_text(cell) for cell in row] for row in first_sheet(archive)]
    if not table:
        raise Refused(_("表格是空的；请至少保留表头和一行试题。"))
    return table[0], table[1:]


def _text(cell):
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _limited(headers, rows, files=None):
    if len(rows) > MOST_ROWS:
        raise Refused(_("一次最多导入 %(most)s 行，请分成几个文件。") % {"most": MOST_ROWS})
    return Opened(headers, rows, files or {})


# --- writing --------------------------------------------------------------------------------------------------------


def _write_xlsx(headers, rows):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": BORN})
    _sheet(book, headers, rows, "试题")
    book.close()
    return file.getvalue()


def _sheet(book, headers, rows, name):
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    head = book.add_format({"bold": True, "bg_color": "#E3E7EE", "border": 1})
    plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    for at, header in enumerate(headers):
        sheet.set_column(at, at, 48 if header in WIDE else 14, plain)
        sheet.write_string(0, at, header, head)
    for line, row in enumerate(rows, 1):
        for at, cell in enumerate(row):
            if cell:
                sheet.write_string(line, at, cell, plain)
    return sheet
