"""Importing enterprises, people and posts from a workbook."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import actions, telling, uploads
from accounts.doors import holding
from accounts.forms import ImportForm
from accounts.models import Role, Unit
from accounts.planning import read_sheet
from accounts.workbooks import import_template
from catalog.models import ProductCategory
from catalog.tables import Unreadable, read_table

IMPORTERS = (Role.MANAGER, Role.REGULATOR, Role.ADMIN)
SHOWN = 100


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
    """What the workbook would do, or its problems; a POST does it."""
    kept = uploads.kept(request.user, token)
    if kept is None:
        if request.method == "POST":
            messages.error(request, _("暂存的文件已过期或已导入，请重新上传。"))
            return redirect("people:import")
        raise Http404
    content, name = kept
    sheet = read_sheet(read_table(content, name))
    made = actions.import_people(sheet, by=request.user, dry_run=request.method != "POST")
    if made.done:
        uploads.drop(token)
        counts = made.counts()
        messages.success(
            request,
            _("已导入：新企业 {enterprises} 家，新人员 {people} 名，新任职 {posts} 项。").format(
                enterprises=counts["new_enterprises"], people=counts["new_people"], posts=counts["new_posts"]
            ),
        )
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
    }
    return render(request, "people/import_preview.html", context)


@holding(*IMPORTERS)
def template(request):
    """The workbook to fill in."""
    organs = Unit.objects.filter(kind=Unit.Kind.ORGAN).order_by("path").values_list("name", flat=True)
    categories = ProductCategory.objects.filter(valid_to=None).order_by("code").values_list("name", flat=True)
    return import_template(list(organs), list(categories))
