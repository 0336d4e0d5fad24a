"""The day of a check, and the file of each who was called to it."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.serving import file_answer
from audit.log import record
from supervision import presenting, presenting_failures, presenting_notices, rules, showing
from supervision.actions import sittings as acts
from supervision.doors import answer, check_or_404, examinee_or_404, for_desk, for_holders
from supervision.forms.paper import PaperReviewForm
from supervision.forms.sittings import BadgesForm
from supervision.queries import draws, incidents, notices, sittings


@for_holders
@require_POST
def begin(request, code):
    """Begin the assessment with the inspectors who showed their badges."""
    check = check_or_404(request, code)
    form = BadgesForm(request.POST, draw=draws.counting(check))
    return answer(
        request,
        code,
        lambda: acts.begin(check, by=request.user, badges=form.badges()),
        _("考核已开始，检查人员到场情况已记录。"),
        form,
    )


@for_holders
@require_POST
def conclude(request, code):
    """Conclude the assessment: everybody gets a provisional outcome."""
    check = check_or_404(request, code)
    return answer(
        request,
        code,
        lambda: acts.conclude(check, by=request.user),
        _("考核已结束，每人的结果已登记，尚待双方确认。"),
    )


@for_desk
@require_GET
def examinee(request, code, pk):
    """The file of one examinee: what she sat and what came of it."""
    check = check_or_404(request, code)
    one = examinee_or_404(check, pk)
    sat = sittings.sat([one])[one.pk]
    outcomes = list(one.outcomes.select_related("by", "attempt"))
    return render(
        request,
        "supervision/examinee.html",
        {
            "check": check,
            "examinee": one,
            "sat": sat,
            "outcome": outcomes[0] if outcomes else None,
            "outcomes": outcomes,
            "state": presenting.standing_of(outcomes[0] if outcomes else None, sat),
            "facts": presenting.examinee_facts(one, sat),
            **showing.panel(one, request.user),
            **showing.amendments(one, outcomes[0] if outcomes else None, request.user),
            **presenting_failures.examinee(one, outcomes[0] if outcomes else None),
            "versions": presenting_notices.versions(notices.versions_of(one)),
            "requests": notices.with_papers(notices.requests_of([one])),
            "incidents": incidents.incidents(check, one),
            "may_note": not rules.why_not_note_incident(check),
            "paper": presenting.paper_of(one, sat, outcomes[0] if outcomes else None, request.user),
            "paper_form": PaperReviewForm(auto_id="paper-%s"),
        },
    )


@for_desk
@require_GET
def evidence(request, code, pk):
    """One file of a case."""
    kept = get_object_or_404(check_or_404(request, code).evidence, pk=pk)
    record("evidence.opened", kept, subject=kept.subject)
    return file_answer(kept)
