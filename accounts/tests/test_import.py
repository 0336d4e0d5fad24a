"""Importing people: happy days, second runs, and every kind of slip."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import import_people
from accounts.models import Enterprise, Post, RecordEntry, Unit, User
from accounts.planning import read_sheet
from accounts.telling import sentence
from accounts.tests.sheets import csv_bytes, row, table, xlsx_bytes
from audit.models import AuditEvent
from catalog.tables import read_table
from tests.people import id_number, phone, uscc


def bring(rows, by=None, **more):
    return import_people(read_sheet(table(*rows)), by=by, **more)


def told(made):
    return [(p.row, p.column, sentence(p), p.suggestion) for p in made.problems]


def census(*more):
    models = (Unit, Enterprise, User, Post, RecordEntry, *more)
    return {model.__name__: model.objects.count() for model in models}


def test_a_workbook_enters_enterprises_people_and_posts(cast):
    blank = dict.fromkeys(["name", "uscc", "organ", "trade", "size", "risk", "categories", "address"], "")
    made = bring([row(1), row(2, kind="质量安全总监", username="xin.er", **blank)], by=cast.station)
    enterprise = Enterprise.objects.get(uscc=uscc(901))
    assert (made.done, told(made)) == (True, [])
    assert (
        enterprise.unit.path,
        enterprise.unit.region.name,
        enterprise.produces,
        enterprise.sells,
        enterprise.size,
        enterprise.risk,
        [category.code for category in enterprise.categories.all()],
    ) == (f"{cast.station_organ.path}{uscc(901)}/", "西青区", True, False, "medium", "high", ["1501"])
    assert [
        (p.person.name, p.person.username, p.kind, p.appointed_on, p.paper, p.person.has_usable_password())
        for p in enterprise.posts.order_by("person")
    ] == [
        ("新员1", "u10001", "officer", date(2026, 3, 2), "示〔2026〕1号", False),
        ("新员2", "xin.er", "director", date(2026, 3, 2), "示〔2026〕1号", False),
    ]
    assert User.objects.by_phone(phone(9001)).name == "新员1"
    assert [post.categories.count() for post in enterprise.posts.all()] == [1, 1]
    assert sorted(RecordEntry.objects.values_list("title", "recorded_by")) == [
        ("任职：新竹电动车有限公司 质量安全员", "周正"),
        ("任职：新竹电动车有限公司 质量安全总监", "周正"),
    ]
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "people.imported", "enterprise.entered", "person.entered", "person.entered", "post.appointed", "post.appointed",
    ]  # fmt: skip


def test_a_second_run_changes_nothing(cast):
    bring([row(1), row(2)])
    before = census(AuditEvent)
    made = bring([row(1), row(2)])
    assert (made.done, census(AuditEvent), made.unchanged_posts) == (True, before, 2)


def test_what_changed_is_brought_up_to_date(cast):
    bring([row(1)])
    bring([
        row(1, name="新竹电动车股份有限公司", organ="TJ-XQ", size="大型", trade="生产、销售",
            categories="电动自行车、16", phone=phone(9100), ended_on="2026-10-01"),
        row(1, appointed_on="2026-10-02", kind="总监", phone="", name="", uscc="", organ="", trade="", size="",
            categories=""),
    ])  # fmt: skip
    enterprise = Enterprise.objects.get(uscc=uscc(901))
    person = User.objects.by_id_number(id_number(1, "19900101"))
    assert (
        enterprise.unit.name, enterprise.unit.path, enterprise.size, enterprise.sells,
        [c.code for c in enterprise.categories.all()], person.phone,
    ) == (
        "新竹电动车股份有限公司", f"{cast.xiqing.path}{uscc(901)}/", "large", True, ["1501", "16"], phone(9100),
    )  # fmt: skip
    assert [(post.kind, str(post.ended_on)) for post in person.posts.order_by("pk")] == [
        ("officer", "2026-10-01"),
        ("director", "None"),
    ]
    assert list(RecordEntry.objects.order_by("pk").values_list("title", "number")) == [
        ("任职：新竹电动车有限公司 质量安全员", 1),
        ("任职：新竹电动车股份有限公司 质量安全总监", 1),
        ("离任：新竹电动车股份有限公司 质量安全员", 2),
    ]


SLIPS = [
    ({"uscc": uscc(901)[:-1] + ("0" if uscc(901)[-1] != "0" else "1")}, "统一社会信用代码", "统一社会信用代码的校验位不符，请核对有无错字。", ""),
    ({"uscc": "9112"}, "统一社会信用代码", "统一社会信用代码应为 18 位。", ""),
    ({"organ": "中北镇市场监督所"}, "监管机构", "没有名为“中北镇市场监督所”的监管机构。", "中北镇市场监管所"),
    ({"organ": ""}, "监管机构", "此格必须填写。", ""),
    ({"trade": "加工"}, "生产/销售", "“加工”不在可填的内容之中。", "生产、销售、生产、销售"),
    ({"size": "特大型"}, "规模", "“特大型”不在可填的内容之中。", "大型"),
    ({"categories": "电动自行车、燃气具"}, "产品类别", "没有名为“燃气具”的产品类别。", "燃气器具"),
    ({"person": ""}, "姓名", "此格必须填写。", ""),
    ({"id_number": "110105194912310021"}, "身份证号", "身份证号的校验位不符，请核对有无错字。", ""),
    ({"id_number": "1.10105194912310E+17"}, "身份证号", "号码被存成了数字，末几位已丢失。请把此列设为文本后重新填写。", ""),
    ({"id_number": ""}, "身份证号", "此格必须填写。", ""),
    ({"phone": "1380013800"}, "手机号", "手机号应为 1 开头的 11 位数字。", ""),
    ({"email": "nobody"}, "邮箱", "“nobody”不是邮箱地址。", ""),
    ({"username": "13800138000"}, "用户名", "用户名应为 2 至 60 个字母、数字、点、横线或下划线，且不能全为数字。", ""),
    ({"kind": "安全管理员"}, "岗位", "“安全管理员”不在可填的内容之中。", "安全员"),
    ({"full_time": "偶尔"}, "专职/兼职", "“偶尔”不在可填的内容之中。", "专职、兼职"),
    ({"appointed_on": "2026-02-30"}, "任职日期", "“2026-02-30”不是可用的日期。", "2026-01-05"),
    ({"appointed_on": ""}, "任职日期", "此格必须填写。", ""),
    ({"ended_on": "2026-01-01"}, "离任日期", "离任日期早于任职日期。", ""),
    ({"address": "长" * 201}, "地址", "内容过长，最多 200 个字。", ""),
]  # fmt: skip


@pytest.mark.parametrize(("slip", "column", "message", "suggestion"), SLIPS)
def test_a_slip_becomes_a_sentence_with_row_and_column(cast, slip, column, message, suggestion):
    before = census()
    made = bring([row(1, **slip)])
    assert (told(made), made.done, census()) == ([(2, column, message, suggestion)], False, before)


def test_conflicts_between_rows_and_with_what_is_known(cast):
    known = cast.officer
    made = bring([
        row(1),
        row(2, phone=phone(9001)),  # the phone of the row above
        row(3, phone=cast.director.phone),  # the phone of somebody known
        row(4, email=cast.director.email, username="MANAGER"),
        row(5, id_number=known.id_number, phone=""),  # another name for a known number
        row(1),  # the same post twice
        row(6, size="小型"),  # the same enterprise told otherwise
        row(1, person="别名", kind="总监"),  # another name for a number of this file
        row(7, uscc=cast.jinhai.uscc, name="津海电动车有限公司", id_number=known.id_number, person=known.name,
            phone="", risk="", address="", appointed_on="2026-01-01"),
    ])  # fmt: skip
    assert told(made) == [
        (3, "手机号", "第 2 行的另一人已填了同样的内容。", ""),
        (4, "手机号", "这个手机号已属于另一个人。", ""),
        (5, "邮箱", "这个邮箱已属于另一个人。", ""),
        (5, "用户名", "这个用户名已被使用。", ""),
        (6, "姓名", "这个身份证号已登记在另一个姓名之下，请核对。", ""),
        (7, "岗位", "与第 2 行是同一人的同一岗位。", ""),
        (8, "规模", "与第 2 行所填的同一企业不一致。", ""),
        (9, "姓名", "与第 2 行同一身份证号所填的不一致。", "新员1"),
        (10, "姓名", "与第 6 行同一身份证号所填的不一致。", "新员5"),
    ]


def test_an_open_post_is_not_begun_again_and_an_ended_one_not_reopened(cast):
    known = cast.officer
    mine = {
        "uscc": cast.jinhai.uscc,
        "name": "津海电动车有限公司",
        "id_number": known.id_number,
        "person": known.name,
        "phone": "",
    }
    made = bring([row(1, **mine, appointed_on="2026-01-01")])
    assert told(made) == [
        (2, "任职日期", "此人自 2025-01-06 起已任此岗位；如为重新任职，请先登记离任。", "2025-01-06")
    ]
    known.posts.update(ended_on=date(2026, 2, 1))
    made = bring([row(1, **mine, appointed_on="2025-01-06")])
    assert told(made) == [
        (2, "离任日期", "这次任职已登记为 2026-02-01 离任，不能改写；重新任职请另填任职日期。", "")
    ]


def test_one_bad_row_among_good_ones_changes_nothing(cast):
    before = census()
    made = bring([row(1), row(2, kind="门卫"), row(3)])
    assert (len(made.problems), census()) == (1, before)
    line = AuditEvent.objects.get()
    assert (line.action, line.data["problems"], line.data["new_people"]) == ("people.import_refused", 1, 3)


def test_a_dry_run_tells_and_changes_nothing(cast):
    before = census()
    made = bring([row(1)], by=cast.station, dry_run=True)
    assert (made.done, made.counts()["new_people"], census()) == (False, 1, before)


def test_a_look_is_written_down_with_counts_and_without_names(cast):
    bring([row(1)], by=cast.station, dry_run=True)
    bring([row(1)], dry_run=True)
    counts = {
        "rows": 1, "new_enterprises": 1, "changed_enterprises": 0, "new_people": 1, "changed_people": 0,
        "new_posts": 1, "ended_posts": 0, "unchanged_posts": 0, "problems": 0,
    }  # fmt: skip
    assert [(e.action, e.actor, e.data) for e in AuditEvent.objects.order_by("pk")] == [
        ("people.import_previewed", cast.station, counts),
        ("people.import_previewed", None, counts),
    ]


def test_a_manager_brings_people_only_into_her_own_enterprise(cast):
    own = {"uscc": cast.jinhai.uscc, "name": "津海电动车有限公司", "risk": "", "address": ""}
    foreign = {"uscc": cast.hengtong.uscc, "name": "恒通燃气具商行", "organ": "", "trade": "", "size": "",
                   "categories": "16", "risk": "", "address": ""}  # fmt: skip
    assert told(bring([row(1, **foreign)], by=cast.manager)) == [
        (2, "统一社会信用代码", "这家企业不在您的管理范围内。", "")
    ]
    assert told(bring([row(1)], by=cast.manager)) == [
        (2, "监管机构", "您不能在这个监管机构之下登记企业。", "")
    ]
    assert told(bring([row(1, **own, organ="TJ-NK")], by=cast.manager)) == [
        (2, "监管机构", "“监管机构”由监管机构登记，企业不能通过导入修改；如有变动，请联系监管机构更正。", "")
    ]
    assert bring([row(1, **own)], by=cast.manager).done


def test_a_regulator_enters_enterprises_only_below_her_own_organ(cast):
    assert told(bring([row(1)], by=cast.other_district)) == [
        (2, "监管机构", "您不能在这个监管机构之下登记企业。", "")
    ]
    assert bring([row(1)], by=cast.district).done


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_usual_encodings(cast, encoding):
    content = csv_bytes(table(row(1, person="李䶮")), encoding)
    sheet = read_sheet(read_table(content, "people.csv"))
    assert ([draft.name for draft in sheet.people.values()], sheet.problems) == (["李䶮"], [])


def test_a_workbook_with_other_headings_and_real_dates_is_read(cast):
    rows = table(row(1, appointed_on="2026年3月2日"), row(2, appointed_on="46083"))
    rows[0] = [{"企业名称*": "单位名称（必填）", "手机号": "联系电话"}.get(cell, cell) for cell in rows[0]]
    sheet = read_sheet(read_table(xlsx_bytes(rows), "people.xlsx"))
    assert (sheet.problems, [post.appointed_on for post in sheet.posts]) == ([], [date(2026, 3, 2)] * 2)


def test_a_table_without_header_or_rows_says_so(cast):
    rows = table(row(1))
    without_id = [[cell for at, cell in enumerate(cells) if at != 9] for cells in rows]
    assert [
        [(p.row, sentence(p)) for p in read_sheet(t).problems] for t in ([["一", "二"]], rows[:1], without_id)
    ] == [
        [(1, "没有找到表头。请下载模板，保留第一行的列名。")],
        [(2, "表头下面没有数据。")],
        [(1, "缺少“身份证号”一列。")],
    ]


def test_many_rows_cost_as_many_queries_as_few(cast):
    costs = []
    for size, start in ((3, 100), (90, 200)):
        with CaptureQueriesContext(connection) as captured:
            assert bring([row(serial) for serial in range(start, start + size)], by=cast.station).done
        costs.append(len(captured))
    # The first file enters the enterprise too; beyond that the number of rows is of no account.
    assert costs[1] <= costs[0]


def test_the_command_tells_problems_and_imports(cast, tmp_path, capsys):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(csv_bytes(table(row(1)), "gb18030"))
    bad.write_bytes(csv_bytes(table(row(1, kind="安全管理员"))))
    with pytest.raises(CommandError, match="1 处问题，未作任何改动。"):
        call_command("import_people", str(bad))
    assert capsys.readouterr().err == "第 2 行“岗位”：“安全管理员”不在可填的内容之中。（建议：安全员）\n"
    call_command("import_people", str(good), dry_run=True)
    assert not Enterprise.objects.filter(uscc=uscc(901)).exists()
    call_command("import_people", str(good), by="station")
    assert RecordEntry.objects.get().recorded_by == "周正"
    with pytest.raises(CommandError):
        call_command("import_people", str(good), by="nobody")
