"""Roles: who may do what where, as the administrator sees it."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import actions, queries
from accounts.doors import holding
from accounts.forms import GrantFilter, GrantForm
from accounts.models import Role, Unit
from accounts.paging import page_of
from audit.transitions import Refused


@holding(Role.ADMIN)
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
    return render(request, "people/grants.html", {"form": form, "page_obj": page_of(request, found)})


@holding(Role.ADMIN)
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
                actions.grant(person, role=chosen["role"], unit=chosen["unit"], by=request.user)
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
@holding(Role.ADMIN)
def end(request, pk):
    """End a role today."""
    given = get_object_or_404(queries.grants_run_by(request.user), pk=pk)
    try:
        actions.end_grant(given, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已收回 {name} 的授权。").format(name=given.user.name))
    return redirect("people:grants")
