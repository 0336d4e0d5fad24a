"""One's own page."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import actions, delegating, outside, panels, queries, staffing, telling
from accounts.actions.mailing import WRITTEN_TO
from accounts.desks import address
from accounts.doors import back_of
from accounts.scope import grants_of, has_role


def me(request):
    """Who I am here, my posts, my file, my choices."""
    today = timezone.localdate()
    certificates = queries.certificates_of(request.user)[request.user.pk]
    posts = request.user.posts.select_related("enterprise__unit__region").order_by("kind", "-appointed_on")
    pairs = [
        (post, staffing.standing(certificates, post.kind, today) if queries.held_on(post, today) else None)
        for post in posts
    ]
    received = delegating.received_by(request.user).current(today)
    lent = {(given.role, given.unit_id): given for given in received}
    file = queries.file_of(request.user, request.user, today)
    context = {
        "posts": telling.posts(pairs),
        "grants": [(held, lent.get((held.role, held.unit_id))) for held in grants_of(request.user)],
        "has_lent": bool(lent) or delegating.received_by(request.user).exists(),
        "entries": [telling.entry(line, today) for line in file],
        "outside": outside.offered(),
        "is_written_to": has_role(request.user, *WRITTEN_TO),
        "panels": panels.of(panels.ME, request),
        "file_url": address("certificates:person_file", request.user.pk),
    }
    return render(request, "people/me.html", context)


@require_POST
def elder(request):
    """Large letters on or off, and back to where one was."""
    actions.set_elder(request.user, on=request.POST.get("elder") == "1")
    return redirect(back_of(request) or "people:me")


@require_POST
def alert_mail(request):
    """The mail of the morning on or off."""
    actions.set_alert_mail(request.user, on=request.POST.get("alert_mail") == "1")
    return redirect("people:me")
