"""The team along the path of its posts, and the verified hours of an organ's enterprises."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import exporting, scope
from accounts.models import Role
from accounts.paging import export_address, page_of
from courses import presenting_paths as telling
from courses.doors import for_organs, for_overseers
from courses.forms.scale import HoursFilter, LearnersFilter, PathsFilter
from courses.models import Enrolment
from courses.queries import hours as reads
from courses.queries import paths as queries
from courses.queries import team


@for_overseers
@require_GET
def paths(request):
    """People × steps of one path: who is how far."""
    today, offered = timezone.localdate(), queries.paths_seen(request.user)
    form = PathsFilter(request.GET, paths=offered)
    chosen = form.values()
    path = next((one for one in offered if one.code == chosen["path"]), offered[0] if offered else None)
    context = {
        "form": PathsFilter({**request.GET.dict(), "path": path.code if path else ""}, paths=offered),
        "path": path,
        "is_filtered": bool(chosen["q"] or chosen["state"]),
        "is_manager": scope.has_role(request.user, Role.MANAGER),
    }
    if path:
        steps = queries.steps_of([path.pk])[path.pk]
        found = queries.list_walkers(request.user, path, steps, today, chosen["q"], chosen["state"])
        page = page_of(request, found.select_related("person", "enterprise__unit"))
        stands = queries.along(page.object_list, steps, today) if steps else {}
        context |= {
            "steps": steps,
            "page_obj": page,
            "rows": [(post, [telling.standing(one) for one in stands.get(post.pk, ())]) for post in page],
        }
    return render(request, "courses/scale/paths.html", context)


@for_organs
@require_GET
def hours(request):
    """The verified hours below an organ: by the organs or enterprises right below it and by course; who is late."""
    today, organs = timezone.localdate(), reads.organs_seen(request.user)
    known = list(team.courses_seen(request.user))
    form = HoursFilter(request.GET, organs=organs, courses=known)
    chosen = form.values()
    unit = next((one for one in organs if one.code == chosen["unit"]), organs[0])
    year = int(chosen["year"] or today.year)
    course = chosen["course"]
    only = next((one.pk for one in known if one.code == course), None)
    _closed, last = reads.periods_of(year)
    by_place, by_course, whole = reads.standing(unit, year, today, only)
    courses = {one.pk: one for one in known}
    page = page_of(request, reads.firms_of(unit))
    firms = reads.told_of(list(page), year, today, only) if page.paginator.count else {}
    base = {"year": year} | ({"course": course} if course else {})
    return render(
        request,
        "courses/scale/hours.html",
        {
            "form": HoursFilter(
                {"unit": unit.code, "year": str(year), "course": course},
                organs=organs,
                courses=known,
            ),
            "unit": unit,
            "year": year,
            "last": last,
            "whole": telling.figures(whole, year, unit.code, course),
            "places": [
                {
                    "name": one.name,
                    "url": f"{reverse('courses:hours')}?{urlencode({'unit': one.code} | base)}",
                    **telling.figures(by_place[one.pk], year, one.code, course),
                }
                for one in reads.children_of(unit)
            ],
            "courses": [
                {"name": courses[key].name, **telling.figures(told, year, unit.code, courses[key].code)}
                for key, told in sorted(by_course.items(), key=lambda pair: courses[pair[0]].code)
                if told.active or told.completed or told.seconds
            ],
            "page_obj": page,
            "firms": [
                {"name": one.unit.name, **telling.figures(firms[one.pk], year, one.unit.code, course)}
                for one in page
            ],
        },
    )


@for_overseers
@require_GET
def hours_people(request):
    """The enrolments behind a figure, with what was verified of each in the year."""
    form = LearnersFilter(request.GET, courses=team.courses_seen(request.user))
    chosen, today = form.values(), timezone.localdate()
    unit = reads.unit_seen(request.user, chosen["unit"])
    if unit is None:
        raise Http404
    year = chosen["year"] or today.year
    if not 2000 <= year <= today.year + 1:
        raise Http404
    keys = reads.list_learners(unit, year, chosen["course"], chosen["state"], chosen["q"], today)
    keys = keys.values_list("pk", flat=True)
    if exporting.is_asked(request):
        return _hours_workbook(request, form, list(keys[: exporting.MOST_ROWS + 1]), year, unit)
    page = page_of(request, keys)
    seconds = reads.seconds_in(list(page), year)
    return render(
        request,
        "courses/scale/hours_people.html",
        {
            "form": form,
            "unit": unit,
            "year": year,
            "last": reads.periods_of(year)[1],
            "page_obj": page,
            "rows": [(row, seconds.get(row.pk, 0) // 60) for row in team.told(list(page))],
            "today": today,
            "export_url": export_address(request),
            "is_filtered": bool(chosen["q"]),
        },
    )


def _hours_workbook(request, form, keys, year, unit):
    seconds = reads.seconds_in_all(keys, year)
    rows = (
        [
            row.person.name,
            row.post.get_kind_display(),
            row.post.enterprise.unit.name,
            row.edition.name,
            Enrolment.State(row.state).label,
            row.due_on or "",
            seconds.get(row.pk, 0) // 60,
        ]
        for row in reads.told_in_pieces(keys)
    )
    header = [
        _("姓名"),
        _("岗位"),
        _("企业"),
        _("课程"),
        _("状态"),
        _("完成期限"),
        _("%(year)s 年核定学时（分钟）") % {"year": year},
    ]
    return exporting.answer(
        request, _("核定学时.xlsx"), header, rows, action="learning.exported", form=form, target=unit
    )
