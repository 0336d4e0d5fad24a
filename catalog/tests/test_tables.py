"""Tables out of files."""

import io
from datetime import date, datetime

import pytest
import xlsxwriter

from catalog.tables import Unreadable, cell_text, read_table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_whatever_its_encoding_and_delimiter(encoding, delimiter):
    text = delimiter.join(["姓名", "单位"]) + "\r\n" + delimiter.join([" 李䶮 ", '"津海, 一厂"'])
    assert read_table(text.encode(encoding)) == [["姓名", "单位"], ["李䶮", "津海, 一厂"]]


def test_a_workbook_is_read_as_people_see_it():
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["甲", 12.0, 1.5])
        sheet.write_datetime(0, 3, datetime(2026, 3, 2), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_number(0, 4, 110105194912310021)
    assert read_table(made.getvalue()) == [["甲", "12", "1.5", "2026-03-02", "1.10105194912310E+17"]]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "是"),
        (False, "否"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4), "2026-01-02 03:04"),
    ],
)
def test_cells_are_text(cell, text):
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04no", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0", "a.xls"),
        (b"text", "a.xlsx"),
        (b"\xff\xff", "a.csv"),
        (b"a\0b", "a.csv"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content, name):
    with pytest.raises(Unreadable, match=r"。$"):
        read_table(content, name)
