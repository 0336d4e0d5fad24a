"""The columns of the workbook and the words that may stand in them."""

import difflib
import re
import unicodedata
from dataclasses import dataclass

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does


@dataclass(frozen=True)
class Column:
    """A column of the workbook: its field, heading, other headings under which it is found, and what may stand in it."""

    field: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""
    width: int = 14
    of_enterprise: bool = False


COLUMNS = (
    Column("name", "企业名称", ("单位名称", "企业", "公司名称"), True, width=28, of_enterprise=True, example="示例电动车有限公司"),
    Column("uscc", "统一社会信用代码", ("信用代码", "社会信用代码", "统一代码"), True, width=22, of_enterprise=True),
    Column("organ", "监管机构", ("监管单位", "监管所", "所属机构"), True, width=24, of_enterprise=True),
    Column("trade", "生产/销售", ("经营类型", "企业类型", "生产销售", "类型"), True, choices=("生产", "销售", "生产、销售"), of_enterprise=True, example="生产"),
    Column("size", "规模", ("企业规模",), choices=("大型", "中型", "小型", "微型"), of_enterprise=True, example="中型"),
    Column("risk", "风险等级", ("风险",), choices=("高风险", "较高风险", "一般风险"), of_enterprise=True, example="一般风险"),
    Column("categories", "产品类别", ("产品", "类别", "产品种类"), True, width=28, of_enterprise=True, example="电动自行车"),
    Column("address", "地址", ("企业地址", "单位地址", "经营地址"), width=28, of_enterprise=True),
    Column("person", "姓名", ("人员姓名", "人员"), True, example="张三"),
    Column("id_number", "身份证号", ("身份证号码", "证件号码", "身份证"), True, width=22),
    Column("phone", "手机号", ("手机", "手机号码", "联系电话", "电话")),
    Column("email", "邮箱", ("电子邮箱", "邮件", "email"), width=22),
    Column("username", "用户名", ("账号", "登录名")),
    Column("kind", "岗位", ("职务", "任职岗位"), True, choices=("主要负责人", "质量安全总监", "质量安全员"), example="质量安全员"),
    Column("full_time", "专职/兼职", ("专兼职", "专职兼职", "全职/兼职", "专职"), choices=("专职", "兼职"), example="专职"),
    Column("appointed_on", "任职日期", ("任命日期", "到岗日期"), True, example="2026-01-05"),
    Column("ended_on", "离任日期", ("免职日期", "离岗日期")),
    Column("paper", "任命文件", ("任命书", "任命文号", "文号"), width=22, example="津示〔2026〕1号"),
)  # fmt: skip
BY_FIELD = {column.field: column for column in COLUMNS}
ENTERPRISE_FIELDS = tuple(column.field for column in COLUMNS if column.of_enterprise)

SIZES = {"大型": "large", "中型": "medium", "小型": "small", "微型": "micro"}
RISKS = {
    "高风险": "high",
    "高": "high",
    "较高风险": "middle",
    "较高": "middle",
    "一般风险": "low",
    "一般": "low",
    "低风险": "low",
}
KINDS = {
    "主要负责人": "principal", "负责人": "principal", "法定代表人": "principal",
    "质量安全总监": "director", "总监": "director",
    "质量安全员": "officer", "安全员": "officer",
}  # fmt: skip
FULL_TIME = {"专职": True, "全职": True, "是": True, "兼职": False, "否": False}
# What an enterprise that is already known need not say again.
ONLY_OF_NEW = ("name", "organ", "trade", "categories")
OWN_NUMBER = N_("u 加数字的用户名由系统分配，请另选一个，或留空。")
LONGEST = {"name": 120, "address": 200, "person": 60, "paper": 120, "username": 60, "email": 254}


def heading(text) -> str:
    """A heading without the marks that people put into it."""
    return re.sub(r"[\s*＊（）()_]|必填|选填", "", unicodedata.normalize("NFKC", str(text))).lower()


def spelling(text) -> str:
    """How names are compared: half width, no spaces, lower case."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text))).lower()


def nearest(text, known) -> str:
    """The known word most like a text, or nothing."""
    found = difflib.get_close_matches(text, known, n=1, cutoff=0.5)
    return found[0] if found else ""


def is_reserved(text) -> bool:
    """Whether a text has the form of the staff numbers that the house itself gives out."""
    return re.fullmatch(r"u\d+", text, re.ASCII | re.IGNORECASE) is not None


def is_username(text) -> bool:
    """Whether a text may be a username: nothing that could be taken for a phone or an e-mail."""
    return re.fullmatch(r"(?!\d+$)[\w.\-]{2,60}", text, re.ASCII) is not None
