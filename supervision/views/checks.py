"""The desk of spot checks: the list, the case of one, approving it and giving it up."""

from datetime import datetime, time, timedelta

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.paging import page_of
from supervision import presenting, presenting_failures, presenting_notices, rules, showing, universe
from supervision.actions import checks as acts
from supervision.doors import answer, check_or_404, for_approvers, for_desk, for_planners
from supervision.forms.checks import (
    CheckFilter,
    ExcludeForm,
    FreezeForm,
    PublicWhyForm,
    RevealForm,
    SessionForm,
    WhyForm,
)
from supervision.forms.packages import PackageForm
from supervision.forms.sittings import BadgesForm
from supervision.models import SpotCheck
from supervision.queries import checks as queries
from supervision.queries import draws as draw_queries
from supervision.queries import incidents, minutes, sittings
from supervision.queries.universe import exclusions_of, survey

State = SpotCheck.State


@for_desk
@require_GET
def checks(request):
    """The spot checks of the visitor's organs."""
    form = CheckFilter(request.GET)
    page = page_of(request, queries.list_checks(request.user, **form.values()))
    return render(
        request,
        "supervision/checks.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": [
                {
                    "check": one,
                    "tone": presenting.TONES[one.state],
                    **showing.clock(one, timezone.localdate()),
                }
                for one in page
            ],
            "overdue": minutes.overdue(request.user, timezone.localdate()),
        },
    )


@for_desk
@require_GET
def check(request, code):
    """The case: what is planned, what happened, and the one next step."""
    found, now = check_or_404(request, code), timezone.now()
    draws = list(draw_queries.of_check(found))
    draw = next((one for one in draws if not rules.is_void(one)), None)
    if found.state in (State.PLANNED, State.APPROVED) and not draw:
        reached = survey(found, timezone.localdate(now), exclusions_of(found))
        strata = presenting.strata(found, reached)
        why_not_hold = rules.why_not_hold(
            found, reached, universe.stratum_labels(found.strata_by, reached.counts)
        )
    else:
        reached, strata, why_not_hold = None, [], ""
    people = list(sittings.examinees(found))
    sat, outcomes = sittings.sat(people), sittings.outcomes_of(people)
    publish_due, remark = minutes.due_of(found)
    return render(
        request,
        "supervision/check.html",
        {
            "check": found,
            "tone": presenting.TONES[found.state],
            "step": presenting.step(found, draw, now, request.user),
            "facts": presenting.facts(found),
            "reach": universe.in_words(found),
            "weights": universe.weights_in_words(found.weights),
            "reached": reached,
            "strata": strata,
            "why_not_hold": why_not_hold,
            "exclusions": found.exclusions.select_related("person", "enterprise__unit", "by"),
            "people": presenting.examinee_rows(people, sat, outcomes),
            "why_not_conclude": rules.why_not_conclude(found, people, sat, now) if found.state == State.UNDER_WAY else "",
            "notices": presenting_notices.panel(found, people, now),
            "incidents": incidents.incidents(found),
            "may_note": not rules.why_not_note_incident(found),
            "entries": presenting.timeline(found, draws),
            "packages": presenting.packages(found.packages.select_related("by")[:5]),
            "draws": [(one, rules.public_state(one)) for one in draws],
            "draw": draw,
            "publish_due": publish_due,
            "is_overdue": found.state == State.CONCLUDED and publish_due < timezone.localdate(now),
            "results": showing.results(found, people, request.user),
            "remark": remark,
            "forms": _forms(found, draw),
            "why_not_approve": rules.why_not_approve(found, request.user) or why_not_hold,
            "why_not_reveal": rules.why_not_reveal(draw, now) if draw else "",
            "why_not_void": rules.why_not_void(found, draw, request.user) if draw else "",
            "may_void": draw and found.state in (State.APPROVED, State.DRAWN),
            "may_change": not rules.why_not_change(found),
            "may_abandon": not rules.why_not_abandon(found),
            **presenting_failures.case(found, people, outcomes, sat, request.user, now),
        },
    )  # fmt: skip


def _forms(check, draw):
    starts = timezone.make_aware(datetime.combine(check.starts_on, time(9)))
    opens = {"opens_at": starts, "closes_at": starts + timedelta(hours=3)}
    return {
        "freeze": FreezeForm(auto_id="freeze-%s"),
        "reveal": RevealForm(auto_id="reveal-%s"),
        "void": PublicWhyForm(auto_id="void-%s"),
        "abandon": WhyForm(auto_id="abandon-%s"),
        "exclude": ExcludeForm(auto_id="exclude-%s"),
        "package": PackageForm(auto_id="package-%s"),
        "badges": BadgesForm(draw=draw if check.state == State.DRAWN else None),
        "session": SessionForm(
            auto_id="session-%s", initial=opens | {"is_held": check.mode == SpotCheck.Mode.HALL}
        ),
    }


@for_approvers
@require_POST
def approve(request, code):
    """Approve somebody else's plan."""
    found = check_or_404(request, code)
    return answer(
        request, code, lambda: acts.approve(found, by=request.user), _("计划已批准，下一步冻结抽取名单。")
    )


@for_planners
@require_POST
def abandon(request, code):
    """Give a check up, with the reason."""
    found, form = check_or_404(request, code), WhyForm(request.POST)
    return answer(
        request,
        code,
        lambda: acts.abandon(found, by=request.user, why=form.cleaned_data["why"]),
        _("抽查考核已终止，档案保留。"),
        form,
    )
