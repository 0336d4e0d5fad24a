"""The ledger of coverage, and what an organ means to cover in a year."""

from collections import defaultdict

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.paging import page_of
from supervision import presenting, universe
from supervision.actions import checks as acts
from supervision.doors import for_planners
from supervision.forms.standing import AimForm, LedgerForm
from supervision.models import SpotCheck
from supervision.queries import checks as queries
from supervision.queries import coverage as reads


@for_planners
@require_http_methods(["GET", "HEAD", "POST"])
def coverage(request):
    """How far the draws of a year reach in an organ; its aim is set here too."""
    aim = AimForm(request.POST or None, user=request.user)
    if request.method == "POST" and aim.is_valid():
        data = aim.cleaned_data
        acts.aim(data["unit"], data["year"], by=request.user, target=data["target"], note=data["note"])
        messages.success(request, _("年度覆盖目标已保存。"))
        return redirect(f"{reverse('supervision:coverage')}?unit={data['unit'].code}&year={data['year']}")
    organs = list(queries.organs_below(request.user))
    form, today = LedgerForm(request.GET, organs=organs), timezone.localdate()
    chosen = form.values()
    unit = next((one for one in organs if one.code == chosen["unit"]), organs[0])
    year = int(chosen["year"] or today.year)
    by = chosen["by"] if chosen["by"] or "by" in request.GET else SpotCheck.Strata.RISK
    strata, whole, never = reads.ledger(unit, year, by, today)
    labels = universe.stratum_labels(by, strata)
    page = page_of(request, never)
    draws = reads.draws_of(unit, year)
    chances = reads.probabilities(draws)
    codes = defaultdict(set)
    for draw in draws:
        codes[draw.check_of.strata_by].update(stratum for stratum, *_told in chances.get(draw.pk, ()))
    names = {kind: universe.stratum_labels(kind, held) for kind, held in codes.items()}
    shown = LedgerForm({"unit": unit.code, "year": str(year), "by": by}, organs=organs)
    return render(
        request,
        "supervision/coverage.html",
        {
            "form": shown,
            "aim": aim,
            "unit": unit,
            "year": year,
            "target": queries.target_of(unit, year),
            "strata": [(labels[code], count) for code, count in strata.items()],
            "whole": whole,
            "page_obj": page,
            "never": queries.posts_in_order([row.post for row in page]),
            "draws": [
                (draw, presenting.chances(chances.get(draw.pk, ()), names[draw.check_of.strata_by]))
                for draw in draws
            ],
        },
        status=422 if aim.is_bound else 200,
    )
