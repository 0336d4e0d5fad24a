"""Workbooks to take away: lists, and the template of the import."""

import io
import json

import xlsxwriter
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from accounts.exchange import COLUMNS

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATE_ROWS = 2000


def _answer(content, name):
    response = HttpResponse(content, content_type=SHEET_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response


def list_workbook(name, header, rows, notes=()):
    """A list as a workbook, notes below it; every cell is text, so that no cell can be a formula."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for at, title in enumerate(header):
            sheet.write_string(0, at, str(title), bold)
            sheet.set_column(at, at, 20)
        for number, row in enumerate(rows, 1):
            for at, cell in enumerate(row):
                sheet.write_string(number, at, str(cell))
        quiet = book.add_format({"italic": True, "font_color": "#5B6576"})
        for number, note in enumerate(notes, len(rows) + 2):
            sheet.write_string(number, 0, str(note), quiet)
    return _answer(made.getvalue(), name)


def chapters_workbook(chapters) -> bytes:
    """Chapters of flat rows as a workbook, a sheet each; every cell is text."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for title, rows in chapters.items():
            sheet = book.add_worksheet(title[:31])
            for at, name in enumerate(rows[0] if rows else ()):
                sheet.write_string(0, at, name, bold)
                sheet.set_column(at, at, 24)
            for number, row in enumerate(rows, 1):
                for at, cell in enumerate(row.values()):
                    text = (
                        json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict | list) else str(cell)
                    )
                    sheet.write_string(number, at, text[:32_767])
    return made.getvalue()


def import_template(known_organs=(), known_categories=()):
    """The workbook to fill in: headings, one made-up row, drop-downs, text columns so that long numbers survive."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet, words = book.add_worksheet("导入"), book.add_worksheet("可选内容")
        text = book.add_format({"num_format": "@"})
        must = book.add_format({"bold": True, "bg_color": "#E7EEF9", "font_color": "#1456B8", "bottom": 1})
        may = book.add_format({"bold": True, "bg_color": "#F6F8FB", "bottom": 1})
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(COLUMNS):
            sheet.set_column(at, at, column.width, text)
            sheet.write_string(
                0, at, column.title + ("*" if column.required else ""), must if column.required else may
            )
            if column.choices:
                _drop_down(sheet, at, list(column.choices), "stop")
        for at, (title, options) in enumerate([("监管机构", known_organs), ("产品类别", known_categories)]):
            words.set_column(at, at, 32)
            words.write_string(0, at, title, may)
            for number, option in enumerate(options, 1):
                words.write_string(number, at, option)
            place = next(i for i, column in enumerate(COLUMNS) if column.title == title)
            if options:
                letter = "AB"[at]
                _drop_down(sheet, place, f"=可选内容!${letter}$2:${letter}${len(options) + 1}", "information")
    return _answer(made.getvalue(), "人员导入模板.xlsx")


def _drop_down(sheet, column, source, error_type):
    """Offer words; where several may stand in one cell, other content is only warned of."""
    sheet.data_validation(
        1, column, TEMPLATE_ROWS, column, {"validate": "list", "source": source, "error_type": error_type}
    )
