"""Correcting an outcome of the organ's own accord: the page of the proposal, and the second person's word."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit.transitions import Refused
from supervision import amending as rules
from supervision import showing
from supervision.actions import amending as acts
from supervision.doors import answer, check_or_404, examinee_or_404, for_publishers
from supervision.forms.amending import AmendForm, AmendRulingForm
from supervision.queries import amending as queries
from supervision.queries import sittings


@for_publishers
@require_http_methods(["GET", "POST"])
def amend(request, code, pk):
    """Propose another outcome for an examinee, with the reason and what bears it out."""
    check = check_or_404(request, code)
    examinee = examinee_or_404(check, pk)
    outcome = sittings.outcomes_of([examinee]).get(examinee.pk)
    waiting = queries.waiting(check).filter(examinee=examinee).exists()
    if reason := rules.why_not_propose(check, outcome, waiting):
        messages.error(request, reason)
        return redirect("supervision:examinee", code, pk)
    score = queries.score_of(examinee, outcome)
    form = AmendForm(
        request.POST or None,
        request.FILES or None,
        by=request.user,
        is_paper=bool(score) and not outcome.attempt_id,
        initial={"conclusion": outcome.conclusion},
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data.pop("file", None)
        try:
            acts.propose(examinee, by=request.user, papers=[file] if file else (), **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
            form.cleaned_data["file"] = file
        else:
            messages.success(request, _("更正已提出，由另一位监管人员确认后生效。"))
            return redirect("supervision:examinee", code, pk)
    if form.errors:
        form.keep_aside()
    context = {
        "check": check,
        "examinee": examinee,
        "facts": showing.amendable(check, examinee, outcome, score),
        "form": form,
    }
    return render(request, "supervision/amend.html", context, status=422 if form.errors else 200)


@for_publishers
@require_POST
def amend_rule(request, code, pk):
    """Confirm a correction, or decline it."""
    check = check_or_404(request, code)
    proposal = get_object_or_404(queries.waiting(check).select_related("examinee__check_of"), pk=pk)
    form = AmendRulingForm(request.POST)

    def act():
        say = acts.confirm if form.cleaned_data["answer"] else acts.decline
        say(proposal, by=request.user, why=form.cleaned_data["why"])

    return answer(
        request,
        (code, proposal.examinee_id),
        act,
        _("核对意见已登记。结果有更改的，记录表已出新版本，请各方重新签字后更正公示。"),
        form,
        to="supervision:examinee",
    )
