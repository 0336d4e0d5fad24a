"""An invented workbook of people for the import: `python -m bench.workbook FILE [--people N] [--enterprises N]`.

Every identifier passes its check digits and belongs to nobody: region 120000 is given to no person, phones begin with 1990.
"""

import argparse
import csv
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from accounts.exchange import COLUMNS
from accounts.identifiers import id_check, uscc_check

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂"
FIRST_SERIAL = 100_000  # what the demo and the tests use lies below


def uscc(serial):
    """An invented credit code."""
    first = f"91120111MB{serial:07d}"
    return first + uscc_check(first)


def id_number(serial):
    """An invented ID number, another one for each serial below seventeen million."""
    day = date(1950, 1, 1) + timedelta(days=serial // 1000)
    first = f"120000{day:%Y%m%d}{serial % 1000:03d}"
    return first + id_check(first)


def name(serial):
    """An invented name; some hundreds share it, as people do."""
    return SURNAMES[serial % 20] + GIVEN[serial // 20 % 22] + GIVEN[serial // 440 % 22]


def organs():
    """The organs of the demo that have enterprises."""
    with open(FIXTURES / "demo/organs.csv", encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file) if row["level"] != "city"]


def rows(people, enterprises, places):
    """One row a person; the first of each enterprise describes it, as a clerk would write."""
    kinds = ("质量安全员", "质量安全总监", "主要负责人")
    for serial in range(people):
        at, turn = serial % enterprises, serial // enterprises
        number = FIRST_SERIAL + serial
        cells = {"uscc": uscc(FIRST_SERIAL + at)}
        if turn == 0:
            cells |= {
                "name": f"甲{at:05d}电动车有限公司",
                "organ": places[at % len(places)],
                "trade": "生产" if at % 3 else "生产、销售",
                "size": ("大型", "中型", "小型", "微型")[at % 4],
                "risk": "一般风险",
                "categories": "电动自行车",
                "address": f"示例路{at}号",
            }
        cells |= {
            "person": name(number),
            "id_number": id_number(number),
            "phone": f"1990{number:07d}",
            "kind": kinds[turn % 3],
            "full_time": "专职" if serial % 2 else "兼职",
            "appointed_on": "2026-03-02",
            "paper": f"示〔2026〕{serial}号",
        }
        yield [cells.get(column.field, "") for column in COLUMNS]


def write(path, people, enterprises, places):
    """Write the workbook."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [column.title for column in COLUMNS])
        for number, cells in enumerate(rows(people, enterprises, places), 1):
            for at, cell in enumerate(cells):
                if cell:
                    sheet.write_string(number, at, cell)


def main():
    """Read what is wanted and write it."""
    parser = argparse.ArgumentParser(description="An invented workbook for import_people.")
    parser.add_argument("file")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--enterprises", type=int, default=6_000)
    options = parser.parse_args()
    write(options.file, options.people, options.enterprises, organs())


if __name__ == "__main__":
    main()
