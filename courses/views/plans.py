"""The training plans of an enterprise: list, one plan with its lines, who did what, and the acts on it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import exporting, scope
from accounts.paging import export_address, page_of
from audit.transitions import Refused
from courses import presenting_plans as telling
from courses import rules_plans
from courses.actions import planning
from courses.doors import for_managers, for_overseers
from courses.forms.plans import CloseForm, EntryForm, MembersFilter, PlanForm, PlansFilter, WhyForm
from courses.models import TrainingPlan
from courses.queries import plans as queries
from courses.queries.team import ASSIGNS

State = TrainingPlan.State


def _seen(request, pk):
    found = TrainingPlan.objects.seen_by(request.user).select_related("enterprise__unit", "made_by")
    return get_object_or_404(found, pk=pk)


def _made(request, pk):
    return get_object_or_404(
        TrainingPlan.objects.made_by(request.user).select_related("enterprise__unit"), pk=pk
    )


@for_overseers
@require_GET
def plans(request):
    """The plans of the visitor's enterprises."""
    form = PlansFilter(request.GET, years=queries.years_seen(request.user))
    page = page_of(request, queries.list_plans(request.user, **form.values()))
    return render(
        request,
        "courses/plans/plans.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": [(one, telling.TONES[one.state]) for one in page],
            "may_write": scope.has_role(request.user, *ASSIGNS),
        },
    )


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk=None):
    """Begin a plan, or change what a draft is called."""
    plan = _made(request, pk) if pk else None
    firms = queries.enterprises_of(request.user)
    if plan:
        firms = firms.filter(pk=plan.enterprise_id)
        initial = {"enterprise": plan.enterprise_id, "year": plan.year, "title": plan.title, "aim": plan.aim}
    else:
        year, today = timezone.localdate().year, timezone.localdate()
        year += today.month == 12
        initial = {"year": year, "title": _("%(year)s 年度质量安全培训计划") % {"year": year}}
    form = PlanForm(request.POST or None, initial=initial, enterprises=firms)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        firm = said.pop("enterprise")
        try:
            if plan:
                planning.rewrite(plan, by=request.user, **said)
            else:
                plan = planning.draft(firm, by=request.user, **said)
        except Refused as refused:
            form.add_error("title", str(refused))
        else:
            return redirect("courses:plan", plan.pk)
    return render(
        request, "courses/plans/edit.html", {"plan": plan, "form": form}, status=422 if form.errors else 200
    )


@for_overseers
@require_GET
def plan(request, pk):
    """One plan: its lines with how far they are, what was changed, and what may be done now."""
    found, now = _seen(request, pk), timezone.now()
    today = timezone.localdate(now)
    entries = queries.entries_of(found)
    standing = queries.standing(entries)
    counts = queries.counts_of(found, today)
    is_mine = TrainingPlan.objects.made_by(request.user).filter(pk=pk).exists()
    return render(
        request,
        "courses/plans/plan.html",
        {
            "plan": found,
            "tone": telling.TONES[found.state],
            "rows": [telling.entry(one, counts.get(one.pk), now) for one in standing],
            "past": [telling.past(one) for one in entries if hasattr(one, "end")],
            "is_mine": is_mine and not rules_plans.why_not_write(found),
            "why_not_force": rules_plans.why_not_put_in_force(found, standing, now),
            "why_not_close": rules_plans.why_not_close(found, standing, counts, today),
            "close_form": CloseForm(auto_id="close_%s"),
            "drop_form": WhyForm(auto_id="drop_%s"),
            "outcomes": telling.outcomes(queries.outcomes_of(found)) if found.state == State.CLOSED else (),
            "whole": {
                name: sum(one[name] for one in counts.values()) for name in ("people", "done", "behind")
            },
        },
    )


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request, pk, number=None):
    """Add a line, or put another in the place of one."""
    found, now = _made(request, pk), timezone.now()
    before = _entry_or_404(found, number) if number else None
    form = EntryForm(
        request.POST or None,
        initial=telling.initial(before) if before else None,
        courses=queries.courses_for(found.enterprise),
        sessions=queries.sessions_for(found.enterprise, now),
        posts=queries.posts_in(found.enterprise, timezone.localdate(now)),
        asks_why=found.state == State.IN_FORCE,
    )
    if request.method == "POST" and form.is_valid():
        said = {**form.cleaned_data, "named": list(form.cleaned_data["named"])}
        try:
            if before:
                planning.amend_entry(before, by=request.user, **said)
            else:
                planning.add_entry(found, by=request.user, **said)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("计划已更新。"))
            return redirect("courses:plan", pk)
    return render(
        request,
        "courses/plans/entry.html",
        {"plan": found, "form": form, "before": before, "why_not": rules_plans.why_not_write(found)},
        status=422 if form.errors else 200,
    )


def _entry_or_404(plan, number):
    found = get_object_or_404(plan.entries.select_related("course", "session"), number=number)
    found.plan = plan
    return found


@for_managers
@require_POST
def end(request, pk, number):
    """Take a line out."""
    found = _made(request, pk)
    return _done(
        request,
        pk,
        lambda: planning.end_entry(
            _entry_or_404(found, number), by=request.user, why=request.POST.get("why", "")
        ),
        _("这一项已终止；已经安排的学习和考试仍然保留。"),
    )


@for_managers
@require_POST
def force(request, pk):
    """Put a draft into force."""
    found = _made(request, pk)
    return _done(
        request,
        pk,
        lambda: planning.put_in_force(found, by=request.user),
        _("计划已生效，课程和考试已安排给符合条件的人员；人数多时由后台陆续安排，本页会显示进度。"),
    )


@for_managers
@require_POST
def drop(request, pk):
    """Throw a draft away."""
    found = _made(request, pk)
    return _done(
        request,
        pk,
        lambda: planning.drop(found, by=request.user, why=request.POST.get("why", "")),
        _("草稿已作废。"),
    )


@for_managers
@require_POST
def close(request, pk):
    """Close a plan with its conclusion."""
    found = _made(request, pk)
    return _done(
        request,
        pk,
        lambda: planning.close(found, by=request.user, conclusion=request.POST.get("conclusion", "")),
        _("计划已总结，完成情况已固定，可以打印。"),
    )


def _done(request, pk, act, sentence):
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, sentence)
    return redirect("courses:plan", pk)


@for_overseers
@require_GET
def members(request, pk):
    """Who has a place in a plan and what became of it: a list to look at, to print and to take away."""
    found, today = _seen(request, pk), timezone.localdate()
    entries = queries.standing(queries.entries_of(found))
    form = MembersFilter(request.GET, plan=found, entries=entries)
    rows = queries.list_members(found, today, **form.values())
    if exporting.is_asked(request):
        return exporting.answer(
            request,
            _("培训计划完成情况.xlsx"),
            telling.MEMBERS_HEADER,
            (telling.member_cells(row, found, today) for row in rows[: exporting.MOST_ROWS + 1]),
            action="plan.exported",
            form=form,
            target=found,
        )
    page = page_of(request, rows)
    return render(
        request,
        "courses/plans/members.html",
        {
            "plan": found,
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": [telling.member(row, found, today) for row in page],
            "export_url": export_address(request),
        },
    )
