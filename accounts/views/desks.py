"""Changing between desks."""

from django.http import Http404
from django.shortcuts import redirect, render

from accounts import desks
from accounts.context import DESK_KEY
from accounts.scope import grants_of, posts_of


def switch_desk(request):
    """Sit down at another of one's desks; a plain visit shows which there are."""
    having = desks.desks(grants_of(request.user), posts_of(request.user))
    if request.method == "POST":
        desk = next((desk for desk in having if desk.value == request.POST.get("to")), None)
        if desk is None:
            raise Http404
        request.session[DESK_KEY] = {"desk": desk.code, "unit": desk.unit_id}
        return redirect("/")
    current = desks.chosen(having, request.session.get(DESK_KEY))
    wanted = next((desk for desk in having if desk.value == request.GET.get("to")), None)
    return render(request, "people/desks.html", {"having": having, "current": current, "wanted": wanted})
