"""What the candidate owes, the briefing, the start."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import qr, scope
from audit.transitions import Refused
from exams import devices
from exams.actions import arrivals as arrival_acts
from exams.actions import attempts, scoring, sessions
from exams.engine.disclosure import shown
from exams.forms.hall import CodeForm
from exams.models import Attempt, Exam, ExamSession, Registration
from exams.queries import arrivals, hot
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
    if registration := hot.REGISTRATION.one(user=user.pk, code=code):
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
        past = _past(registration, now)
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
            "waiting": _waiting(registration)
            if registration and exam_session.is_held and not running and not registration.withdrawn_at
            else None,
            "everything_shown": exam_session.exam.kind != Exam.Kind.SPOT_CHECK
            and len(shown(exam_session.disclosure, "just_after")) > 1,
        },
    )


def _waiting(registration, form=None):
    """What stands between a candidate and the start of a held session: her pass, the code, the word of whoever supervises."""
    pass_url = settings.BASE_URL + reverse(
        "exams:arrive", args=[registration.pk, arrivals.pass_of(registration.pk)]
    )
    session = registration.session
    return {
        "qr": "" if registration.arrived_at else qr.svg(pass_url),
        "form": form or CodeForm(),
        "is_ready": bool(registration.arrived_at and registration.code_at),
        "pulse": reverse("exams:pulse", args=[session.pk]),
    }


@require_GET
@never_cache
def waiting(request, code):
    """The part of the briefing that changes while a candidate waits at a held session."""
    registration = hot.REGISTRATION.one(user=request.user.pk, code=code)
    if registration is None or not registration.session.is_held:
        raise Http404
    if registration.withdrawn_at:  # the page that waits turns, and says why
        return redirect("exams:session", code)
    return render(
        request,
        "exams/hall/waiting.html",
        {"registration": registration, "session": registration.session, "waiting": _waiting(registration)},
    )


@require_POST
def enter(request, code):
    """Take the code that stands on the wall of a held session."""
    registration = hot.REGISTRATION.one(user=request.user.pk, code=code)
    if registration is None or not registration.session.is_held:
        raise Http404
    form = CodeForm(request.POST)
    if registration.withdrawn_at:
        messages.error(request, why_not_start(registration, (), timezone.now()))
    elif form.is_valid():
        try:
            arrival_acts.enter(registration, form.cleaned_data["code"], by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("口令正确。"))
    else:
        messages.error(request, form.errors["code"][0])
    return redirect("exams:session", code)


def _past(registration, now):
    """Her attempts so far, the running one closed if its time is over."""
    past = hot.ATTEMPTS_OF.rows(registration=registration.pk)
    for attempt in past:
        attempt.registration = registration
    if any(attempts.close_if_due(attempt, now=now) is not attempt for attempt in past):
        past = hot.ATTEMPTS_OF.rows(registration=registration.pk)
    return past


@require_POST
def start(request, code):
    """Register where the terms allow it, begin or go on, and show the paper."""
    known = hot.REGISTRATION_KEY.one(user=request.user.pk, code=code)
    if known is None:
        exam_session, _none, post = _offered_or_404(request.user, code)
    try:
        registration = (
            Registration(pk=known.pk)
            if known
            else sessions.register(exam_session, post, by=request.user, source=Registration.Source.SELF)
        )
        cookie, device = devices.named(request)
        attempt = attempts.start(registration, by=request.user, device=device)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("exams:session", code)
    return devices.remember(redirect("exams:sitting", attempt.pk), cookie)
