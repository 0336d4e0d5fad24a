"""Training files: one's own, those of an enterprise's people, and the archive of all of them."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import printing
from accounts import queries as people_queries
from accounts.models import Enterprise, User
from accounts.paging import page_of
from accounts.workbooks import SHEET_TYPE
from audit.context import signed
from audit.log import record
from audit.transitions import Refused
from courses import presenting_files, printing_files, tasks_files
from courses.actions import file_exports as exports
from courses.actions import filing
from courses.doors import for_overseers
from courses.forms.files import EnterpriseSearch, YearForm
from courses.queries import file_exports as kept
from courses.queries import files as queries
from exams.engine.chance import digest

PDF, XLSX = "pdf", "xlsx"


# --- The doors ----------------------------------------------------------------------------------------------------------


def _enterprise_or_404(request, uscc):
    """An enterprise that the visitor manages or supervises."""
    found = people_queries.enterprises_seen_by(request.user).select_related("unit__parent")
    return get_object_or_404(found, uscc=uscc)


def _file_or_404(request, uscc, pk):
    """(enterprise, person): her own file where she holds or held a post, or of the people of a year whom the visitor oversees."""
    if pk == request.user.pk:
        enterprises = (
            Enterprise.objects.filter(posts__person=request.user).select_related("unit__parent").distinct()
        )
        return get_object_or_404(enterprises, uscc=uscc), request.user
    enterprise = _enterprise_or_404(request, uscc)
    return enterprise, get_object_or_404(User.objects.filter(pk__in=enterprise.posts.values("person")), pk=pk)


def _year_or_404(year):
    if year not in queries.years(timezone.localdate()):
        raise Http404
    return year


def _years():
    return queries.years(timezone.localdate())


# --- One file -----------------------------------------------------------------------------------------------------------


@require_GET
@never_cache
def own_file(request):
    """To one's own file in the newest enterprise."""
    enterprises = queries.enterprises_of(request.user)
    if not enterprises:
        return render(request, "courses/files/none.html", {})
    return redirect("courses:person_file", enterprises[0].uscc, request.user.pk)


@require_GET
@never_cache
def person_file(request, uscc, pk):
    """The training file of a person in an enterprise, a year at a time."""
    enterprise, person = _file_or_404(request, uscc, pk)
    form = YearForm(request.GET, years=_years())
    year = form.values()["year"]
    facts = queries.facts_of([person], enterprise, year)[person.pk]
    confirmed = queries.confirmed_of([person.pk], enterprise, year).get(person.pk)
    is_own = person == request.user
    seen = digest(facts)
    return render(
        request,
        "courses/files/file.html",
        {
            "enterprise": enterprise,
            "person": person,
            "year": year,
            "years": [(one, one == year) for one in _years()],
            "it": presenting_files.told(facts),
            "is_own": is_own,
            "others": [one for one in queries.enterprises_of(person) if one != enterprise] if is_own else [],
            "digest": seen,
            "confirmed": confirmed,
            "is_confirmed": queries.is_confirmed(facts, confirmed),
            "why_not": filing.why_not_confirm(facts, confirmed, seen) if is_own else "",
        },
    )


@require_GET
def person_file_print(request, uscc, pk, year, form):
    """The same on paper or in sheets, kept as a version."""
    if form not in (PDF, XLSX):
        raise Http404
    _year_or_404(year)
    enterprise, person = _file_or_404(request, uscc, pk)
    facts = queries.facts_of([person], enterprise, year)
    version = filing.keep_many(facts, enterprise, year, by=request.user)[person.pk]
    confirmed = queries.confirmed_of([person.pk], enterprise, year)
    if form == PDF:
        try:
            document = printing_files.people_pdf([version], confirmed, **_printed(request))
        except printing.Unavailable as unavailable:
            messages.error(request, str(unavailable))
            return redirect("courses:person_file", uscc, pk)
    else:
        document = printing_files.workbook([version], confirmed)
    record("training_file.printed", version, digest=version.digest, year=year, form=form)
    return _document(document, form, f"{version.serial}.{form}")


@require_POST
def file_confirm(request, uscc, year):
    """One's own file of a year is right, as it was on the page."""
    _year_or_404(year)
    enterprise, person = _file_or_404(request, uscc, request.user.pk)
    try:
        filing.confirm(person, enterprise, year, seen=request.POST.get("digest", ""))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已确认。打印时会注明您的确认时间和账号。"))
    return redirect(reverse("courses:person_file", args=[uscc, person.pk]) + f"?year={year}")


