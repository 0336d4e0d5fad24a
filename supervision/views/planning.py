"""Writing the plan of a spot check, with what it reaches counted as one chooses; leaving out people and enterprises."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit.transitions import Refused
from supervision import presenting, rules
from supervision.actions import checks as acts
from supervision.doors import answer, check_or_404, for_planners
from supervision.forms.checks import ExcludeForm, PlanForm
from supervision.queries import checks as queries
from supervision.queries.universe import exclusions_of, survey


def _preview(form):
    """What the plan of a form reaches, and its quotas into the plan; nobody, where there is no organ yet."""
    plan = form.plan()
    kept = form.instance
    reached = survey(
        plan, timezone.localdate(), exclusions_of(kept) if kept.pk else ((), ())
    ) if plan.unit else None  # fmt: skip
    if reached:
        typed = {code: form.quota_of(code) for code in reached.counts}
        plan.quotas = {code: count for code, count in typed.items() if count}
    return {"reached": reached, "strata": presenting.strata(plan, reached) if reached else [], "plan": plan}


def _page(request, form, check=None, status=200):
    return render(
        request,
        "supervision/plan.html",
        {"form": form, "check": check, **_preview(form)},
        status=status,
    )


@for_planners
@require_http_methods(["GET", "HEAD", "POST"])
def check_new(request):
    """Plan a spot check."""
    form = PlanForm(request.POST or None, user=request.user)
    return _write(request, form, lambda fields: acts.plan(by=request.user, **fields))


@for_planners
@require_http_methods(["GET", "HEAD", "POST"])
def check_edit(request, code):
    """Write a plan anew before it is approved."""
    check = check_or_404(request, code)
    if reason := rules.why_not_change(check):
        messages.error(request, reason)
        return redirect("supervision:check", code)
    form = PlanForm(request.POST or None, instance=check, user=request.user)
    return _write(request, form, lambda fields: acts.change(check, by=request.user, **fields), check)


def _write(request, form, act, check=None):
    if request.method != "POST":
        return _page(request, form, check)
    is_sound = form.is_valid()
    if "refresh" in request.POST:
        return _page(request, form, check)
    if is_sound:
        try:
            made = act(form.fields_for(_preview(form)["plan"]))
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("计划已保存，待另一位监管人员批准。"))
            return redirect("supervision:check", made.code)
    return _page(request, form, check, status=422)


@for_planners
@require_POST
def preview(request):
    """The counts by stratum for what is chosen so far; a part of the page."""
    check = queries.kept_check(request.user, request.POST.get("kept", ""))
    form = PlanForm(request.POST, instance=check, user=request.user)
    form.is_valid()
    return render(request, "supervision/preview.html", {"form": form, **_preview(form)})


@for_planners
@require_POST
def exclude(request, code):
    """Leave somebody out of the frame, or take that back."""
    check = check_or_404(request, code)
    if pk := request.POST.get("take_back", ""):
        row = get_object_or_404(check.exclusions, pk=pk if pk.isdecimal() and len(pk) < 19 else 0)
        return answer(request, code, lambda: acts.include(row, by=request.user), _("已取消排除。"))
    form = ExcludeForm(request.POST)

    def act():
        people, firms = queries.named(request.user, form.cleaned_data["who"])
        if len(people) + len(firms) != 1:
            raise Refused(
                _("名称对应不止一个人或企业，请改用用户名或统一社会信用代码。")
                if people or firms
                else _("在您的管辖范围内没有找到，请核对全称。")
            )
        acts.exclude(
            check,
            by=request.user,
            why=form.cleaned_data["why"],
            person=people[0] if people else None,
            enterprise=firms[0] if firms else None,
        )

    return answer(request, code, act, _("已从抽取范围中排除。"), form)
