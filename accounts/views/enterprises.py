"""Enterprises and their posts."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import actions, queries, telling
from accounts.doors import holding
from accounts.forms import AppointForm, DismissForm, EnterpriseFilter
from accounts.models import PostKind, Role
from accounts.paging import export_address, filters_used, page_of
from accounts.workbooks import list_workbook
from audit.log import record
from audit.transitions import Refused

OVERSEERS = (Role.MANAGER, Role.REGULATOR, Role.ADMIN)


@holding(*OVERSEERS)
def enterprises(request):
    """The enterprises that one manages or supervises, with what their posts lack."""
    today = timezone.localdate()
    form = EnterpriseFilter(request.GET, viewer=request.user)
    chosen = form.values()
    used = filters_used(chosen)
    gap = chosen.pop("gap")
    found = queries.list_enterprises(request.user, **chosen, on=today).prefetch_related("categories")
    if gap:
        found = queries.with_gap(found, gap, today)
    if request.GET.get("export") == "xlsx":
        return _enterprises_workbook(request, found, today, used)
    page = page_of(request, found)
    context = {
        "form": form,
        "page_obj": page,
        "rows": _rows(list(page), today),
        "export_url": export_address(request),
    }
    return render(request, "people/enterprises.html", context)


def _rows(found, today):
    staffings = queries.staffing_of(found, today)
    rows = []
    for enterprise in found:
        staffing = staffings[enterprise.pk]
        label, tone = telling.STATES[staffing.state]
        rows.append({"enterprise": enterprise, "staffing": staffing, "label": label, "tone": tone})
    return rows


def _enterprises_workbook(request, found, today, used):
    header = [_("企业"), _("统一社会信用代码"), _("区"), _("监管机构"), _("生产/销售"), _("规模"), _("风险等级"),
              _("产品类别"), _("应配"), _("已配"), _("有效"), _("配备情况")]  # fmt: skip
    rows = []
    for row in _rows(list(found), today):
        enterprise, staffing = row["enterprise"], row["staffing"]
        unit = enterprise.unit
        rows.append([
            unit.name, enterprise.uscc, unit.region or "", unit.parent or "", enterprise.trade,
            enterprise.get_size_display(), enterprise.get_risk_display(),
            _("、").join(category.label for category in enterprise.categories.all()),
            staffing.owed, staffing.filled, staffing.valid, row["label"],
        ])  # fmt: skip
    record("enterprises.exported", request.user, rows=len(rows), **used)
    return list_workbook(_("企业.xlsx"), header, rows)


def _load(request, uscc):
    return get_object_or_404(queries.enterprises_seen_by(request.user), uscc=uscc)


def enterprise(request, uscc):
    """One enterprise: what it is, which posts it owes and who fills them, and what happened."""
    today = timezone.localdate()
    enterprise = _load(request, uscc)
    staffing = queries.staffing_of([enterprise], today)[enterprise.pk]
    label, tone = telling.STATES[staffing.state]
    unit = enterprise.unit
    facts = [
        (_("监管机构"), unit.parent),
        (_("区"), unit.region),
        (_("生产/销售"), enterprise.trade),
        (_("规模"), enterprise.get_size_display()),
        (_("风险等级"), enterprise.get_risk_display()),
        (_("产品类别"), _("、").join(category.label for category in enterprise.categories.all())),
        (_("地址"), enterprise.address),
    ]
    posts = enterprise.posts.select_related("person")
    context = {
        "enterprise": enterprise,
        "staffing": staffing,
        "label": label,
        "tone": tone,
        "places": telling.places(staffing),
        "facts": facts,
        "posts": posts.current(today),
        "past": posts.filter(ended_on__lte=today).order_by("-ended_on"),
        "history": queries.history_of(enterprise)[:50],
    }
    return render(request, "people/enterprise.html", context)


def appoint(request, uscc):
    """Give somebody a post."""
    enterprise = _load(request, uscc)
    kind = request.GET.get("kind")
    initial = {
        "appointed_on": timezone.localdate(),
        "kind": kind if kind in PostKind.values else PostKind.OFFICER,
    }
    form = AppointForm(request.POST or None, enterprise=enterprise, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            post = actions.take_on(enterprise, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                _("{name} 已任命为 {kind}。").format(name=post.person.name, kind=post.get_kind_display()),
            )
            return redirect("people:enterprise", uscc)
    return render(
        request,
        "people/appoint.html",
        {"enterprise": enterprise, "form": form},
        status=422 if form.errors else 200,
    )


def dismiss(request, pk):
    """End a post."""
    posts = queries.posts_seen_by(request.user).select_related("person", "enterprise__unit")
    post = get_object_or_404(posts, pk=pk)
    form = DismissForm(request.POST or None, initial={"ended_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.dismiss(post, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("{name} 的离任已登记。").format(name=post.person.name))
            return redirect("people:enterprise", post.enterprise.uscc)
    return render(
        request, "people/dismiss.html", {"post": post, "form": form}, status=422 if form.errors else 200
    )
