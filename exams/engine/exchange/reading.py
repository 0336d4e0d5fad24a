"""Rows of strings in, drafts and problems out; no row and no cell is dropped in silence."""

import re
from decimal import Decimal

from ..chance import digest
from ..items import ITEM_TYPES
from ..items.base import letter
from ..words import N_
from . import cells, columns
from .drafts import Draft, Problem, Reading
from .row import ADVICE, ANY_ADVICE, Row

HARDNESS = ("easy", "medium", "hard")
PLAIN = {"single", "multiple", "truefalse", "blank"}
NOT_WORDS = re.compile(r"[\W_]+")


def read_rows(headers, rows):
    """Read a sheet: its headers (row 1) and the rows below; a blank row has a number and says nothing."""
    sheet = _Sheet([cells.clean(header) for header in headers])
    if not sheet.problems:
        for number, values in enumerate(rows, 2):
            sheet.read(number, [cells.clean(value) for value in values])
        sheet.close_cases()
    drafts = sorted(sheet.drafts, key=lambda draft: draft.rows)
    problems = sorted(sheet.problems, key=lambda problem: problem.row)
    return Reading(drafts, problems, tuple(sheet.unknown.values()), sheet.rows)


class _Sheet:
    def __init__(self, headers):
        self.headers = headers
        self.drafts, self.problems, self.rows = [], [], 0
        self.names, self.unknown, self.cases = {}, {}, {}
        self.codes, self.contents = {}, {}
        self._name_columns()

    def _name_columns(self):
        for index, header in enumerate(self.headers):
            if not header:
                continue
            name = columns.header_name(header)
            if name is None:
                self.unknown[index] = name = header
            if name in self.names.values():
                self._header_problem(name, N_("这一列出现了两次"), N_("请只保留一列"))
            self.names[index] = name
        for name in columns.REQUIRED:
            if name not in self.names.values():
                self._header_problem(name, N_("表头里没有这一列"), N_("请补上这一列，或者使用模板"))

    def _header_problem(self, column, template, advice):
        self.problems.append(Problem(1, column, template, advice))

    def read(self, number, values):
        """Read one row: into a draft, into a case that is still open, or into problems."""
        if not any(values):
            return
        self.rows += 1
        named = {name: values[index] for index, name in self.names.items() if index < len(values)}
        notes = {name: named[name] for name in (*columns.NOTES, *self.unknown.values()) if named.get(name)}
        row = Row(number, named, notes, self.problems)
        for index, value in enumerate(values):
            if value and index not in self.names:
                advice = N_("请为第 %(index)s 列写上表头，或者删去这一格")
                row.wrong("—", N_("第 %(index)s 列有内容但没有表头"), advice, index=index + 1)
        kind = row.read(columns.TYPE, cells.read_type)
        if kind == "case" or row.text(columns.CASE_CODE):
            self._read_part(row, kind)
        elif kind is not None:
            self._read_item(row, kind)

    # --- plain items ----------------------------------------------------------------------------------------

    def _read_item(self, row, kind):
        if row.text(columns.PART_TYPE) and row.text(columns.PART_TYPE) != row.text(columns.TYPE):
            row.wrong(columns.PART_TYPE, N_("只有案例题才写子题型"), N_("请清空这一格，或者把题型改为案例"))
        for column in (columns.MATERIAL, columns.CASE_RATIONALE):
            if row.text(column):
                row.wrong(column, N_("这一行没有案例编号"), N_("请填写案例编号，或者清空这一格"))
        fields = self._content(row, kind)
        facts = self._facts(row)
        points = row.read(columns.POINTS, cells.read_points)
        if row.faults:
            return
        draft = Draft(type=kind, points=points, rows=(row.number,), notes=row.notes, **fields, **facts)
        self._keep(draft, columns.CODE, columns.STEM)

    def _content(self, row, kind):
        """Read what a plain item and a part have in common, and check it as its type does."""
        body, key = self._body_and_key(row, kind)
        stem = row.text(columns.STEM)
        code = self._code(row, kind, stem)
        difficulty = row.read(columns.DIFFICULTY, cells.read_difficulty)
        if body is not None:
            for problem in ITEM_TYPES[kind].check(stem, body, key or {}):
                self._report(row, problem, key)
        return {
            "code": code,
            "stem": stem,
            "body": body,
            "key": key,
            "rationale": row.text(columns.RATIONALE),
            "topic": row.text(columns.TOPIC),
            "difficulty": difficulty,
            "basis": row.text(columns.BASIS),
            "clause": row.text(columns.CLAUSE),
        }

    def _code(self, row, kind, stem):
        if columns.CODE not in self.names.values():
            # A bank without numbers: the content numbers it, so that reading it again finds the same items.
            return "Q" + digest([kind, row.text(columns.CASE_CODE), stem, row.options()])[:10].upper()
        if not row.text(columns.CODE):
            row.wrong(columns.CODE, N_("没有写题目编号"), N_("请填写不重复的编号"))
        return row.text(columns.CODE)

    def _body_and_key(self, row, kind):
        if kind != "blank" and row.text(columns.NORMALISE):
            row.wrong(columns.NORMALISE, N_("只有填空题才写填空判定"), N_("请清空这一格"))
        if kind == "blank":
            return self._blanks(row)
        if kind == "truefalse":
            return self._judgement(row)
        options = row.options()
        last = max((ord(one) - ord("A") for one in options), default=-1)
        letters = [letter(index) for index in range(last + 1)]
        body = {"options": [{"id": one.lower(), "text": options.get(one, "")} for one in letters]}
        chosen = row.read(columns.KEY, cells.read_letters)
        return body, None if chosen is None else {"options": chosen}

    def _judgement(self, row):
        options = row.options()
        known = columns.meanings(columns.JUDGEMENTS)
        for one, text in options.items():
            if columns.fold(text) not in known:
                advice = N_("请改为正确或错误，或者把题型改为单选")
                row.wrong(columns.OPTION + one, N_("判断题的选项“%(text)s”无法识别"), advice, text=text)
        value = row.read(columns.KEY, cells.read_judgement, options)
        return {}, None if value is None else {"value": value}

    def _blanks(self, row):
        for one in row.options():
            row.wrong(columns.OPTION + one, N_("填空题不用选项"), N_("请清空这一格，或者更改题型"))
        text = row.text(columns.KEY)
        if not text:
            row.wrong(columns.KEY, N_("没有写正确答案"), N_("请填写答案，用 | 隔开同一空的不同写法"))
            return None, None
        spellings = cells.read_spellings(text)
        switches = row.read(columns.NORMALISE, cells.read_switches, len(spellings))
        if switches is None:
            return None, None
        ids = [str(number) for number in range(1, len(spellings) + 1)]
        pairs = zip(ids, switches, strict=True)
        body = {"blanks": [{"id": one, "normalise": switch} for one, switch in pairs]}
        return body, {"blanks": dict(zip(ids, spellings, strict=True))}

    def _report(self, row, problem, key):
        place, _, rest = problem.where.partition(" ")
        if place == "key" and key is None:
            return  # the cell itself could not be read, and that was said
        column = {"stem": columns.STEM, "body": columns.OPTION + "A"}.get(place, columns.KEY)
        if place == "option":
            column = columns.OPTION + rest.upper()
        row.wrong(column, problem.template, ADVICE.get(problem.code, ANY_ADVICE), **problem.params)

    @staticmethod
    def _facts(row):
        since, until = row.read(columns.FROM, cells.read_day), row.read(columns.TO, cells.read_day)
        if since and until and until < since:
            row.wrong(columns.TO, N_("失效日早于生效日"), N_("请核对两个日期"))
        return {
            "categories": cells.read_list(row.text(columns.CATEGORIES)),
            "audience": row.read(columns.AUDIENCE, cells.read_audience),
            "in_force_from": since,
            "in_force_to": until,
        }

    # --- cases ----------------------------------------------------------------------------------------------

    def _read_part(self, row, kind):
        if not row.text(columns.CASE_CODE):
            row.wrong(columns.CASE_CODE, N_("案例题没有写案例编号"), N_("请给同一案例的各行填写同一个编号"))
        column = columns.TYPE
        if kind == "case":
            column = columns.PART_TYPE
            if row.text(column):
                kind = row.read(column, cells.read_type)
            else:
                row.wrong(column, N_("案例题没有写子题型"), N_("请填写单选、多选、判断或填空"))
                kind = None
        if kind == "case":
            row.wrong(column, N_("案例里不能再放案例"), N_("请改为单选、多选、判断或填空"))
        part = self._content(row, kind) if kind in PLAIN else None
        facts = self._facts(row)
        weight = row.read(columns.POINTS, cells.read_points)
        if part is not None:
            part |= {"type": kind, "weight": cells.write_points(weight) or "1", "notes": row.notes}
        self.cases.setdefault(row.text(columns.CASE_CODE), []).append((row, part, facts))

    def close_cases(self):
        """Make one draft of the parts of each case, wherever their rows stood."""
        for code, members in self.cases.items():
            rows = [row for row, _, _ in members]
            material = self._agreed(rows, columns.MATERIAL)
            rationale = self._agreed(rows, columns.CASE_RATIONALE)
            for column in (columns.FROM, columns.TO):
                self._agreed(rows, column)
            if not material:
                rows[0].wrong(columns.MATERIAL, N_("案例材料是空的"), ADVICE["material_empty"])
            self._number_parts(members)
            if any(row.faults for row in rows):
                continue
            self._keep(self._case(code, material, rationale, members), columns.CASE_CODE, columns.MATERIAL)

    def _agreed(self, rows, column):
        """Give the one text that the rows of a case have in a column; empty cells agree with everything."""
        first = next((row for row in rows if row.text(column)), None)
        if first is None:
            return ""
        for row in rows:
            if row.text(column) not in ("", first.text(column)):
                advice = N_("请让同一案例的各行写得一样，或者改用另一个案例编号")
                row.wrong(column, N_("与第 %(other)s 行同一案例的内容不一致"), advice, other=first.number)
        return first.text(column)

    def _number_parts(self, members):
        for row, part, _ in members:
            if part is not None and part["code"]:
                self._claim(self.codes, part["code"], row, columns.CODE)

    @staticmethod
    def _case(code, material, rationale, members):
        parts, keys = [], {}
        for number, (_, part, _) in enumerate(members, 1):
            keys[str(number)] = part["key"]
            parts.append({"id": str(number), **{name: part[name] for name in part if name != "key"}})
        facts = [facts for _, _, facts in members]

        def first(name):
            return next((one[name] for one in facts if one[name]), None)

        def joined(name):
            return "；".join(dict.fromkeys(part[name] for part in parts if part[name]))

        audience = {one for each in facts for one in each["audience"]}
        return Draft(
            code=code,
            type="case",
            stem=material,
            body={"parts": parts},
            key={"parts": keys},
            rationale=rationale,
            topic=next((part["topic"] for part in parts if part["topic"]), ""),
            difficulty=max((part["difficulty"] for part in parts), key=HARDNESS.index),
            points=sum((Decimal(part["weight"]) for part in parts), Decimal(0)),
            categories=tuple(dict.fromkeys(one for each in facts for one in each["categories"])),
            audience=tuple(one for one in columns.AUDIENCES if one in audience),
            basis=joined("basis"),
            clause=joined("clause"),
            in_force_from=first("in_force_from"),
            in_force_to=first("in_force_to"),
            rows=tuple(row.number for row, _, _ in members),
        )

    # --- duplicates -----------------------------------------------------------------------------------------

    def _keep(self, draft, code_column, stem_column):
        """Keep a draft unless its code or its content stood in an earlier row."""
        row = Row(draft.rows[0], {}, {}, self.problems)
        self._claim(self.codes, draft.code, row, code_column)
        content = [_words(draft.stem)]
        content += sorted(_words(option["text"]) for option in draft.body.get("options", ()))
        content += [_words(part["stem"]) for part in draft.body.get("parts", ())]
        earlier = self.contents.setdefault(tuple(content), row.number)
        if earlier != row.number:
            template = N_("内容与第 %(other)s 行相同（本行为第 %(this)s 行）")
            row.wrong(stem_column, template, N_("请删去其中一行"), other=earlier, this=row.number)
        if not row.faults:
            self.drafts.append(draft)

    @staticmethod
    def _claim(codes, code, row, column):
        earlier = codes.setdefault(code, row.number)
        if earlier != row.number:
            template = N_("编号 %(code)s 与第 %(other)s 行重复")
            row.wrong(column, template, N_("请改用不重复的编号"), code=code, other=earlier)


def _words(text):
    folded = columns.fold(text)
    return NOT_WORDS.sub("", folded) or folded
