"""The retake, the decision about whoever does not pass in the end, and closing the case."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit.transitions import Refused
from supervision.actions import retaking as acts
from supervision.doors import answer, check_or_404, examinee_or_404, for_followers
from supervision.forms.failures import DecisionForm, RetakeForm


@for_followers
@require_POST
def retake(request, code):
    """Call everybody who has not passed to a retake."""
    check, form = check_or_404(request, code), RetakeForm(request.POST)
    return answer(
        request,
        code,
        lambda: acts.call_retake(check, by=request.user, **form.cleaned_data),
        _("补考已安排，试卷与首次考核不同；有关人员和企业现在可以看到。"),
        form,
    )


@for_followers
@require_POST
def retake_conclude(request, code):
    """Conclude the retake that runs."""
    check = check_or_404(request, code)

    def act():
        running = check.retakes.order_by("-round").first()
        if running is None:
            raise Refused(_("还没有安排补考。"))
        acts.conclude_retake(running, by=request.user)

    return answer(request, code, act, _("补考已结束，结果已登记。"))


@for_followers
@require_POST
def decide(request, code, pk):
    """Decide about somebody who did not pass in the end."""
    check, form = check_or_404(request, code), DecisionForm(request.POST)
    examinee = examinee_or_404(check, pk)
    return answer(
        request,
        (code, pk),
        lambda: acts.decide(examinee, by=request.user, **form.cleaned_data),
        _("处理决定已登记。"),
        form,
        to="supervision:examinee",
    )


@for_followers
@require_POST
def close(request, code):
    """Close the case, as another person than who handled it."""
    check = check_or_404(request, code)
    return answer(request, code, lambda: acts.close(check, by=request.user), _("抽查考核已归档。"))
