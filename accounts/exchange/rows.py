"""Rows of text in, drafts and problems out."""

import re
import unicodedata
from dataclasses import replace
from datetime import date, datetime, timedelta

from accounts import identifiers
from accounts.exchange.columns import (
    BY_FIELD,
    COLUMNS,
    FULL_TIME,
    KINDS,
    LONGEST,
    ONLY_OF_NEW,
    RISKS,
    SIZES,
    heading,
    is_username,
    nearest,
    spelling,
)
from accounts.exchange.drafts import EnterpriseDraft, Known, PersonDraft, PostDraft, Problem, Sheet

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does

UNKNOWN = N_("“{value}”不在可填的内容之中。")
FILL_IN = N_("此格必须填写。")
LONGEST_SHEET = 20_000
EARLIEST, AHEAD = date(1980, 1, 1), timedelta(days=60)


def read(table, known: Known, today: date) -> Sheet:
    """Read rows of text; the first row with two known headings is the header."""
    sheet = Sheet()
    start, columns = _header(table)
    if start is None:
        sheet.problems.append(Problem(1, "", N_("没有找到表头。请下载模板，保留第一行的列名。")))
        return sheet
    for column in COLUMNS:
        if column.required and column.field not in columns and column.field not in ONLY_OF_NEW:
            sheet.problems.append(
                Problem(start + 1, column.title, N_("缺少“{title}”一列。"), {"title": column.title})
            )
    if sheet.problems:
        return sheet
    if len(table) - start - 1 > LONGEST_SHEET:
        sheet.problems.append(
            Problem(LONGEST_SHEET, "", N_("一次最多导入 {most} 行，请拆分文件。"), {"most": LONGEST_SHEET})
        )
        return sheet
    above = {}
    for number, cells in enumerate(table[start + 1 :], start + 2):
        values = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
        if not any(values.values()):
            continue
        sheet.rows += 1
        if not values["uscc"]:
            # An empty cell means the enterprise above, or the one of that name further up.
            same = not values["name"] or values["name"] == above.get("name")
            values["uscc"] = above.get("uscc", "") if same else _uscc_of(sheet, values["name"])
            values["name"] = values["name"] or above.get("name", "")
        above = values
        _Row(sheet, known, today, number, values).read()
    if not sheet.rows:
        sheet.problems.append(Problem(start + 2, "", N_("表头下面没有数据。")))
    sheet.problems.sort(key=lambda problem: problem.row)
    return sheet


def _header(table):
    names = {heading(alias): column.field for column in COLUMNS for alias in (column.title, *column.aliases)}
    for at, cells in enumerate(table[:10]):
        found = {}
        for place, cell in enumerate(cells):
            name = names.get(heading(cell))
            if name and name not in found:
                found[name] = place
        if len(found) >= 2:
            return at, found
    return None, {}


def _uscc_of(sheet, name):
    return next((draft.uscc for draft in sheet.enterprises.values() if name and draft.name == name), "")


def appointment_bounds(today: date) -> tuple[date, date]:
    """Between which days somebody may be appointed: within living memory, and not long before it is due."""
    return EARLIEST, today + AHEAD


def read_date(text: str) -> date | None:
    """A day written in one of the usual ways, or None."""
    text = re.sub(r"\s+\d{1,2}:\d{2}(:\d{2})?$", "", unicodedata.normalize("NFKC", text).strip())
    if re.fullmatch(r"\d{5}", text):  # a workbook's day number, when the cell lost its format
        return date(1899, 12, 30) + timedelta(days=int(text))
    tidy = re.sub(r"[年月./]", "-", text).rstrip("日-")
    for pattern in ("%Y-%m-%d", "%Y%m%d"):
        try:
            return datetime.strptime(tidy, pattern).date()
        except ValueError:
            continue
    return None


