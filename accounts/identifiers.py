"""Identifiers of China, pure: check, normalise, mask. Sources: GB 32100—2015, GB 11643—1999."""

import re
import unicodedata
from datetime import date

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"

# What may be wrong with each; a page hands the same sentences to identifiers.js.
SAYS = {
    "uscc": {
        "length": N_("统一社会信用代码应为 18 位。"),
        "letters": N_("统一社会信用代码含有不使用的字符：只用数字和大写字母，且不用 I、O、S、V、Z。"),
        "check": N_("统一社会信用代码的校验位不符，请核对有无错字。"),
    },
    "id": {
        "length": N_("身份证号应为 18 位：前 17 位数字，末位数字或 X。"),
        "date": N_("身份证号中的出生日期不存在。"),
        "check": N_("身份证号的校验位不符，请核对有无错字。"),
    },
    "phone": {"length": N_("手机号应为 1 开头的 11 位数字。")},
}


def normalise(text) -> str:
    """Half width, upper case, without spaces and hyphens."""
    return re.sub(r"[\s\-－—]+", "", unicodedata.normalize("NFKC", str(text or ""))).upper()


def uscc_check(first17: str) -> str:
    """The check character of the first 17 of a unified social credit code."""
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(first17, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def why_not_uscc(text) -> str:
    """What is wrong with a unified social credit code, in a sentence; empty when it is right."""
    code = normalise(text)
    if len(code) != 18:
        return SAYS["uscc"]["length"]
    if set(code) - set(USCC_ALPHABET):
        return SAYS["uscc"]["letters"]
    if uscc_check(code[:17]) != code[17]:
        return SAYS["uscc"]["check"]
    return ""


def id_check(first17: str) -> str:
    """The check character of the first 17 digits of an ID number."""
    return ID_CHECKS[sum(int(c) * w for c, w in zip(first17, ID_WEIGHTS, strict=True)) % 11]


def normalise_id_number(text) -> str:
    """The ID number in its one spelling."""
    return normalise(text)


def why_not_id_number(text) -> str:
    """What is wrong with an ID number, in a sentence; empty when it is right. The region part is not checked: codes change."""
    number = normalise(text)
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
        return SAYS["id"]["length"]
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return SAYS["id"]["date"]
    if id_check(number[:17]) != number[17]:
        return SAYS["id"]["check"]
    return ""


def mask_id_number(number: str) -> str:
    """Six in front and four behind stay readable."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}" if len(number) > 10 else "*" * len(number)


def normalise_phone(text) -> str:
    """Eleven digits without country code, or whatever was given, tidied."""
    phone = normalise(text)
    return re.sub(r"^(\+?86|0086)(?=1\d{10}$)", "", phone)


def why_not_phone(text) -> str:
    """What is wrong with a mobile number, in a sentence; empty when it is right."""
    if re.fullmatch(r"1[3-9]\d{9}", normalise_phone(text), re.ASCII):
        return ""
    return SAYS["phone"]["length"]


def mask_phone(phone: str) -> str:
    """Three in front and four behind stay readable."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "*" * len(phone)


TWO_CHARACTER_SURNAMES = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "夏侯",
        "司徒",
        "端木",
        "南宫",
        "长孙",
        "宇文",
        "轩辕",
    ]
)


def mask_name(name: str) -> str:
    """The surname stays: 张*, 欧阳*."""
    kept = 2 if name[:2] in TWO_CHARACTER_SURNAMES and len(name) > 2 else 1
    return name[:kept] + "*" * max(len(name) - kept, 1) if name else ""
