"""What strangers see of results, without a login: masked names, and nothing before it is confirmed and published."""

import csv
from decimal import Decimal

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.identifiers import mask_name
from accounts.models import Unit
from accounts.paging import page_of
from accounts.workbooks import list_workbook
from supervision import showing
from supervision.forms.minutes import CompareForm
from supervision.models import Minutes, Withdrawal
from supervision.queries import minutes as minutes_queries
from supervision.queries import publishing as queries

BOM = "\ufeff"  # so that spreadsheets read the file as UTF-8


@login_not_required
@require_GET
@never_cache
def results(request):
    """All publications, of one organ if the address says so."""
    found = queries.newest()
    unit = Unit.objects.filter(code=request.GET.get("organ", ""), kind=Unit.Kind.ORGAN).first()
    page = page_of(request, found.filter(check_of__unit=unit) if unit else found)
    withdrawn = set(
        Withdrawal.objects.filter(
            examinee__isnull=True, check_of__in=[one.check_of_id for one in page]
        ).values_list("check_of", "round")
    )
    return render(
        request,
        "supervision/public_results.html",
        {
            "unit": unit,
            "page_obj": page,
            "rows": [
                {
                    "publication": one,
                    "title": showing.round_title(one.round),
                    "is_withdrawn": (one.check_of_id, one.round) in withdrawn
                    or bool(one.check_of.abandoned_why),
                }
                for one in page
            ],
        },
    )


def _shown(code):
    return queries.shown(get_object_or_404(queries.newest(), code=code))


def header():
    """The columns of what is published."""
    return [_("单位名称"), _("姓名"), _("岗位"), _("结论"), _("考核日期"), _("考核机关")]


@login_not_required
@require_GET
@never_cache
def result(request, code):
    """One publication as it stands now."""
    found = _shown(code)
    return render(
        request,
        "supervision/public_result.html",
        {
            "publication": found.publication,
            "check": found.publication.check_of,
            "shown": found,
            "title": showing.round_title(found.publication.round),
            "header": header(),
            "rows": [(line, showing.in_words(cells)) for line, cells in queries.public_rows(found)],
            "is_open": queries.is_open(found.publication, timezone.localdate()),
        },
    )


@login_not_required
@require_GET
@never_cache
def result_file(request, code, kind):
    """The same as a file: csv or xlsx."""
    found = _shown(code)
    if kind not in ("csv", "xlsx"):
        raise Http404
    rows = [
        [_("已撤下：%(why)s") % {"why": line.withdrawal.why}]
        if line.withdrawal
        else [cell or _("更正中") for cell in cells]
        for line, cells in queries.public_rows(found)
    ]
    publication = found.publication
    notes = [
        f"{publication.check_of.name}　{publication.check_of.serial}　{showing.round_title(publication.round)}",
        _("第 %(number)s 版，%(at)s 公布；摘要（SHA-256）%(digest)s")
        % {
            "number": publication.number,
            "at": timezone.localtime(publication.at).strftime("%Y-%m-%d %H:%M"),
            "digest": publication.digest,
        },
    ]
    if found.note:
        notes.append(_("已撤下：%(why)s") % {"why": found.note})
    if kind == "xlsx":
        return list_workbook(f"{code}.xlsx", header(), rows, notes)
    response = HttpResponse(BOM, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{code}.csv")
    csv.writer(response).writerows([header(), *rows, [], *([note] for note in notes)])
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def minutes(request, code):
    """What the QR code of minutes leads to: nothing of a person before confirmation, then the masked name and the conclusion."""
    row = get_object_or_404(Minutes.objects.select_related(*minutes_queries.RELATED), code=code)
    kept = minutes_queries.kept([row])[row.examinee_id]
    newest = minutes_queries.newest_of(row.examinee).row
    check = row.examinee.check_of
    withdrawn = Withdrawal.objects.filter(
        Q(examinee=row.examinee_id) | Q(examinee=None), check_of=check, round=row.examinee.round
    ).first()
    is_told = kept.standing.is_confirmed and newest.pk == row.pk and not withdrawn and not check.abandoned_why
    form = CompareForm(request.POST or None) if is_told else None
    return render(
        request,
        "supervision/public_minutes.html",
        {
            "minutes": row,
            "facts": row.facts,
            "is_confirmed": kept.standing.is_confirmed,
            "is_newest": newest.pk == row.pk,
            "withdrawn": withdrawn,
            "is_told": is_told,
            "is_genuine": minutes_queries.digest_of(row.facts) == row.digest
            and minutes_queries.seal_of_minutes(row) == row.seal,
            "name": mask_name(row.facts["person"]["name"]),
            "conclusion": showing.conclusion_of(row.facts["conclusion"]),
            "form": form,
            "compared": _compared(form, row) if form is not None and form.is_bound and form.is_valid() else None,
            "checked_at": timezone.now(),
        },
    )  # fmt: skip


def _compared(form, row):
    """Which of the two agree with what is kept: [(label, whether it does)]."""
    points = form.cleaned_data["points"]
    kept = Decimal(row.facts["points"]) if row.facts["points"] else None
    return [
        (_("姓名"), form.cleaned_data["name"].strip() == row.facts["person"]["name"]),
        (_("得分"), points == kept),
    ]
