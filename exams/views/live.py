"""A session while people sit it: who is where, and time for those who need it. For who runs the session."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import scope
from accounts.doors import holding
from audit.transitions import Refused
from exams import tasks
from exams.actions import attempts as attempt_acts
from exams.actions import clusters as cluster_acts
from exams.actions import interventions, regrading
from exams.engine import clock
from exams.forms.live import ALL, EXTEND, PAUSE, RESUME, ActForm, DecideForm, LiveFilter
from exams.models import Attempt, ClusterReading, ExamSession
from exams.queries import clusters as cluster_queries
from exams.queries import live as queries
from exams.queries import sessions as session_queries
from exams.queries import terminations

PER_PAGE = 100
SHOWN = 20  # names on the page that asks once more
ACTS = {EXTEND: interventions.extend, PAUSE: interventions.pause, RESUME: interventions.resume}
# Which of the running ones an act can mean.
MEANT = {EXTEND: {}, PAUSE: {"pause_called": False}, RESUME: {"paused_at__isnull": False}}

for_desk = holding(*session_queries.RUNS)
for_organs = holding(*session_queries.SUPERVISES)


def _run(request, code):
    """A session that the visitor runs."""
    return get_object_or_404(
        ExamSession.objects.run_by(request.user).select_related("unit", "exam"), code=code
    )


def _back(code, q):
    address = reverse("exams:session_live", args=[code])
    return redirect(f"{address}?{urlencode({'q': q})}" if q else address)


@for_desk
@require_GET
@never_cache
def live(request, code):
    """The running attempts, a hundred a page; asked again every five seconds for the part that changes."""
    session, now = _run(request, code), timezone.now()
    attempt_acts.close_all_due(
        Attempt.objects.filter(registration__session=session), now=now, most=attempt_acts.MOST_IN_A_PAGE
    )
    form = LiveFilter(request.GET)
    q = form.values()["q"]
    page = Paginator(queries.in_order(queries.running(session, q)), PER_PAGE).get_page(
        request.GET.get("page")
    )
    page.pages = page.paginator.get_elided_page_range(page.number)
    part = request.headers.get("HX-Request") == "true"
    return render(
        request,
        "exams/live/running.html" if part else "exams/live/live.html",
        {
            "session": session,
            "now": now,
            "form": form,
            "is_filtered": bool(q),
            "q": q,
            "page_obj": page,
            "rows": queries.rows_of(page.object_list, now),
            "counts": queries.counts(session, now),
            "may_supervise": not part and scope.has_role(request.user, *session_queries.SUPERVISES),
            "proposals": terminations.proposed_in(session),
            "act_form": ActForm(initial={"minutes": 10}),
        },
    )


@for_organs
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def clusters(request, code):
    """What stands out among the finished attempts of a session, with its evidence; a large session is read in the background."""
    session, now = _run(request, code), timezone.now()
    if request.method == "POST":
        try:
            cluster_acts.ask(session, by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            tasks.read_clusters.enqueue(session.pk)
        return redirect("exams:session_clusters", code)
    count = cluster_queries.over(session).count()
    if count <= cluster_queries.AT_ONCE:
        reading, found = None, cluster_queries.clusters(session)
    else:
        reading = ClusterReading.objects.filter(session=session).first()
        found = cluster_queries.opened(reading.found) if reading and reading.read_at else None
    return render(
        request,
        "exams/live/clusters.html",
        {
            "session": session,
            "found": found,
            "rules": cluster_queries,
            "is_large": count > cluster_queries.AT_ONCE,
            "reading": reading,
            "is_waiting": cluster_acts.is_waiting(reading, now),
            "newer": count - reading.attempts if found and reading else 0,
        },
    )


@for_desk
@require_POST
def act(request, code):
    """Extend, pause or resume: first show what would come of it, then, confirmed, do it."""
    session, now = _run(request, code), timezone.now()
    named = _named(session, request.POST.getlist("attempts"))
    form = ActForm(request.POST, keys=named)
    q = request.POST.get("q", "")[:100]
    if not form.is_valid():
        messages.error(request, form.problem())
        return _back(code, q)
    said = form.cleaned_data
    door = (
        queries.running(session, said["q"])
        if said["whom"] == ALL
        else queries.running(session).filter(pk__in=named)
    )
    door = door.filter(**MEANT[said["act"]])
    if not request.POST.get("confirmed"):
        return _ask(request, session, form, door, now)
    facts = {"minutes": said["minutes"]} if said["act"] == EXTEND else {}
    try:
        done = ACTS[said["act"]](door, why=said["why"], by=request.user, **facts)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        count = len(done)
        messages.success(
            request,
            ngettext("已为 %(count)s 名考生办理。", "已为 %(count)s 名考生办理。", count) % {"count": count},
        )
        held = sum(one.paused_at is not None for one in done) if said["act"] == RESUME else 0
        if held:
            told = ngettext(
                "其中 %(count)s 人有终止建议待确认，撤回或确认以前计时仍停。",
                "其中 %(count)s 人有终止建议待确认，撤回或确认以前计时仍停。",
                held,
            )
            messages.warning(request, told % {"count": held})
    return _back(code, q)


def _named(session, keys):
    """The ticked attempts; one that is not of this session is of nowhere."""
    if not all(key.isdecimal() and len(key) < 19 for key in keys):
        raise Http404
    wanted = {int(key) for key in keys}
    found = Attempt.objects.filter(registration__session=session, pk__in=wanted)
    if wanted and set(found.values_list("pk", flat=True)) != wanted:
        raise Http404
    return sorted(wanted)


def _ask(request, session, form, door, now):
    """The page that shows whom it concerns and until when they would have time."""
    said, count = form.cleaned_data, door.count()
    if not count:
        messages.error(request, _("所选答卷的状态已变化，没有可以办理的。"))
        return _back(session.code, said["q"])
    listed = list(queries.in_order(door)[:SHOWN])
    proposed = terminations.waiting_among(listed) if said["act"] == RESUME else ()
    shown = [
        {
            "attempt": attempt,
            "before": attempt.deadline,
            "after": clock.moved(attempt.deadline, _granted(said, attempt, now)),
            "is_held": attempt.pk in proposed,
        }
        for attempt in listed
    ]
    return render(
        request,
        "exams/live/confirm.html",
        {
            "session": session,
            "said": said,
            "label": dict(form.fields["act"].choices)[said["act"]],
            "shown": shown,
            "count": count,
            "more": count - len(shown),
        },
    )


def _granted(said, attempt, now):
    """The seconds that an act would add to an attempt."""
    if said["act"] == EXTEND:
        return said["minutes"] * 60
    return clock.paused_seconds(attempt.paused_at, now) if said["act"] == RESUME else 0


@for_organs
@require_POST
def void(request, pk):
    """Declare a handed-in attempt void, with the reason and a tick."""
    return _decide(
        request,
        pk,
        "void",
        lambda attempt, why: interventions.void(attempt, why=why, by=request.user),
        lambda _done: _(
            "答卷已作废，不再计入次数和成绩。已出具的证明不会随之撤销，如需撤销请在证明页面办理。"
        ),
    )


@for_organs
@require_POST
def regrade(request, pk):
    """Score a handed-in attempt again, with the reason and a tick."""
    return _decide(
        request,
        pk,
        "regrade",
        lambda attempt, why: regrading.regrade(attempt, why=why, by=request.user),
        _told,
    )


def _told(done):
    points = {"before": f"{done.before.points.normalize():f}", "after": f"{done.result.points.normalize():f}"}
    sentence = _("已重新评分：%(before)s 分 → %(after)s 分。") % points
    if done.has_fallen:
        sentence += _("结论由合格变为不合格；已出具的证明不会自动撤销，请核实后在证明页面办理。")
    return sentence


def _decide(request, pk, prefix, decide, told):
    attempt = get_object_or_404(queries.decided_by(request.user), pk=pk)
    form = DecideForm(request.POST, prefix=prefix)
    if not form.is_valid():
        messages.error(request, _("请写明原因，并勾选确认。"))
        return redirect("exams:attempt_seen", pk)
    try:
        done = decide(attempt, form.cleaned_data["why"])
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, told(done))
    return redirect("exams:attempt_seen", pk)
