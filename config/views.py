"""The few pages that belong to no app."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache


@login_not_required
@never_cache
def healthz(request):
    """Say whether this node can serve: it answers and its database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whatever is wrong with the database, the balancer needs a plain no
        return JsonResponse({"status": "database unreachable"}, status=503)
    return JsonResponse({"status": "ok"})


@login_not_required
def robots(request):
    """Nothing here is for search engines."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


def csrf_failure(request, reason=""):
    """A form that waited too long: say so, and say that nothing was lost that was saved."""
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse(
            {"problem": _("登录状态已变化，请重新登录后继续；作答已暂存在本机。")}, status=403
        )
    return render(request, "403_csrf.html", status=403)
