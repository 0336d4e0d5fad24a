"""Roles: who may do what where, as the administrator sees it."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import actions, exporting, permissions, queries
from accounts.doors import holding
from accounts.forms import GrantFilter, GrantForm
from accounts.models import Role, Unit
from accounts.paging import export_address, page_of
from accounts.permissions import roles
from audit.transitions import Refused


@holding(*roles("grants.run"))
def grants(request):
    """The roles given in one's reach, those in force first."""
    form = GrantFilter(request.GET)
    chosen = form.values()
    today = timezone.localdate()
    found = queries.grants_run_by(request.user).current(today).order_by("unit__path", "role", "user__name")
    if text := chosen["q"].strip():
        found = found.filter(
            Q(user__name__icontains=text) | Q(user__username__icontains=text) | Q(unit__name__icontains=text)
        )
    if chosen["role"]:
        found = found.filter(role=chosen["role"])
    if exporting.is_asked(request):
        header = [_("姓名"), _("用户名"), _("角色"), _("单位"), _("生效日"), _("末日"), _("委托人")]
        rows = (
            [
                g.user.name, g.user.username, g.get_role_display(), g.unit, g.starts_on, g.last_day or "",
                g.delegated_from.user.name if g.delegated_from else "",
            ]
            for g in found
        )  # fmt: skip
        return exporting.answer(request, _("授权.xlsx"), header, rows, action="grants.exported", form=form)
    context = {"form": form, "page_obj": page_of(request, found), "export_url": export_address(request)}
    return render(request, "people/grants.html", context)


@holding(*roles("grants.run"))
def give(request):
    """Give a role, entering the person first if need be."""
    form = GrantForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            with transaction.atomic():
                person = form.person or actions.enter_person(
                    name=chosen["name"], username=chosen["who"], by=request.user
                )
                actions.grant(
                    person,
                    role=chosen["role"],
                    unit=chosen["unit"],
                    by=request.user,
                    last_day=chosen["last_day"],
                )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已向 {name} 授权。").format(name=person.name))
            return redirect("people:grants")
    organs = queries.units_run_by(request.user, Role.ADMIN).filter(kind=Unit.Kind.ORGAN)
    return render(
        request,
        "people/grant_new.html",
        {"form": form, "organs": organs.order_by("path")[:400]},
        status=422 if form.errors else 200,
    )


@require_POST
@holding(*roles("grants.run"))
def end(request, pk):
    """End a role today."""
    given = get_object_or_404(queries.grants_run_by(request.user), pk=pk)
    try:
        actions.end_grant(given, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已收回 {name} 的授权。").format(name=given.user.name))
        if stopped := list(queries.tokens_stopped_with(given, timezone.localdate())):
            names = _("、").join(token.name for token in stopped)
            sentence = _("由 {name} 建立的接口令牌随之停止：{tokens}。请为对接系统换发令牌。")
            messages.warning(request, sentence.format(name=given.user.name, tokens=names))
    return redirect("people:grants")


@require_GET
@holding(*roles("grants.run"))
def matrix(request):
    """Which role may do what, as the code asks it."""
    context = {"roles": list(Role), "groups": permissions.matrix()}
    return render(request, "people/matrix.html", context)
