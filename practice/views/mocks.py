"""Mock exams: how one is drawn, the timed page, what came of it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.paging import page_of
from audit.transitions import Refused
from exams.asking import time_of
from exams.presenting import answers_of_form, shown
from practice import presenting, rules
from practice.actions import mocks as acts
from practice.doors import mock_or_404
from practice.forms import MockForm
from practice.queries import items as queries
from practice.queries.state import pool_of


@require_GET
@never_cache
def mocks(request):
    """How the next one is drawn, and those before."""
    now = timezone.now()
    page = page_of(request, queries.mocks(request.user))
    pool = pool_of(request.user, timezone.localdate(now))
    running = next((one for one in page if not hasattr(one, "end") and not rules.is_over(one, now)), None)
    return render(
        request,
        "practice/mocks.html",
        {
            "form": MockForm(exams=queries.exams_for(request.user, now)),
            "pool": len(pool),
            "running": running,
            "rows": [presenting.mock_row(one, now) for one in page],
            "page_obj": page,
            "pages": page.pages,
            "why_not": rules.why_not_begin(request.user, pool, now),
        },
    )


@require_POST
def begin(request):
    """Draw one and open it."""
    form = MockForm(request.POST, exams=queries.exams_for(request.user, timezone.now()))
    if not form.is_valid():
        messages.error(request, _("请选择题数。"))
        return redirect("practice:mocks")
    try:
        made = acts.begin(
            request.user,
            count=form.cleaned_data["count"],
            exam=form.exams.get(form.cleaned_data["exam"]),
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("practice:mocks")
    return redirect("practice:mock", made.pk)


@require_GET
@never_cache
def mock(request, pk):
    """The timed page, or what came of it."""
    found = mock_or_404(request, pk)
    now, end = timezone.now(), getattr(found, "end", None)
    context = {"mock": found, "end": end, "why_not": rules.why_not_practise(request.user, now)}
    if not context["why_not"]:
        context |= _ended(request, found) if end else _running(found, now)
    return render(request, "practice/mock.html", context)


def _running(found, now):
    rows = queries.revisions(found.revisions)
    faces = [
        presenting.question(revision, number, found.seed)[0] for number, revision in enumerate(rows, start=1)
    ]
    return {
        "questions": [(face, shown(face)) for face in faces],
        "time": time_of(rules.ends_at(found)),
        "is_over": rules.is_over(found, now),
    }


def _ended(request, found):
    rows = queries.sheet_of(request.user, found)
    return {"reviewed": presenting.reviewed(rows, found.seed)}


@require_POST
def hand_in(request, pk):
    """Hand one in; what is not answered is not right."""
    found = mock_or_404(request, pk)
    if reason := rules.why_not_practise(request.user):
        messages.error(request, reason)
        return redirect("practice:mocks")
    try:
        acts.hand_in(found, answers_of_form(request.POST, found.revisions))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("practice:mock", pk)
