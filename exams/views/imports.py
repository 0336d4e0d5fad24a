"""Whole banks in and out: upload, preview, commit; template; export."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import uploads
from accounts.doors import holding
from audit.log import record
from audit.transitions import Refused
from exams import workbooks
from exams.actions import bank as acts
from exams.actions.imports import import_items
from exams.doors import WORK, bank_or_404
from exams.drafts import Categories
from exams.forms.bank import FilterForm, ImportForm
from exams.queries import bank as queries
from exams.sentences import fill

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX, "zip": "application/zip"}
MOST_SHOWN = 200


@require_http_methods(["GET", "POST"])
def import_file(request, code):
    """Upload a file, look at what it would do, then bring it in: everything or nothing."""
    bank = bank_or_404(request.user, code)
    if not acts.may_write(request.user, bank):
        messages.error(request, _("只有本题库的编辑可以导入试题。"))
        return redirect("exams:bank", code)
    form, outcome, token, name = ImportForm(), None, request.POST.get("token", ""), ""
    try:
        if token:
            name, data = _taken(request.user, token, bank)
            token = ""
            outcome = _run(bank, name, data, by=request.user)
            if outcome.is_written:
                messages.success(request, _done(outcome))
                return redirect("exams:bank", code)
        elif request.method == "POST":
            form = ImportForm(request.POST, request.FILES)
            if form.is_valid():
                name, data = _uploaded(form.cleaned_data["file"])
                outcome = _run(bank, name, data, by=request.user, dry_run=True)
                token = "" if outcome.problems else uploads.keep(request.user, data, name, _purpose(bank))
    except Refused as refusal:
        form = form if form.is_bound else ImportForm({}, {})
        form.errors.clear()
        form.add_error(None if token else "file", str(refusal))
        token = ""
    return render(
        request,
        "exams/bank/import.html",
        {
            "bank": bank,
            "form": form,
            "outcome": outcome,
            "problems": [_told(problem) for problem in outcome.problems[:MOST_SHOWN]] if outcome else [],
            "token": token,
            "name": name,
        },
    )


def _run(bank, name, data, **how):
    opened = workbooks.open_file(name, data)
    return import_items(bank, opened.read(), files=opened.files, **how)


def _uploaded(upload):
    if upload.size > workbooks.LARGEST_FILE:
        raise Refused(_("文件超过 12 MB，请分成几个文件导入。"))
    return upload.name, upload.read()


def _purpose(bank):
    """What an upload is kept for: this bank and no other."""
    return f"bank {bank.pk}"


def _taken(user, token, bank):
    """Give the upload that was previewed; it is taken, so a second commit of it finds nothing."""
    found = uploads.take(user, token, _purpose(bank))
    if found is None:
        raise Refused(_("暂存的文件已过期或已导入，请重新上传。"))
    data, name = found
    return name, data


def _told(problem):
    return {
        "row": problem.row,
        "column": problem.column,
        "message": fill(problem.template, problem.params),
        "suggestion": fill(problem.advice, problem.params),
    }


def _done(outcome):
    return _("导入完成：新增 %(new)s 题，更新 %(changed)s 题，未变 %(unchanged)s 题。") % {
        "new": outcome.new,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
    }


@require_GET
@holding(*WORK)
def template(request):
    """The empty workbook, with drop-downs and hints; for those who work in a bank."""
    return _file(workbooks.template([row.name for row in Categories().rows]), "zhikao-items.xlsx", XLSX)


@require_GET
def export(request, code, kind):
    """The items that the filters leave, as a file that imports again."""
    bank = bank_or_404(request.user, code)
    if kind not in KINDS:
        raise Http404
    form = FilterForm(request.GET, bank=bank)
    written = queries.drafts_for_export(queries.items_of(bank, form.chosen))
    data = workbooks.write_file(written, kind, queries.pictures_in(written))
    record("bank.exported", bank, by=request.user, kind=kind, items=len(written))
    return _file(data, f"{bank.code}.{kind}", KINDS[kind])


def _file(data, name, content_type):
    response = HttpResponse(data, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
