"""What a workbook says, in all the spellings that people use, and what is wrong with it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from exams.engine.exchange import read_rows
from exams.engine.exchange.columns import template
from exams.engine.exchange.csv_text import read_csv

SAMPLE = Path(__file__).parent.parent / "data" / "sample_questions.csv"


def sheet(*rows):
    """Read rows given as dicts over the headers they use."""
    headers = list(dict.fromkeys(name for row in rows for name in row))
    return read_rows(headers, [[row.get(name, "") for name in headers] for row in rows])


def item(**cells):
    """One sound single-choice row, changed as told."""
    row = {
        "题目编号": "D1",
        "题型": "单选",
        "题干": "问？",
        "选项A": "甲",
        "选项B": "乙",
        "选项C": "丙",
        "选项D": "丁",
    }
    return row | {"正确答案": "B"} | cells


def part(**cells):
    """One sound row of a case, changed as told."""
    return item(题型="案例", 子题型="单选", 案例编号="AL", 案例材料="材料") | cells


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_sample_reads_without_a_problem(encoding):
    found = read_rows(*read_csv(SAMPLE.read_text("utf-8").encode(encoding)))
    assert ([str(one) for one in found.problems], found.unknown, found.rows) == ([], ("可信度",), 40)
    assert [draft.type for draft in found.drafts] == (
        ["single"] * 15 + ["multiple"] * 9 + ["truefalse"] * 10 + ["case"] * 3
    )
    last = found.drafts[-1]
    assert (last.code, last.points, last.rows, [one["code"] for one in last.body["parts"]]) == (
        "AL-C",
        Decimal(8),
        (40, 41),
        ["AL005", "AL006"],
    )
    assert found.drafts[0].notes == {"核实情况": "confirmed by source", "可信度": "高"}
    assert found.drafts[0].audience == ("produces", "sells")


@pytest.mark.parametrize(
    "spelling", ["ABD", "abd", "A,B,D", "A、B、D", "A;B;D", "A|B|D", "ＡＢＤ", "A B D", "D，B，A"]
)
def test_the_key_of_a_multiple_choice_item_in_all_spellings(spelling):
    [draft] = sheet(item(题型="多选", 正确答案=spelling)).drafts
    assert draft.key == {"options": ["a", "b", "d"]}


@pytest.mark.parametrize(
    ("spelling", "value"),
    [(one, True) for one in ("正确", "对", "√", "T", "true", "是", "A", "Ａ", "a")]
    + [(one, False) for one in ("错误", "错", "×", "F", "False", "否", "B", "Ｂ")],
)
def test_a_judgement_in_all_spellings(spelling, value):
    row = {"题目编号": "P1", "题型": "判断题", "题干": "问", "正确答案": spelling}
    assert [draft.key for draft in sheet(row).drafts] == [{"value": value}]


def test_a_letter_means_the_option_under_it():
    row = {"题目编号": "P1", "题型": "判断", "题干": "问", "选项A": "错误", "选项B": "正确", "正确答案": "A"}
    assert [draft.key for draft in sheet(row).drafts] == [{"value": False}]


@pytest.mark.parametrize("spelling", ["单选", "单选题", "单项选择", "单项选择题", " 单 选 "])
def test_a_type_in_all_spellings(spelling):
    assert [draft.type for draft in sheet(item(题型=spelling)).drafts] == ["single"]


@pytest.mark.parametrize(
    "headers",
    [
        ["题号", "题型", "题目", "A", "B", "答案", "试题解析"],
        ["编号 ", "题型*", "试题内容", "选项 A", "选项Ｂ", "标准答案（必填）", "答案解析"],
        ["题目编号(必填)", "试题类型", "题干", "A选项", "b", "参考答案", "解析内容"],
    ],
)
def test_headers_in_other_spellings(headers):
    found = read_rows(headers, [["D1", "单选", "问", "甲", "乙", "A", "因为"]])
    assert ([str(one) for one in found.problems], found.unknown) == ([], ())
    [draft] = found.drafts
    assert (draft.code, draft.stem, draft.rationale, draft.key) == ("D1", "问", "因为", {"options": ["a"]})


def test_a_bank_without_numbers_is_numbered_by_its_content():
    headers, row = ["题型", "题干", "选项A", "选项B", "答案"], ["单选", "问", "甲", "乙", "A"]
    first, second = (read_rows(headers, [row]).drafts[0].code for _ in range(2))
    assert first == second
    assert first != read_rows(headers, [["单选", "再问", "甲", "乙", "A"]]).drafts[0].code


def test_blanks_and_their_spellings():
    row = {"题目编号": "T1", "题型": "填空", "题干": "____和____", "正确答案": "25|二十五||a\\|b"}
    [draft] = sheet(row).drafts
    assert draft.key == {"blanks": {"1": ["25", "二十五"], "2": ["a|b"]}}
    assert [blank["normalise"] for blank in draft.body["blanks"]] == [
        ["width", "space", "case", "numerals"]
    ] * 2


def test_days_in_all_spellings():
    days = ["2025-11-01", "2025/11/1", "2025.11.1", "2025年11月1日", "20251101", "2025-11-01 00:00:00"]
    found = sheet(*(item(题目编号=f"D{n}", 题干=f"问{n}", 生效日=day) for n, day in enumerate(days)))
    assert [draft.in_force_from for draft in found.drafts] == [date(2025, 11, 1)] * len(days)


def test_the_rows_of_a_case_need_not_be_adjacent():
    found = sheet(
        part(题目编号="AL1", 分值="2"),
        item(),
        part(题目编号="AL2", 题干="再问", 案例材料="", 分值="3", 难度="难"),
    )
    assert [(draft.code, draft.type, draft.rows) for draft in found.drafts] == [
        ("AL", "case", (2, 4)),
        ("D1", "single", (3,)),
    ]
    assert (found.drafts[0].points, found.drafts[0].difficulty, found.problems) == (Decimal(5), "hard", [])


def test_blank_rows_keep_their_numbers():
    found = read_rows(
        ["题目编号", "题型", "题干", "答案"], [[], ["P1", "判断", "问", "对"], ["", " "], ["P2"]]
    )
    assert [draft.rows for draft in found.drafts] == [(3,)]
    assert ({one.row for one in found.problems}, found.rows) == ({5}, 2)


MISTAKES = [
    (item(题目编号=""), "第 2 行「题目编号」：没有写题目编号；请填写不重复的编号。"),
    (item(题型=""), "第 2 行「题型」：没有写题型；请填写单选、多选、判断、填空或案例。"),
    (item(题型="不定项"), "第 2 行「题型」：题型“不定项”无法识别；请改为单选、多选、判断、填空或案例。"),
    (item(题干=""), "第 2 行「题干」：题干是空的；请填写题干。"),
    (item(正确答案="E"), "第 2 行「正确答案」：写了 E，但选项只有 A–D；请改为现有选项的字母。"),
    (item(正确答案=""), "第 2 行「正确答案」：没有写正确答案；请填写正确选项的字母。"),
    (item(正确答案="乙"), "第 2 行「正确答案」：答案“乙”不是选项字母；请填写选项字母，例如 B 或 ABC。"),
    (
        item(正确答案="AB"),
        "第 2 行「正确答案」：单选题只能有一个正确答案；请只留一个字母，或者把题型改为多选。",
    ),
    (item(正确答案="AA"), "第 2 行「正确答案」：答案“AA”里有重复的字母；请让每个字母只出现一次。"),
    (
        item(题型="多选", 正确答案="A"),
        "第 2 行「正确答案」：多选题至少要有两个正确答案；请补充字母，或者把题型改为单选。",
    ),
    (item(选项B=""), "第 2 行「选项B」：选项 B 是空的；请填写该选项，或者把后面的选项前移。"),
    (item(选项D="甲"), "第 2 行「选项D」：选项 D 与选项 A 相同；请修改或者删去其中一个。"),
    (
        item(选项B="", 选项C="", 选项D="", 正确答案="A"),
        "第 2 行「选项A」：至少需要两个选项；请至少填写选项A和选项B。",
    ),
    (item(难度="很难"), "第 2 行「难度」：难度“很难”无法识别；请改为易、中或难。"),
    (item(分值="两分"), "第 2 行「分值」：分值“两分”不是数字；请填写数字，例如 2 或 0.5。"),
    (item(分值="0"), "第 2 行「分值」：分值“0”超出范围；请填写大于 0 且不超过 1000 的数字。"),
    (item(分值="0.125"), "第 2 行「分值」：分值“0.125”的小数多于两位；请最多保留两位小数。"),
    (
        item(适用对象="销售单位、店长"),
        "第 2 行「适用对象」：适用对象“店长”无法识别；请改为生产单位、销售单位、主要负责人、质量安全总监或质量安全员。",
    ),
    (item(生效日="2025-13-01"), "第 2 行「生效日」：日期“2025-13-01”无法识别；请写成 2025-01-31 的样子。"),
    (item(生效日="2025-02-01", 失效日="2025-01-01"), "第 2 行「失效日」：失效日早于生效日；请核对两个日期。"),
    (
        item(题型="判断", 正确答案="大概"),
        "第 2 行「选项A」：判断题的选项“甲”无法识别；请改为正确或错误，或者把题型改为单选。",
    ),
    (
        {"题目编号": "P", "题型": "判断", "题干": "问", "正确答案": "大概"},
        "第 2 行「正确答案」：判断题的答案“大概”无法识别；请改为正确或错误。",
    ),
    (
        {"题目编号": "T", "题型": "填空", "题干": "____", "正确答案": "一||二"},
        "第 2 行「题干」：题干里有 1 个空，答案有 2 个空；请让题干里的 ____ 与答案里用 || 隔开的空一样多。",
    ),
    (
        {"题目编号": "T", "题型": "填空", "题干": "____", "正确答案": "一|"},
        "第 2 行「正确答案」：第 1 空的答案是空的；请补充答案，或者删去多余的 |。",
    ),
    (
        {"题目编号": "T", "题型": "填空", "题干": "____", "正确答案": ""},
        "第 2 行「正确答案」：没有写正确答案；请填写答案，用 | 隔开同一空的不同写法。",
    ),
    (
        {"题目编号": "T", "题型": "填空", "题干": "____", "正确答案": "一", "填空判定": "拼音"},
        "第 2 行「填空判定」：判定选项“拼音”无法识别；请改为全半角、空格、大小写、中文数字、单位、简繁或原样。",
    ),
    (
        item(题型="填空", 题干="____", 正确答案="一"),
        "第 2 行「选项A」：填空题不用选项；请清空这一格，或者更改题型。",
    ),
    (item(子题型="多选"), "第 2 行「子题型」：只有案例题才写子题型；请清空这一格，或者把题型改为案例。"),
    (item(案例材料="材料"), "第 2 行「案例材料」：这一行没有案例编号；请填写案例编号，或者清空这一格。"),
    (part(案例编号=""), "第 2 行「案例编号」：案例题没有写案例编号；请给同一案例的各行填写同一个编号。"),
    (part(案例材料=""), "第 2 行「案例材料」：案例材料是空的；请填写案例材料。"),
    (part(子题型=""), "第 2 行「子题型」：案例题没有写子题型；请填写单选、多选、判断或填空。"),
    (part(子题型="案例"), "第 2 行「子题型」：案例里不能再放案例；请改为单选、多选、判断或填空。"),
]


@pytest.mark.parametrize(("row", "sentence"), MISTAKES)
def test_each_mistake_has_its_sentence(row, sentence):
    found = sheet(row)
    assert sentence in [str(one) for one in found.problems]
    assert found.drafts == []


def test_the_sentences_are_distinct():
    assert len({sentence for _, sentence in MISTAKES}) == len(MISTAKES) >= 12


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (item(题干="另一问"), "第 3 行「题目编号」：编号 D1 与第 2 行重复；请改用不重复的编号。"),
        (
            item(题目编号="D2", 题干=" 问? "),
            "第 3 行「题干」：内容与第 2 行相同（本行为第 3 行）；请删去其中一行。",
        ),
        (part(题目编号="D1"), "第 3 行「题目编号」：编号 D1 与第 2 行重复；请改用不重复的编号。"),
        (
            part(题目编号="AL1", 案例编号="D1"),
            "第 3 行「案例编号」：编号 D1 与第 2 行重复；请改用不重复的编号。",
        ),
    ],
)
def test_a_second_time_is_told_with_both_rows(second, sentence):
    found = sheet(item(), second)
    assert ([str(one) for one in found.problems], [draft.rows for draft in found.drafts]) == (
        [sentence],
        [(2,)],
    )


def test_the_same_stem_over_other_options_is_another_item():
    found = sheet(item(题干="下列说法正确的是？"), item(题目编号="D2", 题干="下列说法正确的是？", 选项A="戊"))
    assert (found.problems, len(found.drafts)) == ([], 2)


def test_the_material_of_a_case_must_agree():
    found = sheet(part(题目编号="AL1"), part(题目编号="AL2", 题干="再问", 案例材料="别的材料"))
    assert [str(one) for one in found.problems] == [
        "第 3 行「案例材料」：与第 2 行同一案例的内容不一致；请让同一案例的各行写得一样，或者改用另一个案例编号。"
    ]


@pytest.mark.parametrize(
    ("headers", "sentences"),
    [
        (
            ["题目编号", "题型", "题干"],
            ["第 1 行「正确答案」：表头里没有这一列；请补上这一列，或者使用模板。"],
        ),
        (
            ["题目编号", "题型", "题干", "答案", "正确答案"],
            ["第 1 行「正确答案」：这一列出现了两次；请只保留一列。"],
        ),
    ],
)
def test_a_sheet_with_wrong_headers_is_not_read(headers, sentences):
    found = read_rows(headers, [["P1", "判断", "问", "对", "对"]])
    assert ([str(one) for one in found.problems], found.drafts) == (sentences, [])


def test_a_cell_without_a_header_is_not_dropped():
    found = read_rows(["题目编号", "题型", "题干", "答案"], [["P1", "判断", "问", "对", "多余"]])
    assert [str(one) for one in found.problems] == [
        "第 2 行「—」：第 5 列有内容但没有表头；请为第 5 列写上表头，或者删去这一格。"
    ]


def test_the_template_is_the_agreed_one():
    assert ",".join(template()) == (
        "题目编号,题型,子题型,案例编号,案例材料,产品类别,适用对象,知识点,难度,分值,题干,选项A,选项B,选项C,选项D,选项E,选项F,"
        "正确答案,解析,法规依据,条款,生效日,失效日,核实情况,来源,备注"
    )
