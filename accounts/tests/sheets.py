"""Workbooks for the tests, as somebody might fill them in."""

import io

import xlsxwriter

from accounts.exchange import COLUMNS
from tests.people import id_number, phone, uscc

HEADER = [column.title + ("*" if column.required else "") for column in COLUMNS]
FIELDS = [column.field for column in COLUMNS]


def row(serial, **cells):
    """One sound row about a new person in a new enterprise below the station; cells may say otherwise."""
    plain = {
        "name": "新竹电动车有限公司",
        "uscc": uscc(901),
        "organ": "中北镇市场监管所",
        "trade": "生产",
        "size": "中型",
        "risk": "高风险",
        "categories": "电动自行车",
        "address": "示例路1号",
        "person": f"新员{serial}",
        "id_number": id_number(serial, "19900101"),
        "phone": phone(9000 + serial),
        "kind": "质量安全员",
        "full_time": "专职",
        "appointed_on": "2026-03-02",
        "paper": "示〔2026〕1号",
    }
    return [(plain | cells).get(name, "") for name in FIELDS]


def table(*rows):
    """Rows under the header."""
    return [HEADER, *rows]


def csv_bytes(rows, encoding="utf-8"):
    """A CSV of a table."""
    return "\r\n".join(",".join(f'"{cell}"' for cell in cells) for cells in rows).encode(encoding)


def xlsx_bytes(rows):
    """A workbook of a table."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return made.getvalue()
