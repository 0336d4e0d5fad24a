"""The first page of every desk: it looks at everything and writes nothing."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import desks, panels, scope
from accounts.context import Frame
from accounts.doors import holding
from accounts.models import Unit
from accounts.permissions import roles
from accounts.queries import units_run_by
from dashboards.queries import bank, enterprise, officer, region, system

WORST = 8
SUPERVISES = roles("organs.overview")


@require_GET
@never_cache
def home(request):
    """The first page of the desk at which the person sits."""
    frame = Frame(request)
    return DESKS[frame.desk](request, frame)


def _officer(request, frame):
    now = timezone.now()
    context = officer.home(request.user, frame.post, now)
    return render(
        request,
        "dashboards/officer.html",
        context | {"post": frame.post} | _panels(panels.OFFICER, request, frame),
    )


def _manager(request, frame):
    now = timezone.now()
    context = enterprise.home(request.user, frame.unit_id, timezone.localdate(now))
    return render(
        request, "dashboards/manager.html", context | {"now": now} | _panels(panels.MANAGER, request, frame)
    )


def _panels(place, request, frame):
    return {"panels": panels.of(place, request, unit_id=frame.unit_id)}


def _regulator(request, frame):
    unit = get_object_or_404(_organs(request.user), pk=frame.unit_id)
    return _overview(request, unit)


def _editor(request, frame):
    context = bank.home(request.user, timezone.localdate()) | {"panels": panels.of(panels.DESK, request)}
    return render(request, "dashboards/editor.html", context)


def _admin(request, frame):
    now = timezone.now()
    context = system.home(request.user, timezone.localdate(now)) | {"panels": panels.of(panels.DESK, request)}
    return render(request, "dashboards/admin.html", context | {"now": now})


DESKS = {
    desks.OFFICER: _officer,
    desks.MANAGER: _manager,
    desks.REGULATOR: _regulator,
    desks.EDITOR: _editor,
    desks.ADMIN: _admin,
}


def _organs(user):
    return units_run_by(user, *SUPERVISES).select_related("region", "parent")


@holding(*SUPERVISES)
@require_GET
@never_cache
def organ(request, code):
    """The overview of an organ below one's own, with all its enterprises."""
    unit = get_object_or_404(_organs(request.user), code=code, kind=Unit.Kind.ORGAN)
    return _overview(request, unit, with_all=True)


def _overview(request, unit, with_all=False):
    now = timezone.now()
    seen = region.overview(request.user, unit, now)
    lines = seen["lines"]
    gaps = [line for line in lines if line.gaps]
    # A station's own page, and any page one went down to, lists the enterprises; elsewhere only those to look at first.
    listed = with_all or not seen["parts"]
    page = Paginator(lines, 30).get_page(request.GET.get("page")) if listed else None
    shown = region.with_organs(page.object_list if page else gaps[:WORST])
    held = {grant.unit_id for grant in scope.grants_of(request.user)}
    return render(
        request,
        "dashboards/region.html",
        seen
        | {
            "unit": unit,
            "panels": panels.of(panels.REGULATOR, request, unit=unit),
            "now": now,
            "is_own": unit.pk in held and not with_all,
            "is_city": seen["by"] == "district",
            "part_word": _("区") if seen["by"] == "district" else _("监管机构"),
            "page_obj": page,
            "pages": page.paginator.get_elided_page_range(page.number) if page else [],
            "shown": shown,
            "gaps_count": len(gaps),
            "year": timezone.localdate(now).year,
            "year_text": str(timezone.localdate(now).year),
        },
    )
