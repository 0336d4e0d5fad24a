"""Results of a sitting on paper as a workbook: the table to fill in, and what a filled one would enter."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.transitions import Refused
from supervision import rules
from supervision.queries import paper as queries
from supervision.queries import sittings
from supervision.queries.written import Written, read

# The headings of the table are the house's own words, in Chinese whatever language its reader has chosen.
NUMBER, NAME, FIRM, LETTER, DAY = "编号", "姓名", "企业", "卷别", "考试日期"
POINTS, MOST, HOLDER, WHY = "得分", "满分", "组织考试的单位", "更正原因"
HEAD = (NUMBER, NAME, FIRM, LETTER, DAY, POINTS, MOST, HOLDER, WHY)
PLACE = "第{number}题"
MOST_ROWS = 2000


@dataclass
class Plan:
    """What a workbook would enter, and why which rows cannot be."""

    entries: list = field(default_factory=list)  # [(examinee, written, why)]
    told: list = field(default_factory=list)  # the same for the page: [(row, examinee, facts)]
    problems: list = field(default_factory=list)  # [(row, sentence)]


def columns_of(forms):
    """The columns of the places of some forms, each once, in order."""
    return list(
        dict.fromkeys(PLACE.format(number=cell.number) for form in forms for cell in queries.cells_of(form))
    )


def table(check, examinees, sat):
    """The head and the rows of the table to fill in: those who have neither an attempt nor a result that counts."""
    forms = list(queries.forms_of(check).values())
    head = [*HEAD, *columns_of(forms)]
    open_ = [one for one in examinees if not sat[one.pk].attempt and sat[one.pk].paper_state != "confirmed"]
    rows = [
        [one.pk, one.registration.candidate.name, one.registration.post.enterprise.unit.name, "", f"{timezone.localdate():%Y-%m-%d}"]
        + [""] * (len(head) - 5)
        for one in open_
    ]  # fmt: skip
    return head, rows


def plan(check, rows):
    """Hold a filled table against the check; reads only."""
    made = Plan()
    if not rows or not {NUMBER, NAME, LETTER, DAY} <= set(rows[0]):
        made.problems.append((1, _("第一行没有“编号、姓名、卷别、考试日期”这些列，请用本页下载的表格填写。")))
        return made
    head, *lines = rows
    if len(set(filter(None, head))) < len([name for name in head if name]):
        made.problems.append((1, _("第一行有重复的列，请用本页下载的表格填写。")))
        return made
    if len(lines) > MOST_ROWS:
        made.problems.append((1, _("一次最多导入 %(most)s 行。") % {"most": MOST_ROWS}))
        return made
    people = list(sittings.examinees(check))
    by_number = {str(one.pk): one for one in people}
    known = _Known(sittings.sat(people), sittings.outcomes_of(people), queries.forms_of(check))
    seen = {}
    for at, line in enumerate(lines, start=2):
        cells = dict(zip(head, line, strict=False))
        if not any(cells.get(name) for name in head if name not in (NUMBER, NAME, FIRM, DAY)):
            continue  # nothing was filled in for this person
        try:
            number = cells.get(NUMBER, "")
            if number in seen:
                raise Refused(_("与第 %(row)s 行是同一个人。") % {"row": seen[number]})
            one = by_number.get(number)
            if one is None or one.registration.candidate.name != cells.get(NAME, ""):
                raise Refused(_("编号与姓名对不上本次抽查的应考人员。"))
            seen[number] = at
            one.check_of = check
            written, facts = _row(one, cells, known)
        except Refused as refused:
            made.problems.append((at, str(refused)))
        else:
            made.entries.append((one, written, cells.get(WHY, "")))
            made.told.append((at, one, facts))
    if not made.entries and not made.problems:
        made.problems.append((1, _("表格里没有填写任何人的成绩。")))
    return made


@dataclass(frozen=True)
class _Known:
    sat: dict
    outcomes: dict
    forms: dict


def _row(one, cells, known):
    if reason := rules.why_not_enter_paper(one, known.sat[one.pk], known.outcomes.get(one.pk)):
        raise Refused(reason)
    if known.sat[one.pk].paper and not cells.get(WHY, "").strip():
        raise Refused(_("已经录入过成绩，请写明更正的原因；原来的保留。"))
    session = one.registration.session
    written = _written(cells, known.forms, session)
    if written.held_on > timezone.localdate():
        raise Refused(_("考试日期不能在今天之后。"))
    return written, read(written, session)


def _written(cells, forms, session):
    held_on = _day(cells.get(DAY, ""))
    letter = cells.get(LETTER, "").strip().upper().removesuffix("卷").strip()
    places = {name: text for name, text in cells.items() if name not in HEAD and name and text}
    if not letter:
        if places:
            raise Refused(_("填了各题的作答，却没有写卷别。"))
        return Written(
            held_on,
            points=_points(cells, POINTS),
            max_points=_points(cells, MOST),
            holder=cells.get(HOLDER, ""),
        )
    form = forms.get((session.pk, letter))
    if form is None:
        raise Refused(_("本场次没有打印过 %(letter)s 卷。") % {"letter": letter[:4]})
    if any(cells.get(name) for name in (POINTS, MOST, HOLDER)):
        raise Refused(_("按答题卡录入的成绩由系统评分，请不要填写得分、满分和组织考试的单位。"))
    known = {PLACE.format(number=cell.number): cell.name for cell in queries.cells_of(form)}
    if unknown := [name for name in places if name not in known]:
        raise Refused(_("%(letter)s 卷没有“%(column)s”。") % {"letter": letter, "column": unknown[0][:20]})
    return Written(held_on, form=form, cells={known[name]: text for name, text in places.items()})


def _day(text):
    try:
        return date.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        raise Refused(_("考试日期请写成 2026-11-26 这样。")) from None


def _points(cells, name):
    text = cells.get(name, "").strip()
    try:
        value = Decimal(text) if text else None
    except InvalidOperation:
        value = Decimal("NaN")
    if value is not None and (not value.is_finite() or value != round(value, 2) or abs(value) >= 10**6):
        raise Refused(_("“%(name)s”请填数字，最多两位小数。") % {"name": name})
    return value
