"""The few pages that belong to no app."""

from time import monotonic, perf_counter

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.i18n import set_language
from prometheus_client import CONTENT_TYPE_LATEST

from accounts import actions
from config import measures
from operations import machine

HOME = ("127.0.0.1", "::1")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


@login_not_required
@never_cache
def healthz(request):
    """Say that this process lives. Nothing else is asked: while the database is away, starting the web anew would not help."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
def readyz(request):
    """Say whether this node should be sent visitors: each thing that it stands on, and 503 if one is missing.

    Some of the checks write, so whoever asks more often than every two seconds is told the same again.
    """
    if _Ready.until <= monotonic():
        _Ready.checks = {name: _tried(check) for name, check in machine.READY.items()}
        _Ready.until = monotonic() + READY_FOR
    is_ready = all(check["ok"] for check in _Ready.checks.values())
    return JsonResponse({"ready": is_ready, "checks": _Ready.checks}, status=200 if is_ready else 503)


READY_FOR = 2.0


class _Ready:
    until, checks = 0.0, {}


def forget():
    """As in a process that has just started."""
    _Ready.until = 0.0


def _tried(check):
    began = perf_counter()
    try:
        is_well = bool(check())
    except (
        Exception
    ):  # whatever is wrong, the balancer needs a plain no; what exactly is no stranger's business
        is_well = False
    return {"ok": is_well, "ms": round((perf_counter() - began) * 1000, 1)}


@login_not_required
@never_cache
def metrics(request):
    """Give the measures to whoever bears the token or, where none is set, asks from this machine and through no proxy."""
    if not _may_measure(request):
        raise Http404
    return HttpResponse(measures.text(), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request):
    if settings.METRICS_TOKEN:
        return constant_time_compare(
            request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"
        )
    return request.META.get("REMOTE_ADDR") in HOME and not any(name in request.META for name in FORWARDED)


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


@login_not_required
def choose_language(request):
    """Django's: the cookie. Whoever is signed in is written to in the same language from now on."""
    answer = set_language(request)
    chosen = request.POST.get("language", "")
    is_herself = request.user.is_authenticated and getattr(request, "representing", None) is None
    if is_herself and chosen in dict(settings.LANGUAGES):
        actions.keep_language(request.user, chosen)
    return answer
