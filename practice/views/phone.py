"""What a phone needs to practise without a network: the worker, its page, the pack, and where the answers go afterwards."""

import json

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from audit.transitions import Refused
from practice import packing, rules
from practice.actions import answering
from practice.queries.state import standing

WORKER = settings.BASE_DIR / "static/js/practice-worker.js"
LARGEST = 300_000  # bytes of one sending: 200 answers with long blanks
FIELDS = ("number", "revision", "payload", "said_at", "confidence", "mode")


@require_GET
@never_cache
def worker(request):
    """The worker; it is served here because it reaches no further than its place."""
    return HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")


@require_GET
@never_cache
def offline(request):
    """The page that the worker gives back without a network: the sets that this phone keeps."""
    if reason := rules.why_not_practise(request.user):
        return render(request, "practice/play.html", {"why_not": reason}, status=403)
    return render(request, "practice/offline.html", {"config": packing.config(request, page="offline")})


@require_GET
@never_cache
def pack(request):
    """The sets that a phone keeps: the daily ten and what is due."""
    now = timezone.now()
    if reason := rules.why_not_practise(request.user, now):
        return JsonResponse({"problem": reason}, status=403)
    found, kept = standing(request.user, now), packing.kept_by(request.user)
    packs = [packing.daily(found, kept), packing.wrong(found, kept)]
    return JsonResponse({"at": int(now.timestamp() * 1000), "sets": packs})


@require_POST
def answers(request):
    """Take what a phone kept; every outcome is an answer that its module understands."""
    try:
        device, entries = _entries(request)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return JsonResponse({"problem": _("请求的格式无法识别。")}, status=400)
    if rules.why_not_practise(request.user):
        return JsonResponse({"problem": _("您正在考试，交卷以后再同步练习。")}, status=423)
    try:
        done = answering.take(request.user, device, entries)
    except Refused as refused:
        return JsonResponse({"problem": str(refused)}, status=422)
    return JsonResponse(
        {
            "taken": [[number, is_right] for number, is_right in done.right.items()],
            "refused": [
                {"place": place, "number": number, "why": str(why)} for place, number, why in done.refused
            ],
        }
    )


def _entries(request):
    """The device and its entries out of a JSON body; an error where it is anything else, or another person's."""
    if request.content_type != "application/json" or len(request.body) > LARGEST:
        raise ValueError("not a list of answers")
    body = json.loads(request.body.decode())
    if body["person"] != request.user.pk:
        raise ValueError("somebody else's")
    entries = []
    for one in body["answers"]:
        told = one if isinstance(one, dict) else {}
        entries.append(
            answering.Entry(**{name: told[name] for name in FIELDS if name in told})
            if {"number", "revision", "payload"} <= told.keys()
            else answering.Entry(told.get("number"), None, None)
        )
    return str(body["device"]), entries
