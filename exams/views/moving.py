"""A candidate's new device, as whoever supervises sees it: the code on the board, the page that a scan opens, the agreement."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.doors import holding
from audit.transitions import Refused
from exams.actions import moving as acts
from exams.models import ExamSession, MoveRequest
from exams.queries.sessions import RUNS

for_desk = holding(*RUNS)


@for_desk
@require_POST
def find(request, code):
    """The wish that a typed code names, among those of the session."""
    session = get_object_or_404(ExamSession.objects.run_by(request.user), code=code)
    typed = "".join(request.POST.get("code", "").split())[:6]
    wish = acts.live(session, timezone.now()).filter(code=typed).first()
    if wish is None:
        messages.error(request, _("没有这个换机码，或已过期。请核对考生新设备上显示的六位数字。"))
        return redirect("exams:session_live", code)
    return redirect("exams:move", wish.pk, wish.code)


@for_desk
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def move(request, pk, code):
    """Who wants to go on where; agreed to with one press."""
    door = MoveRequest.objects.filter(
        attempt__registration__session__in=ExamSession.objects.run_by(request.user)
    ).select_related(
        "attempt__registration__session",
        "attempt__registration__candidate",
        "attempt__registration__post__enterprise__unit",
    )
    wish = get_object_or_404(door, pk=pk)
    if wish.code != code:
        raise Http404
    session = wish.attempt.registration.session
    if request.method != "POST":
        return render(
            request,
            "exams/live/move.html",
            {"wish": wish, "session": session, "is_done": wish.attempt.device == wish.device},
        )
    try:
        acts.agree(wish, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            _("%(name)s 已换到新设备，原设备的页面变为只读。")
            % {"name": wish.attempt.registration.candidate.name},
        )
    return redirect("exams:session_live", session.code)
