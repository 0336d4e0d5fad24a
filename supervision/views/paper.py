"""Sittings on paper: what is printed, what is entered, and who checks it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import papers, uploads
from accounts.workbooks import list_workbook
from audit.log import record
from audit.transitions import Refused
from catalog.tables import Unreadable, read_table
from exams.engine import sheet
from supervision import paper_book, presenting, rules
from supervision.actions import paper as acts
from supervision.doors import answer, check_or_404, examinee_or_404, for_desk, for_paper
from supervision.forms.paper import BookForm, PaperReviewForm, PrintForm, WrittenForm
from supervision.models import PrintedForm
from supervision.queries import paper as queries
from supervision.queries import sittings

BOOK, SCAN = "paper book", "paper scan"


def _sessions(check, people):
    """The sessions of a check, each with its people: [(session, rows)]."""
    found = {}
    for one in people:
        found.setdefault(one.registration.session, []).append(one)
    return found


@for_desk
@require_GET
def paper(request, code):
    """Everything on paper of a case: forms to print, who wrote on paper, and the way in for workbooks."""
    check, now = check_or_404(request, code), timezone.now()
    people = list(sittings.examinees(check))
    sat, outcomes, forms = sittings.sat(people), sittings.outcomes_of(people), queries.forms_of(check)
    return render(
        request,
        "supervision/paper.html",
        {
            "check": check,
            "sessions": [
                {
                    "session": session,
                    "forms": [forms[session.pk, letter] for letter in PrintedForm.Letter if (session.pk, letter) in forms],
                    "print": PrintForm(auto_id=f"print-{session.pk}-%s"),
                    "is_early": now < session.opens_at,
                    "rows": [
                        {
                            "examinee": one,
                            "paper": sat[one.pk].paper,
                            "state": presenting.standing_of(outcomes.get(one.pk), sat[one.pk]),
                            "why_not": rules.why_not_enter_paper(one, sat[one.pk], outcomes.get(one.pk)),
                        }
                        for one in rows
                    ],
                }
                for session, rows in _sessions(check, people).items()
            ],
            "form": BookForm(),
        },
    )  # fmt: skip


@for_paper
@require_http_methods(["GET", "POST"])
def paper_enter(request, code, pk, kind):
    """Type in the answer sheet of an examinee by the form she had, or the total of an outside exam."""
    check = check_or_404(request, code)
    one = examinee_or_404(check, pk)
    one.check_of = check
    form = None
    if kind != "total":
        form = get_object_or_404(
            PrintedForm.objects.select_related("paper", "session"),
            session=one.registration.session,
            letter=kind,
        )
    before = queries.versions(one)
    asked = WrittenForm(
        request.POST or None,
        request.FILES or None,
        by=request.user,
        form=form,
        before=before,
        said=_typed(form, before),
    )
    sat = sittings.sat([one])[one.pk]
    why_not = rules.why_not_enter_paper(one, sat, sittings.outcomes_of([one]).get(one.pk))
    if request.method == "POST" and asked.is_valid():
        try:
            acts.enter(
                one,
                asked.written(),
                by=request.user,
                scans=asked.scans(),
                why=asked.cleaned_data.get("why", ""),
            )
        except Refused as refused:
            asked.add_error(None, str(refused))
        else:
            messages.success(request, _("纸质成绩已录入，由另一位监管人员复核后生效。"))
            return redirect("supervision:examinee", code, pk)
    if request.method == "POST":
        asked.keep_aside()
    context = {
        "check": check,
        "examinee": one,
        "form": asked,
        "printed": form,
        "before": before,
        "why_not": why_not,
    }
    return render(request, "supervision/paper_enter.html", context, status=422 if asked.errors else 200)


def _typed(form, before):
    """What was typed in last of the same form, so that a correction does not begin anew."""
    if not form or not before or before[0].printed_id != form.pk:
        return {}
    said = {int(position): payload for position, payload in before[0].said.items()}
    return sheet.write(queries.places_of(form), queries.cells_of(form), said)


@for_paper
@require_POST
def paper_review(request, code, pk, number):
    """Confirm, return or set aside what somebody else entered."""
    one = examinee_or_404(check_or_404(request, code), pk)
    result = get_object_or_404(one.paper_results.select_related("examinee__check_of"), number=number)
    form = PaperReviewForm(request.POST)
    return answer(
        request,
        (code, pk),
        lambda: acts.review(result, by=request.user, **form.cleaned_data),
        _("复核结论已记录。"),
        form,
        to="supervision:examinee",
    )


@for_paper
@require_GET
def paper_template(request, code):
    """The table to fill in, with those who have no result yet and the places of the forms that were printed."""
    check = check_or_404(request, code)
    people = list(sittings.examinees(check))
    head, rows = paper_book.table(check, people, sittings.sat(people))
    record("paperresult.table", check, by=request.user, rows=len(rows))
    notes = [
        "按答题卡录入：填卷别和各题（单选、多选填字母，判断填 √ 或 ×，填空照写）。",
        "校外考试：不填卷别，填得分、满分和组织考试的单位。",
    ]
    return list_workbook(f"{check.code}-paper.xlsx", head, rows, notes)


@for_paper
@require_http_methods(["GET", "POST"])
def paper_import(request, code):
    """Bring a filled table in: first what it would enter and which rows are refused, then all of it or nothing."""
    check, plan, tokens = check_or_404(request, code), None, {}
    form = BookForm()
    try:
        if request.POST.get("book_token"):
            return _commit(request, check)
        if request.method == "POST":
            form = BookForm(request.POST, request.FILES)
            if form.is_valid():
                book, scan = form.cleaned_data["book"], form.cleaned_data["scan"]
                content = book.read()
                plan = paper_book.plan(check, _table(content, book.name))
                if not plan.problems:
                    tokens = {
                        "book": uploads.keep(request.user, content, book.name, f"{BOOK} {check.pk}"),
                        "scan": uploads.keep(request.user, scan.data, scan.name, f"{SCAN} {check.pk}"),
                    }
    except Refused as refused:
        messages.error(request, str(refused))
    context = {"check": check, "form": form, "plan": plan, "tokens": tokens}
    return render(request, "supervision/paper_import.html", context, status=422 if form.errors else 200)


def _table(content, name):
    try:
        rows = read_table(content, name)
    except Unreadable as problem:
        raise Refused(str(problem)) from problem
    return [row for row in rows if not row or not row[0].startswith(("按答题卡录入", "校外考试"))]


def _commit(request, check):
    book = uploads.take(request.user, request.POST["book_token"], f"{BOOK} {check.pk}")
    scan = uploads.take(request.user, request.POST.get("scan_token", ""), f"{SCAN} {check.pk}")
    if book is None or scan is None:
        raise Refused(_("暂存的文件已过期或已导入，请重新上传。"))
    plan = paper_book.plan(check, _table(*book))
    if plan.problems:
        row, sentence = plan.problems[0]
        raise Refused(_("第 %(row)s 行：%(why)s 没有导入任何一行。") % {"row": row, "why": sentence})
    rows = acts.enter_many(check, plan.entries, by=request.user, scans=[papers.prepare(*scan)])
    messages.success(
        request, _("已录入 %(count)s 人的纸质成绩，由另一位监管人员复核后生效。") % {"count": len(rows)}
    )
    return redirect("supervision:paper", check.code)
