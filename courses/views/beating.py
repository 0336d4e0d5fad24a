"""What a lesson page says while it is open: that it is there, that it beats, that somebody tapped. Answers are JSON."""

import json

from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from audit.transitions import Refused
from courses.actions import presence
from courses.doors import check_or_404, course_or_404, visit_or_404
from courses.queries import learning

MOST = 1_000_000_000


def _said(request):
    """What the page sent, as a dict, whatever it was; a form is no JSON, and its body has been read."""
    if request.content_type != "application/json":
        return {}
    try:
        said = json.loads(request.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _whole(value):
    return value if type(value) is int and 0 <= value <= MOST else 0


def _told(pulse):
    check = pulse.check
    return JsonResponse(
        {
            "seconds": pulse.seconds,
            "needed": pulse.needed,
            "pending": pulse.pending,
            "done": pulse.is_done,
            "elsewhere": pulse.is_elsewhere,
            "complete": pulse.is_complete,
            "missed": pulse.missed,
            "check": check
            and {
                "number": check.number,
                "address": reverse("courses:answer", args=[check.pk]),
                "token": presence.token_of(check),
                "left": max(0, int((check.until - timezone.now()).total_seconds())),
            },
        }
    )


def _problem(refused, status=409):
    return JsonResponse({"problem": str(refused)}, status=status)


@require_POST
def visit(request, code, pk):
    """A lesson page was opened; from now on it is the one that beats."""
    enrolment = learning.enrolment_of(request.user, course_or_404(request, code))
    revision = enrolment and presence.revision_in(enrolment, pk)
    if revision is None:
        return _problem("", 404)
    try:
        made = presence.open_visit(enrolment, revision)
    except Refused as refused:
        return _problem(refused)
    return JsonResponse({"address": reverse("courses:beat", args=[made.pk])})


@require_POST
def beat(request, pk):
    """A sign of life of a page."""
    found, said = visit_or_404(request, pk), _said(request)
    try:
        told = presence.beat(
            found,
            number=_whole(said.get("number")),
            is_visible=said.get("visible") is True,
            place=_whole(said.get("place")),
        )
    except Refused as refused:
        return _problem(refused)
    return _told(told)


@require_POST
def answer(request, pk):
    """The tap for a presence check."""
    try:
        return _told(presence.answer(check_or_404(request, pk), token=str(_said(request).get("token", ""))))
    except Refused as refused:
        return _problem(refused)
