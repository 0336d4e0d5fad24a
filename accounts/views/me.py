"""One's own page."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import actions, queries, staffing, telling
from accounts.desks import address
from accounts.scope import grants_of


def me(request):
    """Who I am here, my posts, my file, my choices."""
    today = timezone.localdate()
    certificates = queries.certificates_of(request.user)[request.user.pk]
    posts = request.user.posts.select_related("enterprise__unit__region").order_by("kind", "-appointed_on")
    pairs = [
        (post, staffing.standing(certificates, post.kind, today) if queries.held_on(post, today) else None)
        for post in posts
    ]
    file = queries.file_of(request.user, request.user, today)
    context = {
        "posts": telling.posts(pairs),
        "grants": grants_of(request.user),
        "entries": [telling.entry(line, today) for line in file],
        "file_url": address("certificates:person_file", request.user.pk),
    }
    return render(request, "people/me.html", context)


@require_POST
def elder(request):
    """Large letters on or off, and back to where one was."""
    actions.set_elder(request.user, on=request.POST.get("elder") == "1")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "people:me")
