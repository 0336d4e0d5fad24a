"""The candidate's pages: what she owes, the briefing, the sitting, the result, the review."""

import json

from django.contrib import messages
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import scope
from audit.transitions import Refused
from exams import presenting
from exams.actions import attempts, release, scoring, sessions
from exams.engine import clock
from exams.engine.disclosure import phase_of, shown
from exams.models import Attempt, ExamSession, Registration
from exams.queries import candidate as mine_queries
from exams.queries import sitting as queries
from exams.rules import attempts_left, why_not_register, why_not_start
from exams.sentences import say


@require_GET
def mine(request):
    """What the candidate is registered for, what stands open to her, what she sat."""
    now = timezone.now()
    attempts.close_all_due(Attempt.objects.of(request.user), now=now)
    return render(
        request,
        "exams/sitting/mine.html",
        {
            "registered": mine_queries.registered(request.user, now),
            "offered": mine_queries.offered(request.user, now),
            "sat": mine_queries.sat(request.user),
            "is_sitting": mine_queries.is_sitting(request.user, now),
        },
    )


def _post_for(user, session):
    """The post under which a person would sit a session: the first that it is offered to."""
    posts = scope.posts_of(user)
    fitting = [
        p for p in posts if ExamSession.objects.offered_to(p.enterprise).filter(pk=session.pk).exists()
    ]
    suiting = [p for p in fitting if not session.exam.post_kinds or p.kind in session.exam.post_kinds]
    return (suiting or fitting or [None])[0]


def _offered_or_404(user, code):
    """A session through the candidate's door: she is registered for it, or it is offered to one of her enterprises."""
    registration = Registration.objects.of(user).filter(session__code=code).select_related(
        "session__exam__category", "session__unit", "post__enterprise__unit"
    ).first()  # fmt: skip
    if registration:
        return registration.session, registration, registration.post
    door = ExamSession.objects.none()
    for post in scope.posts_of(user):
        door = door | ExamSession.objects.offered_to(post.enterprise)
    session = get_object_or_404(door.distinct().select_related("exam__category", "unit"), code=code)
    return session, None, _post_for(user, session)


@require_GET
def session(request, code):
    """The briefing: rules, time, what is shown afterwards, under which name one sits, and the one button."""
    now = timezone.now()
    exam_session, registration, post = _offered_or_404(request.user, code)
    past = []
    if registration:
        attempts.close_all_due(Attempt.objects.filter(registration=registration), now=now)
        past = list(registration.attempts.select_related("current_result").order_by("number"))
        why_not = why_not_start(registration, past, now)
    else:
        why_not = why_not_register(exam_session, post, now, by_herself=True)
    running = next((a for a in past if a.state == Attempt.State.IN_PROGRESS), None)
    return render(
        request,
        "exams/sitting/briefing.html",
        {
            "session": exam_session,
            "registration": registration,
            "post": post,
            "past": past,
            "running": running,
            "is_sitting": bool(past) and mine_queries.is_sitting(request.user, now),
            "why_not": "" if running else why_not,
            "left": attempts_left(registration, past) if registration else exam_session.max_attempts or None,
            "makeup": queries.makeup(exam_session),
            "policy": say(scoring.policy_of(exam_session).explanation),
            "is_cut_short": (exam_session.closes_at - now).total_seconds() < exam_session.minutes * 60,
            "everything_shown": len(shown(exam_session.disclosure, "just_after")) > 1,
        },
    )


