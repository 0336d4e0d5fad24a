"""The sitting page, and moving it to another device."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import qr
from audit.transitions import Refused
from exams import devices, fragments, tokens
from exams.actions import attempts, interventions, moving, scoring
from exams.asking import time_of, whole
from exams.engine import clock
from exams.models import Attempt
from exams.queries import candidate as mine_queries
from exams.queries import hot
from exams.queries import sitting as queries
from exams.sentences import say


def _attempt(request, pk):
    """The candidate's own attempt, closed if its time is over."""
    attempt = hot.OWN_ATTEMPT.one(user=request.user.pk, pk=pk)
    if attempt is None:
        raise Http404
    return (
        attempt
        if attempts.close_if_due(attempt) is attempt
        else hot.OWN_ATTEMPT.one(user=request.user.pk, pk=pk)
    )


@require_GET
@never_cache
def sitting(request, pk):
    """The sitting page; where another device answers, the choice to go on here."""
    attempt = _attempt(request, pk)
    now = timezone.now()
    exam_session = attempt.registration.session
    asks = request.headers.get("HX-Request") == "true"  # the page of a device that waits to go on
    if not mine_queries.still_takes_answers(attempt, now):
        address = reverse("exams:result", args=[pk])
        return HttpResponse(headers={"HX-Redirect": address}) if asks else redirect(address)
    if attempt.device and attempt.device != devices.device_of(request):
        return _elsewhere(request, attempt, now, asks)
    if asks:  # it may go on
        return HttpResponse(headers={"HX-Redirect": reverse("exams:sitting", args=[pk])})
    questions, last, head = queries.questions(attempt)
    current = min(max(whole(request.GET.get("q"), 1), 1), len(questions))
    rule = say(scoring.policy_of(exam_session).explanation)
    for question in questions:
        question["is_current"] = question["number"] == current
        question["rule"] = rule if question["type"] == "multiple" else ""
    answered = sum(q["is_answered"] for q in questions)
    return render(
        request,
        "exams/sitting/sitting.html",
        {
            "attempt": attempt,
            "session": exam_session,
            "questions": questions,
            "paper": fragments.render("questions", questions=questions, mark=_("标记")),
            "cells": fragments.render("cells", sections=_sections(questions), words=_cell_words()),
            "position": questions[current - 1]["position"],
            "answered": answered,
            "left": len(questions) - answered,
            "marked": [q["number"] for q in questions if q["flagged"]],
            "current": current,
            "remaining": clock.remaining(attempt.deadline, attempt.paused_at or now),
            "asks": request.GET.get("ask") == "hand-in",
            "config": {
                "attempt": attempt.pk,
                "save": reverse("exams:save", args=[pk]),
                "handIn": reverse("exams:hand_in", args=[pk]),
                "check": reverse("exams:check", args=[pk]),
                "result": reverse("exams:result", args=[pk]),
                "pulse": reverse("exams:pulse", args=[exam_session.pk]),
                "shelfKey": tokens.shelf_key_text(attempt.pk),
                "last": last,
                "head": head,
                "total": len(questions),
                "length": int((attempt.deadline - attempt.started_at).total_seconds()),
                "paused": attempt.paused_at is not None,
                "why": queries.why_paused(attempt) if attempt.paused_at else "",
                **time_of(attempt.deadline, attempt.paused_at),
            },
        },
    )


def _elsewhere(request, attempt, now, asks):
    """Another device answers: go on here, or in a held session ask whoever supervises.

    The page asks again until she agreed, and turns when its code is good for nothing any more: too old, or another device asked.
    """
    session = attempt.registration.session
    wish = moving.asked(attempt.pk, devices.device_of(request), now) if session.is_held else None
    if asks:
        return HttpResponse(status=204) if wish else HttpResponse(headers={"HX-Refresh": "true"})
    address = settings.BASE_URL + reverse("exams:move", args=[wish.pk, wish.code]) if wish else ""
    return render(
        request,
        "exams/sitting/elsewhere.html",
        {"attempt": attempt, "session": session, "wish": wish, "qr": qr.svg(address) if wish else ""},
    )


@require_POST
def move_ask(request, pk):
    """Ask whoever supervises to let one go on with one's own attempt on this device."""
    get_object_or_404(Attempt.objects.of(request.user), pk=pk)
    cookie, device = devices.named(request)
    try:
        moving.ask(request.user, pk, device=device)
    except Refused as refused:
        messages.error(request, str(refused))
    return devices.remember(redirect("exams:sitting", pk), cookie)


def _cell_words():
    """What a cell of the answer sheet says to who hears it, by answered and marked."""
    return {
        (True, True): _("已答，已标记"),
        (True, False): _("已答"),
        (False, True): _("未答，已标记"),
        (False, False): _("未答"),
    }


def _sections(questions):
    """The answer sheet's groups in the order shown."""
    groups = {}
    for question in questions:
        groups.setdefault(question["section"], []).append(question)
    return groups.items()


@require_POST
def take_over(request, pk):
    """Go on with one's own attempt on this device."""
    get_object_or_404(Attempt.objects.of(request.user), pk=pk)
    cookie, device = devices.named(request)
    try:
        interventions.take_over(request.user, pk, device=device)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("exams:sitting", pk)  # which leads on to the result where it is over
    return devices.remember(redirect("exams:sitting", pk), cookie)
