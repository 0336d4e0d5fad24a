"""Enterprises and their posts."""

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import actions, coverage, exporting, panels, queries, telling
from accounts.desks import address
from accounts.doors import holding
from accounts.forms import AppointForm, DismissForm, EnterpriseFilter
from accounts.models import Enterprise, PostKind
from accounts.paging import export_address, page_of
from accounts.permissions import roles
from audit.transitions import Refused

OVERSEERS = roles("people.see")


@holding(*OVERSEERS)
def enterprises(request):
    """The enterprises that one manages or supervises, with what their posts lack."""
    today = timezone.localdate()
    form = EnterpriseFilter(request.GET, viewer=request.user)
    chosen = form.values()
    gap, kind = chosen.pop("gap"), chosen.pop("kind")
    found = queries.list_enterprises(request.user, **chosen)
    # A gap is counted over all of them; only those that are shown are then loaded and told in full.
    keys = coverage.with_gap(found, gap, kind, today) if gap or kind else None
    if request.GET.get("export") == "xlsx":
        return _enterprises_workbook(request, _load_many(found, keys), today)
    page = page_of(request, found if keys is None else keys)
    page.object_list = _load_many(
        page.object_list if keys is None else found, None if keys is None else page.object_list
    )
    context = {
        "form": form,
        "page_obj": page,
        "rows": _rows(page.object_list, today),
        "export_url": export_address(request),
    }
    return render(request, "people/enterprises.html", context)


def _load_many(found, keys):
    """The enterprises with what a row shows: all that were found, or those with the keys, in their order."""
    found = found.prefetch_related("categories")
    if keys is None:
        return list(found)
    known = found.order_by().in_bulk(list(keys))
    return [known[key] for key in keys]


def _rows(found, today):
    staffings = queries.staffing_of(found, today)
    rows = []
    for enterprise in found:
        staffing = staffings[enterprise.pk]
        label, tone = telling.STATES[staffing.state]
        rows.append({"enterprise": enterprise, "staffing": staffing, "label": label, "tone": tone})
    return rows


def _enterprises_workbook(request, found, today):
    header = [_("企业"), _("统一社会信用代码"), _("区"), _("监管机构"), _("生产/销售"), _("规模"), _("风险等级"),
              _("产品类别"), _("应配"), _("已配"), _("有效"), _("配备情况")]  # fmt: skip
    rows = []
    for row in _rows(found, today):
        enterprise, staffing = row["enterprise"], row["staffing"]
        unit = enterprise.unit
        rows.append([
            unit.name, enterprise.uscc, unit.region or "", unit.parent or "", enterprise.trade,
            _size(enterprise), enterprise.get_risk_display(),
            _("、").join(category.label for category in enterprise.categories.all()),
            staffing.owed, staffing.filled, staffing.valid, row["label"],
        ])  # fmt: skip
    form = EnterpriseFilter(request.GET, viewer=request.user)
    return exporting.answer(request, _("企业.xlsx"), header, rows, action="enterprises.exported", form=form)


def _size(enterprise):
    label = Enterprise.Size(enterprise.size_class).label
    return _("{size}（监管认定）").format(size=label) if enterprise.size_ruling else label


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
        (_("规模"), _size(enterprise)),
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
        "may_rate": queries.enterprises_supervised_by(request.user).filter(pk=enterprise.pk).exists(),
        "posts": posts.current(today).annotate(papers_kept=Count("papers")),
        "past": posts.filter(ended_on__lte=today).order_by("-ended_on"),
        "waiting": queries.waiting_in(enterprise, today).count(),
        "slips_url": address("certificates:enterprise_slips", uscc),
        "history": queries.history_of(enterprise)[:50],
        "panels": panels.of(panels.ENTERPRISE, request, enterprise=enterprise),
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
    form = AppointForm(
        request.POST or None, request.FILES or None, enterprise=enterprise, by=request.user, initial=initial
    )
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
    if form.errors:
        form.keep_aside()
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
    form = DismissForm(
        request.POST or None,
        request.FILES or None,
        by=request.user,
        initial={"ended_on": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.dismiss(post, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("{name} 的离任已登记。").format(name=post.person.name))
            return redirect("people:enterprise", post.enterprise.uscc)
    if form.errors:
        form.keep_aside()
    return render(
        request, "people/dismiss.html", {"post": post, "form": form}, status=422 if form.errors else 200
    )
