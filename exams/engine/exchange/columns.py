"""Columns and spellings of item workbooks: what people write, and the one spelling that this house writes."""

import re
import unicodedata

from ..items.base import letter

CODE, TYPE, PART_TYPE = "题目编号", "题型", "子题型"
CASE_CODE, MATERIAL = "案例编号", "案例材料"
CATEGORIES, AUDIENCE, TOPIC = "产品类别", "适用对象", "知识点"
DIFFICULTY, POINTS, STEM, KEY, RATIONALE = "难度", "分值", "题干", "正确答案", "解析"
BASIS, CLAUSE, FROM, TO = "法规依据", "条款", "生效日", "失效日"
CHECKED, SOURCE, REMARK = "核实情况", "来源", "备注"
NORMALISE, CASE_RATIONALE = "填空判定", "案例解析"

OPTION = "选项"
TEMPLATE_OPTIONS = 6
NOTES = (CHECKED, SOURCE, REMARK)  # known, but only carried along
BEFORE_OPTIONS = (
    CODE,
    TYPE,
    PART_TYPE,
    CASE_CODE,
    MATERIAL,
    CATEGORIES,
    AUDIENCE,
    TOPIC,
    DIFFICULTY,
    POINTS,
    STEM,
)
AFTER_OPTIONS = (KEY, RATIONALE, BASIS, CLAUSE, FROM, TO, *NOTES)
ON_DEMAND = (NORMALISE, CASE_RATIONALE)  # written only where a draft needs them
REQUIRED = (TYPE, STEM, KEY)

ALIASES = {
    CODE: ("题号", "试题编号", "题目编码", "试题编码", "编号", "序号", "原题号"),
    TYPE: ("试题类型", "题目类型", "试题题型"),
    PART_TYPE: ("小题题型", "子题类型"),
    CASE_CODE: ("案例号",),
    MATERIAL: ("材料", "案例", "背景材料"),
    CATEGORIES: ("类别", "产品", "产品种类"),
    AUDIENCE: ("适用岗位", "适用人员", "对象"),
    TOPIC: ("考点", "所属知识点"),
    DIFFICULTY: ("难易度", "难易程度", "难度等级"),
    POINTS: ("分数", "每题分值", "题目分值"),
    STEM: ("题目", "试题", "试题内容", "题目内容", "题干内容", "试题题干"),
    KEY: ("答案", "标准答案", "参考答案"),
    RATIONALE: ("试题解析", "答案解析", "解析内容", "题目解析"),
    BASIS: ("依据", "法律依据", "法规名称"),
    CLAUSE: ("条号", "法规条款"),
    FROM: ("生效日期", "施行日期"),
    TO: ("失效日期", "废止日期"),
    CHECKED: ("核实",),
    SOURCE: ("出处", "题目来源", "试题来源"),
    REMARK: ("说明",),
    NORMALISE: ("填空规则",),
    CASE_RATIONALE: (),
}
HEADERS = {spelling: name for name, others in ALIASES.items() for spelling in (name, *others)}
OPTION_HEADER = re.compile(r"(?:选项|备选项?|备选答案)?([A-Z])(?:选项)?")
HEADER_TRIMMINGS = re.compile(r"\s|\*|[(（](?:必填|选填|可选)[)）]")

TYPES = {
    "single": ("单选", "单选题", "单项选择", "单项选择题", "single"),
    "multiple": ("多选", "多选题", "多项选择", "多项选择题", "multiple"),
    "truefalse": ("判断", "判断题", "是非题", "对错题", "truefalse"),
    "blank": ("填空", "填空题", "blank"),
    "case": ("案例", "案例题", "案例分析", "案例分析题", "材料题", "case"),
}
DIFFICULTIES = {
    "easy": ("易", "容易", "简单", "低", "easy"),
    "medium": ("中", "中等", "一般", "适中", "medium"),
    "hard": ("难", "较难", "困难", "高", "hard"),
}
AUDIENCES = {
    "produces": ("生产单位", "生产", "生产企业", "produces"),
    "sells": ("销售单位", "销售", "销售企业", "经营单位", "sells"),
    "principal": ("主要负责人", "企业主要负责人", "负责人", "principal"),
    "director": ("质量安全总监", "总监", "director"),
    "officer": ("质量安全员", "安全员", "officer"),
}
EVERYBODY = ("通用", "全部", "所有", "不限")
JUDGEMENTS = {
    True: ("正确", "对", "√", "✓", "✔", "☑", "T", "TRUE", "是", "Y", "YES"),
    False: ("错误", "错", "×", "✗", "✘", "X", "F", "FALSE", "否", "N", "NO"),
}


def first_spellings(table):
    """Give the spelling that is written for each meaning."""
    return {meaning: spellings[0] for meaning, spellings in table.items()}


def meanings(table):
    """Give the meaning of each spelling, folded."""
    return {fold(spelling): meaning for meaning, spellings in table.items() for spelling in spellings}


def fold(text):
    """Give what spellings are compared by: half width, no white space, one case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def header_name(text):
    """Give the canonical name of a header, or None for a column that this house does not know."""
    trimmed = HEADER_TRIMMINGS.sub("", unicodedata.normalize("NFKC", text))
    option = OPTION_HEADER.fullmatch(trimmed.upper())
    return option_column(ord(option[1]) - ord("A")) if option else HEADERS.get(trimmed)


def option_column(index):
    """Give the header of the option at an index."""
    return OPTION + letter(index)


def option_index(name):
    """Give the index of an option's column, or None for another column."""
    tail = name.removeprefix(OPTION)
    return ord(tail) - ord("A") if tail != name and len(tail) == 1 and tail.isupper() else None


def template(options=TEMPLATE_OPTIONS):
    """Give the headers of the own workbook in their order."""
    return [*BEFORE_OPTIONS, *(option_column(index) for index in range(options)), *AFTER_OPTIONS]