@require_POST
def start(request, code):
    """Register where the terms allow it, begin or go on, and show the paper."""
    exam_session, registration, post = _offered_or_404(request.user, code)
    try:
        if registration is None:
            registration = sessions.register(
                exam_session, post, by=request.user, source=Registration.Source.SELF
            )
        attempt = attempts.start(registration, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("exams:session", code)
    return redirect("exams:sitting", attempt.pk)


def _attempt(request, pk):
    """The candidate's own attempt, closed if its time is over."""
    door = Attempt.objects.of(request.user).select_related(*mine_queries.WITH_EVERYTHING)
    attempt = get_object_or_404(door, pk=pk)
    return attempt if attempts.close_if_due(attempt) is attempt else door.get(pk=pk)


@require_GET
@never_cache
def sitting(request, pk):
    """The sitting page."""
    attempt = _attempt(request, pk)
    now = timezone.now()
    exam_session = attempt.registration.session
    if not mine_queries.still_takes_answers(attempt, now):
        return redirect("exams:result", pk)
    questions, last = queries.questions(attempt)
    current = min(max(_whole(request.GET.get("q"), 1), 1), len(questions))
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
            "sections": _sections(questions),
            "answered": answered,
            "left": len(questions) - answered,
            "marked": [q["number"] for q in questions if q["flagged"]],
            "current": current,
            "remaining": clock.remaining(attempt.deadline, now),
            "asks": request.GET.get("ask") == "hand-in",
            "config": {
                "attempt": attempt.pk,
                "save": reverse("exams:save", args=[pk]),
                "handIn": reverse("exams:hand_in", args=[pk]),
                "result": reverse("exams:result", args=[pk]),
                "last": last,
                "total": len(questions),
                **_time(attempt, now),
            },
        },
    )


def _whole(text, otherwise):
    """A small whole number out of an address or a form, whatever was typed."""
    return int(text) if text and text.isdecimal() and len(text) < 6 else otherwise


def _sections(questions):
    """The answer sheet's groups in the order shown."""
    groups = {}
    for question in questions:
        groups.setdefault(question["section"], []).append(question)
    return groups.items()


def _time(attempt, now):
    """What the countdown needs: the server's clock and the deadline, in milliseconds since the epoch."""
    return {
        "now": int(now.timestamp() * 1000),
        "deadline": int(attempt.deadline.timestamp() * 1000),
        "length": int((attempt.deadline - attempt.started_at).total_seconds()),
    }


@require_POST
def save(request, pk):
    """Take answers: JSON from the page's module, or a plain form, which then moves on."""
    if request.content_type == "application/json":
        return _answer_json(
            request, pk, lambda entries: attempts.save(Attempt.objects.of(request.user), pk, entries)
        )
    return _save_form(request, pk)


@require_POST
def hand_in(request, pk):
    """Hand in, from the page's module or from the plain form."""
    door = Attempt.objects.of(request.user)
    if request.content_type == "application/json":
        return _answer_json(
            request, pk, lambda entries: (attempts.hand_in(door, pk, by=request.user, entries=entries), None)
        )
    get_object_or_404(door, pk=pk)
    attempts.hand_in(door, pk, by=request.user)
    return redirect("exams:result", pk)


def _answer_json(request, pk, act):
    """Do an act with the entries of a JSON body; every outcome is an answer that the page's module understands."""
    try:
        entries = [
            attempts.Entry(int(e["number"]), int(e["position"]), e["payload"], bool(e.get("flagged")))
            for e in json.loads(request.body)["entries"]
        ]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return JsonResponse({"problem": _("请求的格式无法识别。")}, status=400)
    try:
        attempt, last = act(entries)
    except Attempt.DoesNotExist:
        return JsonResponse({"problem": _("没有这份答卷。")}, status=404)
    except attempts.Behind as behind:
        return JsonResponse({"problem": str(behind), "last": behind.last}, status=409)
    except attempts.Closed as closed:
        return JsonResponse({"problem": str(closed)}, status=410)
    except Refused as refused:
        return JsonResponse({"problem": str(refused)}, status=422)
    return JsonResponse({"last": last, "state": attempt.state, **_time(attempt, timezone.now())})


