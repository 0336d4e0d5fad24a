"""Sittings on paper: forms are fixed and printed, results entered with their scans and checked by a second person."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused
from exams.engine.chance import digest
from exams.engine.layout import Place, lay_out_paper
from exams.models import ExamSession, Registration
from exams.queries import hot
from supervision import rules
from supervision.actions import evidence
from supervision.actions.checks import locked
from supervision.models import PaperResult, PaperReview, PrintedForm
from supervision.queries import paper as queries
from supervision.queries import sittings
from supervision.queries.written import KEY, read


@transaction.atomic
def fix(check, session, letter, *, by):
    """The form of this letter, fixed the first time it is wanted.

    Forms A and B are the first two papers of the session, different items after the same blueprint. A session that has one paper
    only gives B as the same paper in another order of items and options.
    """
    check = locked(check)
    known = (
        PrintedForm.objects.filter(session=session, letter=letter).select_related("paper", "session").first()
    )
    if known:
        return known
    if session.state != ExamSession.State.PUBLISHED:
        raise Refused(_("该场次尚未发布或已结束。"))
    found = queries.first_papers(session)
    if not found:
        raise Refused(_("该场次的试卷尚未生成，请联系组织单位。"))
    is_second = letter == PrintedForm.Letter.B
    paper = found[-1] if is_second else found[0]
    is_shuffled = is_second and len(found) == 1
    shapes = [
        Place(position, place.section, place.type, place.body)
        for position, place in queries.papers.places(paper).items()
    ]
    layout = lay_out_paper(shapes, f"{paper.digest}:{letter}", is_shuffled, is_shuffled)
    form = PrintedForm.objects.create(
        check_of=check,
        session=session,
        letter=letter,
        paper=paper,
        layout=layout,
        digest=digest([paper.digest, letter, layout]),
        by=by,
    )
    record("paperform.fixed", form, by=by, letter=letter, paper=str(paper), digest=form.digest)
    return form


@transaction.atomic
def note_printing(form, what, *, by, why="", now=None):
    """Write down that paper, answer sheets or key of a form were printed; the key before the exam opens only with a reason."""
    why = why.strip()
    if what == KEY and (reason := rules.why_not_print_key(form.session, why, now or timezone.now())):
        raise Refused(reason)
    facts = {"what": what, "letter": form.letter, "digest": form.digest, "why": why[:200]}
    record("paperform.printed", form, by=by, **facts)


@transaction.atomic
def enter(examinee, written, *, by, scans, why="", now=None):
    """Enter what an examinee wrote on paper, with its scans; what was entered before stays below. From now on she cannot sit online."""
    check = locked(examinee.check_of)
    return _enter(check, examinee, written, by=by, scans=scans, why=why, now=now or timezone.now())


@transaction.atomic
def enter_many(check, entries, *, by, scans, now=None):
    """Enter the rows of a workbook, all or none: [(examinee, written, why), …]; the same scans prove each."""
    now, check = now or timezone.now(), locked(check)
    rows = [
        _enter(check, examinee, written, by=by, scans=scans, why=why, now=now)
        for examinee, written, why in entries
    ]
    record("paperresult.imported", check, by=by, rows=len(rows))
    return rows


def _enter(check, examinee, written, *, by, scans, why, now):
    examinee.check_of, why = check, why.strip()
    hot.REGISTRATION_LOCK.one(pk=examinee.registration_id)
    sat = sittings.sat([examinee])[examinee.pk]
    outcome = sittings.outcomes_of([examinee]).get(examinee.pk)
    session = examinee.registration.session
    if reason := rules.why_not_enter_paper(examinee, sat, outcome):
        raise Refused(reason)
    if written.held_on > timezone.localdate(now):
        raise Refused(_("考试日期不能在今天之后。"))
    before = queries.versions(examinee)
    if before and not why:
        raise Refused(_("已经录入过成绩，请写明更正的原因；原来的保留。"))
    if not scans and not any(queries.scans_of(before).values()):
        raise Refused(_("请上传答题卡或成绩单的扫描件；没有录入。"))
    row = PaperResult.objects.create(
        examinee=examinee,
        number=len(before) + 1,
        held_on=written.held_on,
        why=why[:200] if before else "",
        by=by,
        at=now,
        **read(written, session),
    )
    evidence.attach(check, row, scans, by=by)
    Registration.objects.filter(pk=examinee.registration_id).update(on_paper=True)
    record(
        "paperresult.entered",
        row,
        by=by,
        kind=row.kind,
        points=str(row.points),
        form=written.form.letter if written.form else "",
        why=row.why,
    )
    return row


@transaction.atomic
def review(result, verdict, *, by, why="", now=None):
    """Check an entered result against its scans, as a second person: confirm it, return it, or set it aside.

    Only a confirmed one becomes an outcome. A returned one waits to be entered anew; one that was set aside is as if it had never
    been entered, and the person may sit online.
    """
    why, check = why.strip(), locked(result.examinee.check_of)
    examinee = result.examinee
    examinee.check_of = check
    newest = queries.versions(examinee)[0]
    outcome = sittings.outcomes_of([examinee]).get(examinee.pk)
    if reason := rules.why_not_review_paper(
        result if newest.pk != result.pk else newest, newest, outcome, by
    ):
        raise Refused(reason)
    if verdict not in PaperReview.Verdict.values:
        raise Refused(_("请选择复核结论。"))
    if verdict != PaperReview.Verdict.CONFIRMED and not why:
        raise Refused(_("退回或不予采用须写明原因。"))
    row = PaperReview.objects.create(
        result=newest,
        verdict=verdict,
        why=why[:200],
        entered_by_id=newest.by_id,
        by=by,
        at=now or timezone.now(),
    )
    if verdict == PaperReview.Verdict.SET_ASIDE:
        Registration.objects.filter(pk=examinee.registration_id).update(on_paper=False)
    record("paperresult.checked", newest, by=by, verdict=verdict, why=why)
    return row
