"""What was written on paper, and what it comes to by the engine that scores sittings on a screen."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from audit.transitions import Refused
from exams.actions import scoring
from exams.engine import scoring as engine
from exams.engine import sheet
from exams.queries.sitting import topics
from exams.sentences import say
from supervision.models import PaperResult, PrintedForm
from supervision.queries import paper as queries
from supervision.queries.sittings import lost

PAPER, SHEETS, KEY = "paper", "sheets", "key"  # what is printed of a form


@dataclass(frozen=True)
class Written:
    """What is entered of one examinee: the cells of a form's sheet, or the total of an outside exam."""

    held_on: date
    form: PrintedForm | None = None
    cells: dict = field(default_factory=dict)  # {name of a cell: text}
    points: Decimal | None = None
    max_points: Decimal | None = None
    holder: str = ""


def read(written, session):
    """The facts of a result from what was written; Refused with a sentence for what cannot be."""
    if written.form is None:
        return _total(written, session)
    if written.form.session_id != session.pk:
        raise Refused(_("这份试卷不是本场次的。"))
    places = queries.places_of(written.form)
    try:
        said = sheet.read(places, queries.cells_of(written.form), written.cells)
    except sheet.Unwritten as problem:
        raise Refused(say(problem.sentence)) from problem
    judged = scoring.judge_paper(session, written.form.paper, said)
    total = engine.total(judged.values(), session.cut_score)
    rows = topics(written.form.paper, [(n, one.points, one.weight) for n, one in judged.items()])
    return _facts(total) | {
        "kind": PaperResult.Kind.SHEET,
        "printed_id": written.form.pk,
        "said": {str(position): payload for position, payload in said.items()},
        "missed": lost(rows),
    }


def _total(written, session):
    if written.points is None or written.max_points is None or not written.holder.strip():
        raise Refused(_("请填写得分、满分和组织考试的单位。"))
    if not 0 <= written.points <= written.max_points or not written.max_points:
        raise Refused(_("得分须在 0 与满分之间。"))
    total = engine.of_sums(written.points, written.max_points, session.cut_score)
    return _facts(total) | {"kind": PaperResult.Kind.TOTAL, "holder": written.holder.strip()[:120]}


def _facts(total):
    return {
        "points": total.points,
        "max_points": total.max_points,
        "percent": total.percent,
        "passed": bool(total.passed),
    }
