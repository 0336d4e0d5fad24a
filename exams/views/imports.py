"""Whole banks in and out: upload, preview, commit; template; export."""

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

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
KEPT_FOR = 3600
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
            name, data = _kept(request.user, token)
            outcome = _run(bank, name, data, by=request.user)
            if outcome.is_written:
                _forget(request.user, token)
                messages.success(request, _done(outcome))
                return redirect("exams:bank", code)
        elif request.method == "POST":
            form = ImportForm(request.POST, request.FILES)
            if form.is_valid():
                name, data = _uploaded(form.cleaned_data["file"])
                outcome = _run(bank, name, data, by=request.user, dry_run=True)
                token = "" if outcome.problems else _keep(request.user, name, data)
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


def _keep(user, name, data):
    """Keep an upload between preview and commit, for this person only."""
    token = get_random_string(24)
    cache.set(f"import:{user.pk}:{token}", (name, data), KEPT_FOR)
    return token


def _kept(user, token):
    found = cache.get(f"import:{user.pk}:{token}")
    if found is None:
        raise Refused(_("预览已过期，请重新上传文件。"))
    return found


def _forget(user, token):
    cache.delete(f"import:{user.pk}:{token}")


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
    record("bank.export", bank, by=request.user, kind=kind, items=len(written))
    return _file(data, f"{bank.code}.{kind}", KINDS[kind])


def _file(data, name, content_type):
    response = HttpResponse(data, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