# --- An enterprise ------------------------------------------------------------------------------------------------------


@for_overseers
@require_GET
def files(request):
    """The enterprises whose files the visitor sees; whoever has only one is sent there."""
    form = EnterpriseSearch(request.GET)
    found = people_queries.list_enterprises(request.user, **form.values())
    page = page_of(request, found)
    if page.paginator.count == 1 and not request.GET:
        return redirect("courses:files_of", page[0].uscc)
    return render(
        request,
        "courses/files/enterprises.html",
        {"form": form, "is_filtered": bool(request.GET.get("q")), "page_obj": page},
    )


@for_overseers
@require_GET
@never_cache
def files_of(request, uscc):
    """The people of an enterprise and year with what their files say, and the archives that were made."""
    enterprise = _enterprise_or_404(request, uscc)
    form = YearForm(request.GET, years=_years())
    chosen = form.values()
    year = chosen["year"]
    page = page_of(request, queries.people_in(enterprise, **chosen))
    facts = queries.facts_of(page, enterprise, year)
    confirmed = queries.confirmed_of(list(facts), enterprise, year)
    return render(
        request,
        "courses/files/people.html",
        {
            "enterprise": enterprise,
            "form": form,
            "year": year,
            "is_filtered": bool(request.GET.get("q")),
            "page_obj": page,
            "rows": [_row(one, facts[one.pk], confirmed.get(one.pk)) for one in page],
            "exports": [(one, kept.path_of(one) is not None) for one in kept.recent(enterprise, year)],
        },
    )


def _row(person, facts, row):
    state = "now" if queries.is_confirmed(facts, row) else "before" if row else ""
    return presenting_files.line(person, facts, state)


@for_overseers
@require_GET
def files_cover(request, uscc, year):
    """The enterprise's cover of a year as PDF."""
    enterprise = _enterprise_or_404(request, uscc)
    _year_or_404(year)
    sums = queries.totals(queries.all_facts(enterprise, year))
    said = queries.cover_of(enterprise, year, sums, timezone.localdate())
    version = filing.keep_many({None: said}, enterprise, year, by=request.user)[None]
    try:
        document = printing_files.cover_pdf(version, **_printed(request))
    except printing.Unavailable as unavailable:
        messages.error(request, str(unavailable))
        return redirect("courses:files_of", uscc)
    record("training_file.cover_printed", version, digest=version.digest, year=year)
    return _document(document, PDF, f"{version.serial}.pdf")


@for_overseers
@require_POST
def files_ask(request, uscc, year):
    """One act: the files of everybody in an enterprise and year as an archive, at once where they are few."""
    enterprise = _enterprise_or_404(request, uscc)
    back = redirect(reverse("courses:files_of", args=[uscc]) + f"?year={_year_or_404(year)}")
    try:
        export = exports.ask(enterprise, year, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return back
    if export.people > exports.AT_ONCE:
        tasks_files.make_export.enqueue(export.pk)
        messages.success(request, _("培训档案正在后台生成，可以离开本页，稍后回来下载。"))
        return back
    try:
        exports.make(export)
    except printing.Unavailable as unavailable:
        messages.error(request, str(unavailable))
    else:
        messages.success(request, _("培训档案已生成，可在本页下载。"))
    return back


@for_overseers
@require_GET
def files_take(request, uscc, pk):
    """The file of an archive."""
    enterprise = _enterprise_or_404(request, uscc)
    export = get_object_or_404(enterprise.file_exports, pk=pk)
    path = kept.path_of(export)
    if path is None:
        messages.error(request, _("这份档案还没有生成，或已过保存期；请重新生成。"))
        return redirect(reverse("courses:files_of", args=[uscc]) + f"?year={export.year}")
    record("training_files.exported", export, digest=export.digest, year=export.year, people=export.people)
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=f"training-{uscc}-{export.year}.zip")
    answer["Content-Type"] = "application/zip"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _printed(request):
    return {"printed_at": timezone.now(), "printed_by": signed(request.user)}


def _document(document, form, name):
    kind = SHEET_TYPE if form == XLSX else "application/pdf"
    answer = HttpResponse(document, content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(form == XLSX, name)
    answer["Cache-Control"] = "private, no-store"
    return answer