class _Row:
    """One row on its way to drafts; every cell that cannot be read becomes a problem."""

    def __init__(self, sheet, known, today, number, values):
        self.sheet, self.known, self.today, self.number, self.values = sheet, known, today, number, values
        self.sound = True

    def problem(self, name, message, suggestion="", **params):
        self.sound = False
        self.sheet.problems.append(Problem(self.number, BY_FIELD[name].title, message, params, suggestion))

    def read(self):
        for name, longest in LONGEST.items():
            if len(self.values.get(name, "")) > longest:
                self.problem(name, N_("内容过长，最多 {longest} 个字。"), longest=longest)
        uscc = self._enterprise()
        number = self._person()
        self._post(uscc, number)

    def _identifier(self, name, why_not, normalise):
        text = self.values.get(name, "")
        if not text:
            self.problem(name, FILL_IN)
            return ""
        if "E+" in text:
            self.problem(name, N_("号码被存成了数字，末几位已丢失。请把此列设为文本后重新填写。"))
            return ""
        if reason := why_not(text):
            self.problem(name, reason)
            return ""
        return normalise(text)

    def _choice(self, name, table, default=""):
        text = self.values.get(name, "")
        if not text:
            return default
        if text not in table:
            self.problem(name, UNKNOWN, nearest(text, table) or "、".join(BY_FIELD[name].choices), value=text)
            return default
        return table[text]

    def _enterprise(self):
        uscc = self._identifier("uscc", identifiers.why_not_uscc, identifiers.normalise)
        draft = EnterpriseDraft(
            row=self.number,
            uscc=uscc,
            name=self.values.get("name", ""),
            organ=self._organ(),
            **self._trade(),
            size=self._choice("size", SIZES),
            risk=self._choice("risk", RISKS),
            categories=self._categories(),
            address=self.values.get("address", ""),
        )
        if not uscc:
            return ""
        before = self.sheet.enterprises.get(uscc)
        self.sheet.enterprises[uscc] = self._merge(before, draft) if before else draft
        return uscc

    def _merge(self, before, draft):
        """The first row that says something about an enterprise holds; a later one must not say otherwise."""
        found = {}
        for name in ("name", "organ", "produces", "sells", "size", "risk", "categories", "address"):
            old, new = getattr(before, name), getattr(draft, name)
            said = new is not None and new != "" and new != ()
            if said and old not in (None, "", ()) and old != new:
                title = "trade" if name in ("produces", "sells") else name
                self.problem(title, N_("与第 {row} 行所填的同一企业不一致。"), row=before.row)
            elif said:
                found[name] = new
        return replace(before, **found)

    def _organ(self):
        text = self.values.get("organ", "")
        code = self.known.organs.get(spelling(text))
        if text and not code:
            close = nearest(spelling(text), self.known.organs)
            self.problem(
                "organ",
                N_("没有名为“{value}”的监管机构。"),
                self.known.organ_names.get(self.known.organs.get(close), ""),
                value=text,
            )
        return code or ""

    def _trade(self):
        text = self.values.get("trade", "")
        if not text:
            return {"produces": None, "sells": None}
        found = {"produces": "生产" in text, "sells": "销售" in text}
        if not any(found.values()):
            self.problem("trade", UNKNOWN, "、".join(BY_FIELD["trade"].choices), value=text)
        return found

    def _categories(self):
        codes = []
        for name in re.split(r"[、，,;；\n]+", self.values.get("categories", "")):
            if not name.strip():
                continue
            code = self.known.categories.get(spelling(name))
            if code:
                codes.append(code)
            else:
                self.problem(
                    "categories",
                    N_("没有名为“{value}”的产品类别。"),
                    nearest(spelling(name), self.known.categories),
                    value=name.strip(),
                )
        return tuple(sorted(set(codes)))

    def _person(self):
        if not self.values.get("person"):
            self.problem("person", FILL_IN)
        number = self._identifier("id_number", identifiers.why_not_id_number, identifiers.normalise_id_number)
        phone, email = self.values.get("phone", ""), self.values.get("email", "").lower()
        if phone and (reason := identifiers.why_not_phone(phone)):
            self.problem("phone", reason)
        username = self.values.get("username", "")
        if username and not is_username(username):
            self.problem(
                "username", N_("用户名应为 2 至 60 个字母、数字、点、横线或下划线，且不能全为数字。")
            )
        if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", email):
            self.problem("email", N_("“{value}”不是邮箱地址。"), value=email)
        if not number:
            return ""
        draft = PersonDraft(
            row=self.number,
            id_number=number,
            name=self.values.get("person", ""),
            phone=identifiers.normalise_phone(phone) if phone else "",
            email=email,
            username=username,
        )
        before = self.sheet.people.get(number)
        self._alone(draft)
        self.sheet.people[number] = self._same(before, draft) if before else draft
        return number

    def _same(self, before, draft):
        """One ID number is one person, whatever the row."""
        found = {}
        for name, column in (
            ("name", "person"),
            ("phone", "phone"),
            ("email", "email"),
            ("username", "username"),
        ):
            old, new = getattr(before, name), getattr(draft, name)
            if old and new and old != new:
                self.problem(column, N_("与第 {row} 行同一身份证号所填的不一致。"), old, row=before.row)
            elif new:
                found[name] = new
        return replace(before, **found)

    def _alone(self, draft):
        """A phone, e-mail or username belongs to one person of the file."""
        for name in ("phone", "email", "username"):
            value = getattr(draft, name)
            owner = self.sheet.owners.setdefault((name, value), draft) if value else draft
            if owner.id_number != draft.id_number:
                self.problem(name, N_("第 {row} 行的另一人已填了同样的内容。"), row=owner.row)

    def _date(self, name, required):
        text = self.values.get(name, "")
        if not text:
            if required:
                self.problem(name, FILL_IN)
            return None
        day = read_date(text)
        if day is None or not EARLIEST <= day <= date(2100, 1, 1):
            self.problem(name, N_("“{value}”不是可用的日期。"), "2026-01-05", value=text)
            return None
        return day

    def _post(self, uscc, number):
        if not self.values.get("kind"):
            self.problem("kind", FILL_IN)
        kind = self._choice("kind", KINDS)
        full_time = self._choice("full_time", FULL_TIME, True)
        appointed_on, ended_on = self._date("appointed_on", True), self._date("ended_on", False)
        if appointed_on and ended_on and ended_on < appointed_on:
            self.problem("ended_on", N_("离任日期早于任职日期。"))
        first, last = appointment_bounds(self.today)
        if appointed_on and not first <= appointed_on <= last:
            self.problem("appointed_on", N_("任职日期应在 {first} 至 {last} 之间。"), first=first, last=last)
        if ended_on and ended_on > self.today:
            self.problem("ended_on", N_("离任日期不能晚于今天。"), self.today.isoformat())
        if not self.sound:
            return
        others = self.sheet.posts_by_person.setdefault(number, [])
        twin = next(
            (
                post
                for post in others
                if (post.uscc, post.kind) == (uscc, kind)
                and (post.appointed_on == appointed_on or (post.ended_on is None and ended_on is None))
            ),
            None,
        )
        if twin:
            self.problem("kind", N_("与第 {row} 行是同一人的同一岗位。"), row=twin.row)
            return
        post = PostDraft(
            self.number, uscc, number, kind, full_time, appointed_on, ended_on, self.values.get("paper", "")
        )
        others.append(post)
        self.sheet.posts.append(post)
