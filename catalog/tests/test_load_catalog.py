"""Loading the catalog: again and again, edition after edition, all or nothing."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.actions import load
from catalog.models import LegalDocument, LegalProvision, ProductCategory, Region

REAL = Path(__file__).resolve().parents[2] / "fixtures" / "catalog"
REGIONS = [["code", "name", "parent"], ["120111", "西青区", "120000"], ["120000", "天津市", ""]]
HEADER = ["code", "name", "parent", "licence", "ccc", "mandatory_standard", "produces", "sells", "standards",
          "valid_from", "valid_to", "name_en", "note"]  # fmt: skip
PROVISIONS = [
    [
        "document_code",
        "document_title",
        "document_number",
        "kind",
        "in_force_from",
        "in_force_to",
        "article",
        "summary",
    ],
    ["L1", "示例法", "第1号", "法律", "2020-01-01", "", "第一条", "甲"],
    ["L1", "示例法", "第1号", "法律", "2020-01-01", "", "第二条", "乙"],
]


def category(code="0101", name="电动自行车", parent="", start="", end="", **flags):
    row = dict(
        zip(HEADER, [code, name, parent, "0", "1", "1", "1", "1", "GB 1", start, end, "", ""], strict=True)
    )
    return [(row | flags)[column] for column in HEADER]


def categories(*rows):
    return {"categories.csv": [HEADER, *rows]}


def editions():
    return [
        (c.code, str(c.valid_from), str(c.valid_to), c.licence, c.parent and str(c.parent.valid_from))
        for c in ProductCategory.objects.order_by("code", "valid_from")
    ]


def test_a_child_may_stand_before_its_parent_and_a_second_load_changes_nothing(db):
    tables = {
        "regions.csv": REGIONS,
        **categories(category(parent="01"), category("01", "整车")),
        "p.csv": PROVISIONS,
    }
    assert load(tables).counts() == {
        "region.entered": 2, "category.entered": 2, "document.entered": 1, "provision.entered": 2,
    }  # fmt: skip
    assert load(tables).counts() == {}
    assert Region.objects.get(code="120111").parent.name == "天津市"
    assert ProductCategory.objects.get(code="0101").parent.name == "整车"
    document = LegalDocument.objects.get()
    assert (document.in_force_from, document.in_force_to, document.provisions.count()) == (
        date(2020, 1, 1),
        None,
        2,
    )


def test_a_correction_of_the_same_day_mends_the_edition(db):
    load(categories(category(start="2020-01-01")))
    assert load(categories(category(start="2020-01-01", licence="1"))).counts() == {"category.changed": 1}
    assert editions() == [("0101", "2020-01-01", "None", True, None)]


def test_other_facts_from_a_later_day_close_the_edition_and_open_one(db):
    load(categories(category("01", "整车", start="2020-01-01"), category(parent="01", start="2020-01-01")))
    later = categories(category("01", "整车", start="2026-01-01", licence="1"))
    for _twice in range(2):
        load(later)
    assert editions() == [
        ("01", "2020-01-01", "2026-01-01", False, None),
        ("01", "2026-01-01", "None", True, None),
        ("0101", "2020-01-01", "None", False, "2026-01-01"),
    ]
    assert load(categories(category("01", "整车", start="2020-01-01"))).counts() == {}
    assert editions()[0] == ("01", "2020-01-01", "2026-01-01", False, None)


def test_the_same_facts_from_a_later_day_are_no_new_edition(db):
    load(categories(category(start="2020-01-01")))
    assert load(categories(category(start="2026-01-01"))).counts() == {}


def test_both_editions_may_stand_in_one_file(db):
    tables = categories(category(start="2026-01-01", licence="1"), category(start="2020-01-01"))
    load(tables)
    assert load(tables).counts() == {}
    assert [row[1:4] for row in editions()] == [
        ("2020-01-01", "2026-01-01", False),
        ("2026-01-01", "None", True),
    ]


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        (categories(category(ccc="ja")), [(2, "ccc", "“ja”应为 1 或 0。")]),
        (categories(category(start="1.1.2020")), [(2, "valid_from", "“1.1.2020”不是可用的日期，应写作 2026-01-05。")]),
        (categories(category(start="2020-01-02", end="2020-01-01")), [(2, "valid_to", "失效日早于生效日。")]),
        (categories(category(name="")), [(2, "name", "此格必须填写。")]),
        (categories(category(), category()), [(3, "code", "与第 2 行重复。")]),
        (categories(category(parent="99")), [(2, "parent", "上级代码“99”不存在。")]),
        (categories(category(parent="0101")), [(2, "parent", "上级不能是自己。")]),
        (categories(category(name="长" * 81)), [(2, "name", "内容过长，最多 80 个字。")]),
        ({"x.csv": [["一", "二"]]}, [(1, "", "表头不是地区、产品类别或法规条款文件的表头。")]),
        ({"p.csv": [*PROVISIONS, ["L2", "示例法", "", "", "", "", "第一条", ""]]}, [(4, "document_title", "这个名称已属于代码 L1 的文件。")]),
    ],
)  # fmt: skip
def test_one_bad_row_is_told_and_undoes_all(db, tables, told):
    done = load({"regions.csv": REGIONS, **tables})
    assert [(p.row, p.column, p.message.format(**p.params)) for p in done.problems] == told
    assert (done.acts, Region.objects.count(), ProductCategory.objects.count()) == ([], 0, 0)


def test_an_older_edition_is_not_slipped_in(db):
    load(categories(category(start="2026-01-01")))
    done = load(categories(category(start="2020-01-01", licence="1")))
    assert [p.message.format(**p.params) for p in done.problems] == [
        "已有自 2026-01-01 起的更新版本，不能再插入更早的版本。"
    ]


def test_the_real_files_load_twice(db, capsys):
    call_command("load_catalog", str(REAL))
    first = (Region.objects.count(), ProductCategory.objects.count(), LegalProvision.objects.count())
    capsys.readouterr()
    call_command(
        "load_catalog", *(str(REAL / f"{name}.csv") for name in ("provisions", "categories", "regions"))
    )
    assert capsys.readouterr().out == "没有变化。\n"
    assert (first[0], first[1] >= 60, first[2] >= 100) == (17, True, True)


def test_the_command_tells_rows_and_fails(db, tmp_path, capsys):
    bad = tmp_path / "regions.csv"
    bad.write_text("code,name,parent\n120000,,\n", encoding="utf-8")
    with pytest.raises(CommandError, match="1 处问题，未作任何改动。"):
        call_command("load_catalog", str(bad))
    assert capsys.readouterr().err == "regions.csv 第 2 行 name：此格必须填写。\n"
    with pytest.raises(CommandError):
        call_command("load_catalog", str(tmp_path / "nothing.csv"))
