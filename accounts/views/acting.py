"""Acting for another: the page where it begins, and its end."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import acting_for, actions, queries
from accounts.doors import holding
from accounts.forms_roles import ActForForm
from accounts.middleware import start_acting, stop_acting
from accounts.permissions import roles
from audit.transitions import Refused


@never_cache
@holding(*roles("people.represent"))
def act_for(request, pk):
    """Why, for how long, and what stays closed; with POST it begins."""
    person = get_object_or_404(queries.people_seen_by(request.user), pk=pk)
    now = timezone.now()
    form = ActForForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.begin_for(person, by=request.user, reason=form.cleaned_data["reason"], now=now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            start_acting(request, kept)
            return redirect(settings.LOGIN_REDIRECT_URL)
    context = {
        "person": person,
        "form": form,
        "why_not": acting_for.why_not(request.user, person, timezone.localdate(now)),
        "minutes": settings.ACTING_MINUTES,
    }
    return render(request, "people/act_for.html", context, status=422 if form.errors else 200)


@require_POST
def end(request):
    """Be oneself again."""
    found = getattr(request, "representing", None)
    if found is None:
        messages.info(request, _("您现在没有代别人操作。"))
        return redirect(settings.LOGIN_REDIRECT_URL)
    actions.end_for(found)
    stop_acting(request)
    messages.success(request, _("已结束代 {name} 操作。").format(name=found.represented.name))
    return redirect("people:person", found.represented.pk)