def _save_form(request, pk):
    """Save what the plain form holds and differs from what is stored, then go where the pressed button says."""
    door = Attempt.objects.of(request.user)
    attempt = get_object_or_404(door.select_related("paper"), pk=pk)
    stored, last = queries.responses.latest(attempt)
    asked = [_whole(one, 0) for one in request.POST.getlist("position")]
    positions = [one for one in asked if 1 <= one <= len(attempt.paper.outline)]
    entries = []
    for position, payload in presenting.answers_of_form(request.POST, positions).items():
        flagged = f"f{position}" in request.POST
        before = stored.get(position)
        try:
            canonical = attempts.canonical(attempt, position, payload)
        except Refused as refused:
            messages.error(request, str(refused))
            continue
        if (canonical, flagged) != ((before.payload, before.flagged) if before else ({}, False)):
            entries.append(attempts.Entry(last + len(entries) + 1, position, canonical, flagged))
    try:
        attempts.save(door, pk, entries)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("exams:result" if isinstance(refused, attempts.Closed) else "exams:sitting", pk)
    go = request.POST.get("go", "")
    step = "ask=hand-in" if go == "hand-in" else f"q={_whole(go, 1)}"
    return redirect(f"{reverse('exams:sitting', args=[pk])}?{step}")


def _ended(request, pk):
    """The candidate's own attempt, closed if its time is over, and whichever of hers she is still sitting, or None."""
    now = timezone.now()
    attempt, running = mine_queries.own_beside_running(request.user, pk, now)
    if attempt is None:
        raise Http404
    if attempts.close_if_due(attempt, now=now) is not attempt:
        attempt, running = mine_queries.own_beside_running(request.user, pk, now)
    return attempt, running


def _back_to(request, running, attempt):
    """To the sitting, whose items may stand in the paper of the earlier attempt as well."""
    if running != attempt:
        messages.info(request, _("答题进行中，交卷后再查看成绩与解析。"))
    return redirect("exams:sitting", running.pk)


@require_GET
@never_cache
def result(request, pk):
    """Points, verdict, topics, what to learn next, as far as they are disclosed."""
    attempt, running = _ended(request, pk)
    if running:
        return _back_to(request, running, attempt)
    if attempt.released_at is None:
        attempt = release.release(attempt)
    seen = _disclosed(attempt)
    past = list(attempt.registration.attempts.select_related("current_result"))
    return render(
        request,
        "exams/sitting/result.html",
        {
            "attempt": attempt,
            "session": attempt.registration.session,
            "result": attempt.current_result if "score" in seen else None,
            "topics": queries.by_topic(attempt) if "verdicts" in seen else [],
            "to_learn": queries.to_learn(attempt) if "provisions" in seen else [],
            "may_review": "responses" in seen,
            "why_not_again": why_not_start(attempt.registration, past, timezone.now()),
        },
    )


def _disclosed(attempt):
    exam_session = attempt.registration.session
    phase = phase_of(
        attempt.submitted_at if attempt.state != Attempt.State.IN_PROGRESS else None,
        timezone.now(),
        exam_session.opens_at,
        exam_session.closes_at,
        exam_session.released_at,
    )
    return shown(exam_session.disclosure, phase)


@require_GET
@never_cache
def review(request, pk):
    """Each question with own answer, key, rationale and provision, as far as the phase allows."""
    attempt, running = _ended(request, pk)
    if running:
        return _back_to(request, running, attempt)
    seen = _disclosed(attempt)
    if "responses" not in seen:
        messages.info(request, _("按考试规则，现在还不能查看答卷。"))
        return redirect("exams:result", pk)
    questions = queries.review(attempt, seen)
    only = request.GET.get("only")
    return render(
        request,
        "exams/sitting/review.html",
        {
            "attempt": attempt,
            "session": attempt.registration.session,
            "questions": [q for q in questions if q.get("verdict") != "right"]
            if only == "wrong"
            else questions,
            "all": questions,
            "only": only,
            "wrong": sum(q.get("verdict") in ("wrong", "partial") for q in questions),
        },
    )
