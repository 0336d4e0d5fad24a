"""Importing enterprises, people and posts from a workbook."""

import hashlib

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import actions, queries, telling, uploads
from accounts.doors import holding
from accounts.forms import ImportForm
from accounts.models import Import, Unit
from accounts.paging import page_of
from accounts.permissions import roles
from accounts.planning import read_sheet
from accounts.workbooks import import_template
from audit.transitions import Refused
from catalog.models import ProductCategory
from catalog.tables import Unreadable, read_table
from operations.models import WorkerProcess

IMPORTERS = roles("people.import")
SHOWN = 100
MOST_AT_ONCE = 500  # rows that are brought in while one waits

TONES = {
    Import.State.WAITING: "info",
    Import.State.DONE: "ok",
    Import.State.REFUSED: "stop",
    Import.State.UNDOING: "info",
    Import.State.UNDONE: "",
}


@holding(*IMPORTERS)
def import_(request):
    """Bring a workbook; it is read at once and nothing is entered yet."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            read_table(content, file.name)
        except Unreadable as problem:
            form.add_error("file", _(str(problem)))
        else:
            return redirect("people:import_preview", uploads.keep(request.user, content, file.name))
    return render(request, "people/import.html", {"form": form}, status=422 if form.errors else 200)


@holding(*IMPORTERS)
def preview(request, token):
    """What the workbook would do, or its problems; a POST does it, a long one by the background worker."""
    mine = queries.imports_run_by(request.user).exclude(state=Import.State.REFUSED)
    if request.method == "POST" and (asked := mine.filter(token=token).first()):
        return redirect("people:import_run", asked.pk)  # pressed twice
    kept = uploads.kept(request.user, token)
    if kept is None:
        if request.method == "POST":
            messages.error(request, _("暂存的文件已过期或已导入，请重新上传。"))
            return redirect("people:import")
        raise Http404
    content, name = kept
    about = {"known_as": name, "digest": hashlib.sha256(content).hexdigest()}
    rows = uploads.noted(token)  # the preview counted them, so that a long file need not be read again here
    if request.method == "POST" and rows.isdigit() and int(rows) > MOST_AT_ONCE:
        asked = actions.ask_for(token, by=request.user, rows=int(rows), **about)
        return redirect("people:import_run", asked.pk)
    sheet = read_sheet(read_table(content, name))
    uploads.note(token, str(sheet.rows))
    made = actions.import_people(sheet, by=request.user, dry_run=request.method != "POST", **about)
    if made.done:
        uploads.drop(token)
        if made.kept_as:
            return redirect("people:import_run", made.kept_as.pk)
        messages.info(request, _("没有问题，也没有变化：文件所写的都已登记。"))
        return redirect("people:people")
    context = {
        "name": name,
        "made": made,
        "counts": made.counts(),
        "changes": any(
            count for key, count in made.counts().items() if key not in ("rows", "unchanged_posts")
        ),
        "problems": [{"problem": p, "sentence": telling.sentence(p)} for p in made.problems[:SHOWN]],
        "more_problems": max(len(made.problems) - SHOWN, 0),
        "enterprises": made.new_enterprises[:SHOWN],
        "people": made.new_people[:SHOWN],
        "alike": [
            {"draft": draft, "person": person, "why": telling.likeness(reasons)}
            for draft, person, reasons in made.alike[:SHOWN]
        ],
    }
    return render(request, "people/import_preview.html", context)


@holding(*IMPORTERS)
def template(request):
    """The workbook to fill in."""
    organs = Unit.objects.filter(kind=Unit.Kind.ORGAN).order_by("path").values_list("name", flat=True)
    categories = ProductCategory.objects.filter(valid_to=None).order_by("code").values_list("name", flat=True)
    return import_template(list(organs), list(categories))


def _told(one, is_given_up):
    """The state of an import in words and colour; where nobody works on it any more it says so."""
    if is_given_up:
        is_undoing = one.state == Import.State.UNDOING
        return {"label": _("撤销未完成") if is_undoing else _("导入未完成"), "tone": "stop"}
    return {"label": one.get_state_display(), "tone": TONES[one.state]}


@holding(*IMPORTERS)
@require_GET
def imports(request):
    """What was imported: one's own, and for an administrator of the whole city everybody's."""
    now = timezone.now()
    page = page_of(request, queries.imports_run_by(request.user))
    given_up = queries.given_up(list(page))
    rows = [
        {
            "one": one,
            **_told(one, one.pk in given_up),
            "may_undo": one.state == Import.State.DONE and one.may_be_undone(now),
        }
        for one in page
    ]
    return render(request, "people/imports.html", {"page_obj": page, "rows": rows})


@holding(*IMPORTERS)
@require_GET
def import_run(request, pk):
    """One import: how far it has come, or what it did, and the way back while there is one."""
    one = get_object_or_404(queries.imports_run_by(request.user), pk=pk)
    now = timezone.now()
    is_given_up = bool(queries.given_up([one]))
    is_undoing = one.state == Import.State.UNDOING
    is_waiting = one.state in Import.PENDING and not is_given_up
    step = "undoing" if is_undoing else uploads.noted(one.token) if is_waiting else ""
    words, share = telling.STEPS.get(step, telling.STEPS[""])
    counts = one.counts
    return render(
        request,
        "people/import_run.html",
        {
            "one": one,
            **_told(one, is_given_up),
            "is_given_up": is_given_up,
            "is_undoing": is_undoing,
            "is_waiting": is_waiting,
            "no_worker": is_waiting and not WorkerProcess.objects.alive(now).exists(),
            "words": words,
            "share": share,
            "counts": counts,
            "why": telling.refusal(one.refusal),
            "kept_token": one.token if one.token and uploads.kept(request.user, one.token) else "",
            "may_undo": one.may_be_undone(now) and not is_undoing,
            "undo_until": one.undo_until,
        },
    )


@holding(*IMPORTERS)
@require_POST
def undo(request, pk):
    """Take an import back, or say why not."""
    one = get_object_or_404(queries.imports_run_by(request.user), pk=pk)
    try:
        if one.counts.get("rows", 0) > MOST_AT_ONCE:
            actions.ask_to_undo(one, by=request.user)
            return redirect("people:import_run", pk)
        actions.undo_import(one, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("导入已撤销，数据与导入前一致。"))
    return redirect("people:import_run", pk)


@holding(*IMPORTERS)
@require_POST
def again(request, pk):
    """Let the worker try once more what it gave up."""
    one = get_object_or_404(queries.imports_run_by(request.user), pk=pk)
    actions.try_again(one, by=request.user)
    return redirect("people:import_run", pk)


@holding(*IMPORTERS)
@require_POST
def leave(request, pk):
    """Give up what the worker gave up."""
    one = get_object_or_404(queries.imports_run_by(request.user), pk=pk)
    try:
        actions.leave(one, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("people:import_run", pk)
