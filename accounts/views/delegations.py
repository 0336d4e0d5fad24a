"""Roles lent to colleagues: what one lent, what one was lent."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import actions, delegating, telling
from accounts.doors import holding
from accounts.forms_roles import DelegationForm
from accounts.models import RoleGrant
from accounts.permissions import roles
from audit.transitions import Refused

MOST_SHOWN = 50


@require_GET
def delegations(request):
    """Both lists, and the way to lend a role for whoever has one of her own."""
    today = timezone.localdate()
    context = {
        "given": [telling.delegation(one, today) for one in delegating.given_by(request.user)[:MOST_SHOWN]],
        "received": [
            telling.delegation(one, today) for one in delegating.received_by(request.user)[:MOST_SHOWN]
        ],
        "may_lend": delegating.lendable_by(request.user, today).exists(),
    }
    return render(request, "people/delegations.html", context)


@holding(*roles("grants.delegate"))
def delegate(request):
    """Lend a role of one's own."""
    form = DelegationForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            made = actions.delegate(
                chosen["grant"],
                form.person,
                unit=form.unit,
                first=chosen["first"],
                last=chosen["last"],
                reason=chosen["reason"],
                by=request.user,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = _("已委托给 {name}，{first} 至 {last}。")
            messages.success(
                request, said.format(name=made.user.name, first=made.starts_on, last=made.last_day)
            )
            return redirect("people:delegations")
    context = {"form": form, "units": form.units_below()[:400]}
    return render(request, "people/delegation_new.html", context, status=422 if form.errors else 200)


@require_POST
def end(request, pk):
    """End one of them today."""
    mine = RoleGrant.objects.filter(Q(delegated_from__user=request.user) | Q(user=request.user))
    given = get_object_or_404(
        mine.filter(delegated_from__isnull=False).select_related("delegated_from"), pk=pk
    )
    try:
        actions.end_delegation(given, by=request.user)
        messages.success(request, _("这项委托已结束，对应的权限即刻失效。"))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("people:delegations")
