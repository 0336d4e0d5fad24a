"""CSV as bytes: decoding strictly, writing for spreadsheets, and the guard against formulas in cells."""

import csv
import io
import re

from ..words import N_, Sentence

BOM = b"\xef\xbb\xbf"
ENCODINGS = ("utf-8", "gb18030")
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
LONGEST_CELL = 1_000_000
DANGEROUS = re.compile(r"'*[=+\-@\t\r]")


class Undecodable(ValueError):
    """A file that is no CSV in a known encoding; `sentence` says so to people."""

    def __init__(self, template, **params):
        self.sentence = Sentence(template, params)
        super().__init__(str(self.sentence))


def decode(data):
    """Give the text of a file in UTF-8 (with or without a mark) or GB18030; raise Undecodable otherwise."""
    if data.startswith(WIDE_BOMS) or b"\0" in data:
        raise Undecodable(N_("文件不是 UTF-8 或 GB18030 编码的 CSV；请在表格软件中另存为“CSV UTF-8”。"))
    for encoding in ENCODINGS:
        try:
            return data.removeprefix(BOM).decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Undecodable(N_("文件编码既不是 UTF-8 也不是 GB18030；请在表格软件中另存为“CSV UTF-8”。"))


def read_csv(data):
    """Give (headers, rows) of a file, the guard taken off every cell."""
    csv.field_size_limit(LONGEST_CELL)
    table = []
    try:
        for row in csv.reader(io.StringIO(decode(data), newline=""), strict=True):
            table.append([unguard(cell) for cell in row])
    except csv.Error:
        template = N_("第 %(row)s 行的双引号不成对；请检查这一行。")
        raise Undecodable(template, row=len(table) + 1) from None
    if not any(any(row) for row in table):
        raise Undecodable(N_("文件是空的；请至少保留表头和一行试题。"))
    return table[0], table[1:]


def write_csv(headers, rows):
    """Give a file that spreadsheets open correctly: UTF-8 with a mark, CRLF, every cell guarded."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(
        [guard(cell) for cell in row] for row in (headers, *rows)
    )
    return BOM + text.getvalue().encode("utf-8")


def guard(cell):
    """Put an apostrophe before what a spreadsheet would run as a formula (and before what looks guarded)."""
    return f"'{cell}" if DANGEROUS.match(cell) else cell


def unguard(cell):
    """Take the apostrophe of the guard off again."""
    return cell[1:] if cell.startswith("'") and DANGEROUS.match(cell) else cell
