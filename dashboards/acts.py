"""The log of acts, for those who administer the whole tree. Looking into it is an act, too."""

from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.doors import administering_all
from accounts.paging import export_address
from accounts.workbooks import list_workbook
from audit.log import record
from dashboards.forms import ActsFilter
from dashboards.queries import acts as queries

MOST_EXPORTED = 10_000
TYPED = ("person", "on_behalf", "object", "address")


@administering_all
@require_GET
@never_cache
def acts(request):
    """Search, newest first; the pages after the first are the same search, which stands in the log once."""
    form = ActsFilter(request.GET)
    chosen = form.values()
    found, why_not = queries.search(**chosen)
    if form.errors:
        found, why_not = None, _("日期或来源地址写得不对，请改正后再查。")
    if found is not None and request.GET.get("export") == "xlsx":
        return _workbook(request, found, chosen)
    place = queries.place_of(request.GET.get("before", ""))
    rows, more = queries.page_of(found, place) if found is not None else ([], None)
    if found is not None and not place:
        record("audit.searched", request.user, **_used(chosen))
    return render(
        request,
        "dashboards/acts.html",
        {
            "form": form,
            "is_filtered": any(chosen.values()) or form.errors,
            "why_not": why_not,
            "rows": [queries.told(row) for row in rows],
            "place": place,
            "more": str(more) if more else "",
            "export_url": export_address(request) if rows else "",
            "most": MOST_EXPORTED,
        },
    )


def _workbook(request, found, chosen):
    header = [
        _("时间"),
        _("操作人"),
        _("代谁操作"),
        _("操作"),
        _("结果"),
        _("对象"),
        _("对象编号"),
        _("来源地址"),
        _("内容"),
    ]
    rows = [
        [
            f"{localtime(row['at']):%Y-%m-%d %H:%M:%S}", row["who"], row["on_behalf"], row["act"], row["outcome"],
            row["object"], row["target"], row["address"], "；".join(f"{word}：{value}" for word, value in row["details"]),
        ]
        for row in map(queries.told, found[:MOST_EXPORTED])
    ]  # fmt: skip
    record("audit.exported", request.user, rows=len(rows), **_used(chosen))
    return list_workbook(_("操作日志.xlsx"), header, rows)


def _used(chosen):
    """What the log keeps of a search: everything but what was typed, for that may be anything."""
    told = {name: str(value) for name, value in chosen.items() if value and name not in TYPED}
    return {"filters": told, "searched": [name for name in TYPED if chosen[name]]}
