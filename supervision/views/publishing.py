"""What the office does with results: publish, correct, take back, decide objections."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit.transitions import Refused
from supervision.actions import publishing as acts
from supervision.doors import answer, check_or_404, for_publishers
from supervision.forms.minutes import CorrectForm, DecisionForm, RoundForm, WithdrawForm
from supervision.models import Objection


@for_publishers
@require_POST
def publish(request, code):
    """Publish the results of a round."""
    check, form = check_or_404(request, code), RoundForm(request.POST)
    return answer(
        request,
        code,
        lambda: acts.publish(check, by=request.user, round=form.cleaned_data["round"]),
        _("结果已公布，异议期开始计算。"),
        form,
    )


@for_publishers
@require_POST
def correct(request, code):
    """Publish a round anew, with the reason."""
    check, form = check_or_404(request, code), CorrectForm(request.POST)
    return answer(
        request,
        code,
        lambda: acts.correct(check, by=request.user, **form.cleaned_data),
        _("公示已更正，原版本留档。"),
        form,
    )


@for_publishers
@require_POST
def withdraw(request, code):
    """Take back a line or a whole round, with the reason."""
    check = check_or_404(request, code)
    people = {str(one.pk): one for one in check.examinees.all()}
    form = WithdrawForm(request.POST, lines=[(pk, pk) for pk in people])
    return answer(
        request,
        code,
        lambda: acts.withdraw(
            check,
            by=request.user,
            why=form.cleaned_data["why"],
            round=form.cleaned_data["round"],
            examinee=people.get(form.cleaned_data["line"]),
        ),
        _("已撤下；公开页只保留撤下的理由。"),
        form,
    )


@for_publishers
@require_POST
def decide(request, code, pk):
    """Decide an objection."""
    check = check_or_404(request, code)
    objection = get_object_or_404(Objection.objects.filter(publication__check_of=check), pk=pk)
    form = DecisionForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("请选择处理结果并写明理由。"))
        data = form.cleaned_data
        more = {"conclusion": data["conclusion"]} if data["upheld"] == "yes" else {}
        acts.decide(objection, by=request.user, upheld=data["upheld"] == "yes", why=data["why"], **more)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("异议已处理，提出人可以看到结果。"))
    return redirect("supervision:examinee", code, objection.examinee_id)
