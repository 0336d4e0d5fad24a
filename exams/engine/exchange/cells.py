"""One cell at a time: what a cell says, or a `Wrong` with the sentence and the advice."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from ..items.normalise import DEFAULT_SWITCHES, SWITCHES
from ..words import N_
from . import columns

LIST_STRONG, LIST_WEAK = re.compile(r"[;；|\n]"), re.compile(r"[,，、\n]")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})")
LARGEST_POINTS = Decimal(1000)
KEY_SEPARATORS = re.compile(r"[\s,，、;；|/.。·]+")
AS_WRITTEN = N_("原样")


class Wrong(ValueError):
    """A cell that cannot be read: a sentence, an advice and their parameters."""

    def __init__(self, template, advice, **params):
        super().__init__(template)
        self.template, self.advice, self.params = template, advice, params


def clean(value):
    """Give a cell as text: outer white space off, line ends as line feeds."""
    return "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n").strip()


def read_type(text):
    """Give the code of an item type."""
    if not text:
        raise Wrong(N_("没有写题型"), N_("请填写单选、多选、判断、填空或案例"))
    found = columns.meanings(columns.TYPES).get(columns.fold(text))
    if found is None:
        raise Wrong(N_("题型“%(text)s”无法识别"), N_("请改为单选、多选、判断、填空或案例"), text=text)
    return found


def read_difficulty(text):
    """Give easy, medium or hard; an empty cell is medium."""
    found = columns.meanings(columns.DIFFICULTIES).get(columns.fold(text)) if text else "medium"
    if found is None:
        raise Wrong(N_("难度“%(text)s”无法识别"), N_("请改为易、中或难"), text=text)
    return found


def read_points(text):
    """Give the points as a decimal, or None for an empty cell."""
    if not text:
        return None
    try:
        points = Decimal(columns.fold(text).removesuffix("分"))
    except InvalidOperation:
        raise Wrong(N_("分值“%(text)s”不是数字"), N_("请填写数字，例如 2 或 0.5"), text=text) from None
    if not points.is_finite() or points <= 0 or points > LARGEST_POINTS:
        raise Wrong(N_("分值“%(text)s”超出范围"), N_("请填写大于 0 且不超过 1000 的数字"), text=text)
    if points != round(points, 2):
        raise Wrong(N_("分值“%(text)s”的小数多于两位"), N_("请最多保留两位小数"), text=text)
    return points


def write_points(points):
    """Give points without needless zeros."""
    return "" if points is None else f"{Decimal(points).normalize():f}"


def read_day(text):
    """Give a date, or None for an empty cell."""
    if not text:
        return None
    found = DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups() if part is not None))
    except (AttributeError, ValueError):
        raise Wrong(N_("日期“%(text)s”无法识别"), N_("请写成 2025-01-31 的样子"), text=text) from None


def read_list(text):
    """Give the entries of a cell; where a semicolon or bar stands, commas belong to the entries."""
    separator = LIST_STRONG if LIST_STRONG.search(text) else LIST_WEAK
    entries = (entry.strip() for entry in separator.split(text))
    return tuple(dict.fromkeys(entry for entry in entries if entry))


def write_list(entries):
    """Give entries as one cell that reads back to them."""
    if any(LIST_WEAK.search(entry) for entry in entries):
        return "；".join(entries) + ("；" if len(entries) == 1 else "")
    return "、".join(entries)


def read_audience(text):
    """Give the codes of those an item is meant for, in the order of the house; nobody named is everybody."""
    known = columns.meanings(columns.AUDIENCES)
    everybody = {columns.fold(word) for word in columns.EVERYBODY}
    found = set()
    for entry in read_list(text.replace("/", "、")):
        if columns.fold(entry) in everybody:
            continue
        if columns.fold(entry) not in known:
            raise Wrong(
                N_("适用对象“%(text)s”无法识别"),
                N_("请改为生产单位、销售单位、主要负责人、质量安全总监或质量安全员"),
                text=entry,
            )
        found.add(known[columns.fold(entry)])
    return tuple(code for code in columns.AUDIENCES if code in found)


def read_letters(text):
    """Give the letters of a key as option ids, in the order of the alphabet."""
    letters = KEY_SEPARATORS.sub("", columns.fold(text))
    if not letters:
        raise Wrong(N_("没有写正确答案"), N_("请填写正确选项的字母"))
    if not re.fullmatch("[A-Z]+", letters):
        raise Wrong(N_("答案“%(text)s”不是选项字母"), N_("请填写选项字母，例如 B 或 ABC"), text=text)
    if len(set(letters)) < len(letters):
        raise Wrong(N_("答案“%(text)s”里有重复的字母"), N_("请让每个字母只出现一次"), text=text)
    return sorted(letters.lower())


def read_judgement(text, options):
    """Give the truth value of a key; a letter means the option that stands under it."""
    known = columns.meanings(columns.JUDGEMENTS)
    folded = columns.fold(text)
    meant = options.get(folded, {"A": "正确", "B": "错误"}.get(folded, text))
    if not text:
        raise Wrong(N_("没有写正确答案"), N_("请填写正确或错误"))
    if columns.fold(meant) not in known:
        raise Wrong(N_("判断题的答案“%(text)s”无法识别"), N_("请改为正确或错误"), text=text)
    return known[columns.fold(meant)]


def read_spellings(text):
    """Give the accepted spellings of each blank: || parts blanks, | parts spellings, \\| is the bar itself."""
    blanks, spelling, position = [[]], "", 0
    while position < len(text):
        sign = text[position]
        following = text[position + 1 : position + 2]
        if sign == "\\" and following in ("|", "\\"):
            spelling += following
            position += 2
        elif sign == "|":
            blanks[-1].append(spelling.strip())
            spelling = ""
            if following == "|":
                blanks.append([])
                position += 1
            position += 1
        else:
            spelling += sign
            position += 1
    blanks[-1].append(spelling.strip())
    return blanks


def write_spellings(blanks):
    """Give the accepted spellings of each blank as one cell."""
    return "||".join(
        "|".join(spelling.replace("\\", "\\\\").replace("|", "\\|") for spelling in spellings)
        for spellings in blanks
    )


def read_switches(text, count):
    """Give the normalisation of each blank; an empty entry is the usual one."""
    entries = [entry.strip() for entry in text.split("||")]
    if len(entries) == 1:
        entries *= count
    if len(entries) != count:
        raise Wrong(
            N_("判定选项有 %(entries)s 组，答案有 %(blanks)s 个空"),
            N_("请让两者一样多，或者只写一组"),
            entries=len(entries),
            blanks=count,
        )
    return [_switches(entry) for entry in entries]


def _switches(entry):
    if not entry:
        return list(DEFAULT_SWITCHES)
    if entry == AS_WRITTEN:
        return []
    labels = {columns.fold(word): code for code, label in SWITCHES.items() for word in (code, label)}
    wanted = set()
    for word in read_list(entry):
        if columns.fold(word) not in labels:
            raise Wrong(
                N_("判定选项“%(text)s”无法识别"),
                N_("请改为全半角、空格、大小写、中文数字、单位、简繁或原样"),
                text=word,
            )
        wanted.add(labels[columns.fold(word)])
    return [code for code in SWITCHES if code in wanted]


def write_switches(blanks):
    """Give the normalisations as one cell, empty where all are the usual one."""
    entries = [
        "" if usual(one) else "、".join(SWITCHES[code] for code in one) or AS_WRITTEN for one in blanks
    ]
    if not any(entries):
        return ""
    return entries[0] if len(set(entries)) == 1 else "||".join(entries)


def usual(switches):
    """Tell whether a blank is judged in the usual way."""
    return set(switches) == set(DEFAULT_SWITCHES)
