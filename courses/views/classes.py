"""The desk of whoever holds classes: the list, planning, one class with its attendance list, the screen."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import exporting, qr, scope
from accounts.paging import export_address, page_of
from audit.transitions import Refused
from courses import presenting_classes, rules_classes
from courses.actions import classes as acts
from courses.doors_classes import for_holders, for_seers, held_class_or_404, seen_class_or_404
from courses.engine import classes as engine
from courses.forms.classes import CancelForm, ClassFilter, ClassForm, EnterForm
from courses.models import ClassMeeting
from courses.queries import classes as queries


@for_seers
@require_GET
def classes(request):
    """The classes of the visitor's units."""
    now, form = timezone.now(), ClassFilter(request.GET)
    found = queries.list_meetings(request.user, now, **form.values())
    if exporting.is_asked(request):
        header = [
            _("课堂"),
            _("形式"),
            _("时间"),
            _("地点"),
            _("授课人"),
            _("举办单位"),
            _("签到人数"),
            _("状态"),
        ]
        rows = (
            [one.title, one.get_kind_display(), presenting_classes.when(one), one.place or one.address, one.teacher,
             one.unit.name, one.came, one.get_state_display()]
            for one in found
        )  # fmt: skip
        return exporting.answer(
            request, _("课堂列表") + ".xlsx", header, rows, action="classes.exported", form=form
        )
    page = page_of(request, found)
    return render(
        request,
        "courses/classes/classes.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": presenting_classes.meetings(page, now),
            "export_url": export_address(request),
            "may_plan": scope.has_role(request.user, *queries.RUNS),
        },
    )


@for_holders
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """Plan a class."""
    return _write(request, ClassMeeting())


@for_holders
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    """Change what was planned."""
    found = held_class_or_404(request, pk)
    if reason := rules_classes.why_not_change(found):
        messages.error(request, reason)
        return redirect("courses:class_manage", pk)
    return _write(request, found)


def _write(request, meeting):
    form = ClassForm(request.POST or None, instance=meeting, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            kept = acts.plan(form.instance, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("课堂已安排，人员在自己的课程页面可以看到。"))
            return redirect("courses:class_manage", kept.pk)
    return render(
        request,
        "courses/classes/edit.html",
        {"meeting": meeting, "form": form},
        status=422 if form.errors else 200,
    )


@for_seers
@require_GET
@never_cache
def manage(request, pk):
    """One class: what it is, who came and left, whom to enter, and what may be done with it."""
    found, now = seen_class_or_404(request, pk), timezone.now()
    rows = queries.rows_of(found)
    if exporting.is_asked(request):
        return _exported(request, found, rows)
    is_holder = ClassMeeting.objects.run_by(request.user).filter(pk=pk).exists()
    open_now = is_holder and found.state == ClassMeeting.State.UNDER_WAY
    q = request.GET.get("q", "").strip()[:60]
    posts = queries.found_for(found, q, timezone.localdate()) if open_now else []
    return render(
        request,
        "courses/classes/manage.html",
        {
            "meeting": found,
            "told": presenting_classes.meeting(found, now),
            "facts": presenting_classes.facts(found),
            "rows": rows,
            "here": sum(row.is_here for row in rows) if open_now else 0,
            "left_open": [row for row in rows if row.is_here],
            "is_holder": is_holder,
            "is_open": open_now,
            "q": q,
            "posts": [one for one in posts[: queries.MOST_FOUND] if one.person_id != request.user.pk],
            "export_url": export_address(request),
            "why_not_begin": rules_classes.why_not_begin(found, now),
            "may_change": not rules_classes.why_not_change(found),
            "may_cancel": not rules_classes.why_not_cancel(found),
            "cancel": CancelForm(),
        },
    )


def _exported(request, meeting, rows):
    header = [_("序号"), _("姓名"), _("企业"), _("岗位"), _("签到"), _("签退"), _("签到记录"), _("计入分钟")]

    def clock(sign):
        return f"{timezone.localtime(sign.at):%Y-%m-%d %H:%M:%S}"

    def told(number, row):
        came = [clock(one) for one in row.signs if one.direction == "in"]
        left = [clock(one) for one in row.signs if one.direction == "out"]
        post = row.attendance.post
        return [
            number, row.attendance.person.name, post.enterprise.unit.name, post.get_kind_display(), came[0],
            left[-1] if left else "", "；".join(_sign(one) for one in row.signs), row.minutes,
        ]  # fmt: skip

    return exporting.answer(
        request,
        f"{meeting.title}.xlsx",
        header,
        (told(number, row) for number, row in enumerate(rows, 1)),
        action="class.list_exported",
        target=meeting,
    )


def _sign(one):
    said = f"{one.get_direction_display()} {timezone.localtime(one.at):%H:%M:%S} {one.get_how_display()}"
    return f"{said}（{one.by}：{one.why}）" if one.by else said


ACTS = {
    "begin": (
        lambda meeting, request: acts.begin(meeting, by=request.user),
        gettext_lazy("签到已开始，请在屏幕上显示二维码。"),
    ),
    "end": (
        lambda meeting, request: acts.end(meeting, by=request.user),
        gettext_lazy("课堂已结束，学时已核定并记入个人档案。"),
    ),
    "cancel": (
        lambda meeting, request: acts.cancel(meeting, by=request.user, why=request.POST.get("why", "")),
        gettext_lazy("课堂已取消。"),
    ),
}


@for_holders
@require_POST
def act(request, pk, act):
    """Open the signing in, end or cancel a class."""
    found = held_class_or_404(request, pk)
    if act not in ACTS:
        raise Http404
    do, sentence = ACTS[act]
    try:
        do(found, request)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, sentence)
    return redirect("courses:class_manage", pk)


@for_holders
@require_POST
def enter(request, pk):
    """Enter somebody who has no phone."""
    found = held_class_or_404(request, pk)
    form = EnterForm(request.POST, posts=queries.posts_in_reach(found, timezone.localdate()))
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect("courses:class_manage", pk)
    said = form.cleaned_data
    person = said["post"].person
    try:
        acts.enter(
            found, person, direction=said["direction"], at=said["at"], why=said["why"], by=request.user
        )
    except Refused as refused:
        messages.error(request, f"{person.name}：{refused}")
    else:
        messages.success(request, _("%(name)s：已登记。") % {"name": person.name})
    return redirect("courses:class_manage", pk)


@for_holders
@require_GET
@never_cache
def screen(request, pk):
    """The wall: the code that turns, as a picture and in letters, and how many have signed in; asked again every two seconds."""
    found, now = held_class_or_404(request, pk), timezone.now()
    why_not = rules_classes.why_not_sign(found, now)
    code = "" if why_not else engine.code(acts.secret_of(found), now)
    here, came = queries.here(found)
    part = request.headers.get("HX-Request") == "true"
    return render(
        request,
        "courses/classes/wall.html" if part else "courses/classes/screen.html",
        {
            "meeting": found,
            "told": presenting_classes.meeting(found, now),
            "why_not": why_not,
            "code": code,
            "qr": qr.svg(settings.BASE_URL + reverse("courses:class_scanned", args=[pk, code]))
            if code
            else "",
            "seconds": engine.seconds_left(now),
            "here": here,
            "came": came,
        },
    )
