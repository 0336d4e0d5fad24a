"""Reading a table out of a file: rows of tidy text from a workbook or a CSV, whatever its encoding."""

import csv
import io
from datetime import date, datetime

from catalog.archives import N_, Archive, Budget, Unreadable
from catalog.sheets import OTHER_KIND, first_sheet

__all__ = ["Unreadable", "cell_text", "decode", "read_table"]

ENCODINGS = ("utf-8-sig", "gb18030")
EXACT = 10**15  # a number beyond it has lost its last digits in a workbook


def read_table(content: bytes, name: str = "") -> list[list[str]]:
    """The rows of the first sheet, or of the CSV; every cell is text without spaces around it."""
    if content[:4] == b"PK\x03\x04":
        rows = first_sheet(Archive(content, Budget()))
        return [[cell_text(cell) for cell in row] for row in rows]
    if content[:4] == b"\xd0\xcf\x11\xe0" or name.lower().endswith((".xls", ".xlsx")):
        raise Unreadable(OTHER_KIND)
    return _read_csv(content)


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, with or without BOM, or in GB18030."""
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(N_("无法识别文件的文字编码。请另存为 UTF-8 或 GB18030 编码的 CSV。"))


def _read_csv(content):
    text = decode(content)
    if "\0" in text:
        raise Unreadable(N_("文件不是文本表格。请上传 .xlsx 或 .csv 文件。"))
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as problem:
        raise Unreadable(N_("CSV 的引号或分隔符有误，无法读取。")) from problem


def cell_text(cell) -> str:
    """A cell as a person reads it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not cell.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < EXACT else f"{cell:.14E}"
    return str(cell).strip()
