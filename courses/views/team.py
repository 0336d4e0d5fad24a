"""The learning of one's people: how far everybody is, and giving courses to many at once."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import exporting, scope
from accounts.paging import export_address, page_of
from accounts.planning import chunks
from audit.transitions import Refused
from courses import presenting
from courses.actions import enrolling
from courses.doors import for_managers, for_overseers, looked_after_or_404
from courses.forms.team import AssignForm, TeamFilter
from courses.queries import team as queries
from courses.queries.progress import progress_of

PEOPLE = 100


@for_overseers
@require_GET
def team(request):
    """The enrolments of the visitor's people with their verified minutes."""
    today = timezone.localdate()
    form = TeamFilter(request.GET, courses=queries.courses_seen(request.user))
    keys = queries.list_team(request.user, today, **form.values()).values_list("pk", flat=True)
    if exporting.is_asked(request):
        return _workbook(request, form, list(keys[: exporting.MOST_ROWS + 1]), today)
    page = page_of(request, keys)
    rows = queries.told(list(page))
    progress = progress_of(rows)
    return render(
        request,
        "courses/team/team.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": [presenting.enrolment(row, progress[row.pk], today) for row in rows],
            "export_url": export_address(request),
            "may_assign": scope.has_role(request.user, *queries.ASSIGNS),
        },
    )


def _workbook(request, form, keys, today):
    header = [
        _("姓名"),
        _("岗位"),
        _("企业"),
        _("课程"),
        _("核定学时（分钟）"),
        _("需要（分钟）"),
        _("完成期限"),
        _("状态"),
    ]
    return exporting.answer(
        request, _("培训进度.xlsx"), header, _cells(keys, today), action="learning.exported", form=form
    )


def _cells(keys, today):
    for piece in chunks(keys):
        rows = queries.told(piece)
        progress = progress_of(rows)
        for row in rows:
            told = presenting.enrolment(row, progress[row.pk], today)
            yield [
                row.person.name,
                row.post.get_kind_display(),
                row.post.enterprise.unit.name,
                row.edition.name,
                told["progress"].minutes,
                told["progress"].minutes_needed,
                row.due_on or "",
                told["state_label"],
            ]


@for_managers
@require_GET
def choose(request):
    """Which course to give."""
    return render(request, "courses/team/choose.html", {"courses": queries.assignable(request.user)})


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request, code):
    """Tick people of one's enterprises and give them the course with a day."""
    found, today = get_object_or_404(queries.assignable(request.user), code=code), timezone.localdate()
    posts = queries.fitting_posts(request.user, found, today)
    form = AssignForm(request.POST or None, posts=posts)
    if request.method == "POST" and form.is_valid():
        try:
            made = enrolling.enrol_many(
                found, list(form.cleaned_data["posts"]), by=request.user, due_on=form.cleaned_data["due_on"]
            )
        except Refused as refused:
            form.add_error("posts", str(refused))
        else:
            count = len({row.pk for row in made})
            messages.success(
                request,
                ngettext(
                    "已安排 %(count)s 人学习，课程已出现在他们的首页。",
                    "已安排 %(count)s 人学习，课程已出现在他们的首页。",
                    count,
                )
                % {"count": count},
            )
            return redirect("courses:team")
    return render(
        request,
        "courses/team/assign.html",
        {
            "course": found,
            "form": form,
            "page_obj": Paginator(posts, PEOPLE).get_page(request.GET.get("page")),
            "ticked": set(request.POST.getlist("posts")),
            "all": request.GET.get("all") == "1" and request.method == "GET",
        },
        status=422 if form.errors else 200,
    )


@for_managers
@require_POST
def cancel(request, pk):
    """Take a course back."""
    found = looked_after_or_404(request, pk)
    try:
        enrolling.cancel(found, by=request.user, why=request.POST.get("why", ""))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已取消 %(name)s 的课程安排。") % {"name": found.person.name})
    return redirect("courses:team")
