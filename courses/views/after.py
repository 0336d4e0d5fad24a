"""Reading a lesson that was suggested after an exam: its own door, no enrolment."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import panels
from courses import presenting, presenting_after
from courses.actions import suggesting
from courses.queries import after, learning
from exams import disclosing
from exams.queries import candidate


def _suggestion_or_404(request, pk):
    found = after.of_hers(request.user, pk, timezone.now())
    if found is None:
        raise Http404
    return found


@require_GET
@never_cache
def missed(request, pk):
    """The lessons on what one of her attempts missed, found when she first looks, and the ways to practise; a piece of the result's page."""
    now = timezone.now()
    attempt, running = candidate.own_beside_running(request.user, pk, now)
    if attempt is None:
        raise Http404
    if running or not disclosing.seen(attempt, now) >= after.SHOWS:
        return redirect("exams:result", pk)
    rows = after.suggested(attempt)
    if not rows:
        suggesting.suggest(attempt)
        rows = after.suggested(attempt)
    told = {
        "rows": [presenting_after.row(one) for one in rows],
        "panels": panels.of(panels.MISSED, request, attempt=attempt),
    }
    template = "courses/panels/after.html" if request.htmx else "courses/after/all.html"
    return render(request, template, {"panel": told, "attempt": attempt})


@require_GET
@never_cache
def suggested(request, pk):
    """One suggested lesson, and why it was suggested; closed while she sits, for it tells of an earlier result."""
    found = _suggestion_or_404(request, pk)
    if candidate.is_sitting(request.user, timezone.now()):
        messages.info(request, _("答题进行中，交卷后再看推荐的课时。"))
        return redirect("exams:mine")
    course = found.revision.lesson.course
    context = presenting.lesson(found.revision, course) | {
        "suggestion": found,
        "reason": presenting_after.reason(found),
        "is_read": getattr(found, "reading", None) is not None,
        "course": learning.course_of(request.user, course.code),
    }
    return render(request, "courses/after/lesson.html", context)


@require_POST
def suggested_read(request, pk):
    """She has read it; it leaves her first screen."""
    found = _suggestion_or_404(request, pk)
    suggesting.note_read(found)
    messages.success(request, _("已记下您读完这一课。"))
    return redirect("exams:result", found.attempt_id)
