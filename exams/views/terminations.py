"""Terminating one running attempt, from the live board: proposed by one, confirmed by another, reversed by a third."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.doors import holding
from audit.transitions import Refused
from exams import rules
from exams.actions import attempts as attempt_acts
from exams.actions import terminations as acts
from exams.forms.terminations import VOIDS, ReverseForm, StepForm
from exams.models import Attempt, ExamSession, Termination
from exams.queries import live, terminations
from exams.queries.sessions import RUNS

for_desk = holding(*RUNS)

Kind = Termination.Kind
FORMS = {"propose": StepForm, "withdraw": StepForm, "confirm": StepForm, "reverse": ReverseForm}


def _told(step, voids):
    return {
        "propose": _("已登记终止建议，考生的计时已停止；请另一名监考人员确认或撤回。"),
        "withdraw": _("终止建议已撤回，暂停的时间已补给考生。"),
        "confirm": _("考试已终止，考生已看到结论；已保存的作答已封存。"),
        "reverse": _("终止已撤销，答卷已作废，考生可以重考。")
        if voids
        else _("终止已撤销，按已有作答计成绩。"),
    }[step]


@for_desk
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def terminate(request, pk):
    """Where a termination stands, and the steps that may follow."""
    door = Attempt.objects.filter(
        registration__session__in=ExamSession.objects.run_by(request.user)
    ).select_related(
        "registration__session__exam", "registration__candidate", "registration__post__enterprise__unit"
    )
    attempt = attempt_acts.close_if_due(get_object_or_404(door, pk=pk))
    reviews = live.decided_by(request.user).filter(pk=pk).exists()
    if request.method == "POST":
        return _take(request, attempt, reviews)
    before = terminations.last_of([attempt]).get(attempt.pk)
    return render(
        request,
        "exams/live/terminate.html",
        {
            "attempt": attempt,
            "session": attempt.registration.session,
            "before": before,
            "steps": attempt.terminations.select_related("by").order_by("number"),
            "why_not_propose": rules.why_not_propose(attempt, before, request.user, timezone.now()),
            "why_not_confirm": rules.why_not_confirm(attempt, before, request.user),
            "why_not_reverse": _why_not_reverse(attempt, before, request.user, reviews),
            "forms": {step: form(auto_id=f"{step}-%s") for step, form in FORMS.items()},
        },
    )


def _why_not_reverse(attempt, before, by, reviews):
    """Why the visitor may not reverse the termination, whatever would become of the attempt."""
    if not reviews:
        return _("撤销终止须由监管人员办理。")
    return rules.why_not_reverse(attempt, before, by, acts.proposer(attempt), False, timezone.now())


def _take(request, attempt, reviews):
    step = request.POST.get("step", "")
    form = FORMS.get(step, StepForm)(request.POST)
    if step not in FORMS or not form.is_valid():
        messages.error(request, _("请写明原因，并勾选确认。"))
        return redirect("exams:terminate", attempt.pk)
    voids = form.cleaned_data.get("outcome") == VOIDS
    try:
        if step == "reverse" and not reviews:
            raise Refused(_("撤销终止须由监管人员办理。"))
        more = {"voids": voids} if step == "reverse" else {}
        getattr(acts, step)(attempt, why=form.cleaned_data["why"], by=request.user, **more)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _told(step, voids))
    return redirect("exams:terminate", attempt.pk)
