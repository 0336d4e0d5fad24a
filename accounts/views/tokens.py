"""Tokens of other systems, as the administrator makes and ends them."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import actions, queries
from accounts.desks import address
from accounts.doors import holding
from accounts.forms_tokens import TokenFilter, TokenForm
from accounts.models import Role
from accounts.paging import page_of
from accounts.permissions import roles
from audit.transitions import Refused


@require_GET
@holding(*roles("tokens.run"))
def tokens(request):
    """The tokens in one's reach, the newest first; without a choice those that open something."""
    form = TokenFilter(request.GET)
    chosen = form.values()
    found = queries.tokens_run_by(request.user).order_by("-made_at", "-pk")
    if text := chosen["q"].strip():
        found = found.filter(Q(name__icontains=text) | Q(prefix=text[:13]) | Q(unit__name__icontains=text))
    today = timezone.localdate()
    current = found.current(today)
    found = found.exclude(pk__in=current.values("pk")) if chosen["state"] == "over" else current
    page = page_of(request, found.with_backing(today))
    is_over = chosen["state"] == "over"
    context = {
        "form": form,
        "page_obj": page,
        "is_over": is_over,
        "is_filtered": any(chosen.values()),
        "stopped": not is_over and any(not token.is_backed for token in page),
    }
    return render(request, "people/tokens.html", context)


@never_cache
@holding(*roles("tokens.run"))
def make(request):
    """Make a token; the answer to the form is the only page that ever shows its secret."""
    form = TokenForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = actions.make_token(**form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _made(request, token, secret)
    organs = queries.units_run_by(request.user, Role.ADMIN).filter(kind="organ").order_by("path")[:400]
    context = {"form": form, "organs": organs}
    return render(request, "people/token_new.html", context, status=422 if form.errors else 200)


def _made(request, token, secret):
    rows = [
        (_("名称"), token.name),
        (_("单位"), token.unit),
        (_("可读取"), _("、").join(str(label) for label in token.scope_labels)),
        (_("有效期至"), token.expires_on),
    ]
    context = {"token": token, "secret": secret, "rows": rows, "openapi_url": address("api:openapi")}
    return render(request, "people/token_made.html", context)


@require_POST
@holding(*roles("tokens.run"))
def end(request, pk):
    """End a token at once."""
    token = get_object_or_404(queries.tokens_run_by(request.user), pk=pk)
    actions.end_token(token, by=request.user)
    messages.success(request, _("令牌“{name}”已停用。").format(name=token.name))
    return redirect("people:tokens")
