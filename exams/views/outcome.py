"""After the hand-in: the result and the review, as far as they are disclosed."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import panels
from exams import disclosing, fragments, tokens
from exams.actions import attempts, release, scoring
from exams.queries import candidate as mine_queries
from exams.queries import hot, responses, terminations
from exams.queries import sitting as queries
from exams.rules import why_not_start


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
    now = timezone.now()
    seen = disclosing.seen(attempt, now)
    past = hot.ATTEMPTS_OF.rows(registration=attempt.registration_id)
    return render(
        request,
        "exams/sitting/result.html",
        {
            "attempt": attempt,
            "session": attempt.registration.session,
            "result": attempt.current_result if "score" in seen else None,
            "config": {
                "attempt": attempt.pk,
                "shelfKey": tokens.shelf_key_text(attempt.pk),
                "last": 0,
                "head": attempt.origin,
            },
            "termination": terminations.in_force(attempt),
            "is_awaited": disclosing.is_awaited(attempt, seen),
            "topics": fragments.render("topics", topics=queries.by_topic(attempt))
            if "verdicts" in seen
            else "",
            "to_learn": queries.to_learn(attempt) if "provisions" in seen else [],
            "panels": panels.of(panels.RESULT, request, attempt=attempt, seen=seen),
            "may_review": "responses" in seen,
            "why_not_again": why_not_start(attempt.registration, past, now),
        },
    )


@require_GET
@never_cache
def review(request, pk):
    """Each question with own answer, key, rationale and provision, as far as the phase allows."""
    attempt, running = _ended(request, pk)
    if running:
        return _back_to(request, running, attempt)
    seen = disclosing.seen(attempt, timezone.now())
    if "responses" not in seen:
        messages.info(request, _("按考试规则，现在还不能查看答卷。"))
        return redirect("exams:result", pk)
    # Only a later result can rest on an emergency file; the first one rests on what was saved.
    was_filed = attempt.current_result and attempt.current_result.number > 1
    said = scoring.counted(attempt) if was_filed else responses.latest(attempt)[0]
    questions = queries.review(attempt, said, seen)
    only = request.GET.get("only")
    chosen = [q for q in questions if q.get("verdict") != "right"] if only == "wrong" else questions
    return render(
        request,
        "exams/sitting/review.html",
        {
            "attempt": attempt,
            "session": attempt.registration.session,
            "questions": chosen,
            "reviewed": fragments.render("reviewed", questions=chosen),
            "all": questions,
            "only": only,
            "wrong": sum(q.get("verdict") in ("wrong", "partial") for q in questions),
        },
    )
