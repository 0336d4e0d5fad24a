"""The acts of a draw, and its list with names, which only the office sees."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from supervision import presenting, rules
from supervision.actions import draws as acts
from supervision.doors import answer, check_or_404, for_desk, for_drawers
from supervision.forms.checks import FreezeForm, PublicWhyForm, RevealForm, SessionForm, WhyForm
from supervision.queries import coverage
from supervision.queries import draws as queries


def _draw(check):
    """The draw that counts."""
    if not (draw := queries.counting(check)):
        raise Http404
    return draw


@for_drawers
@require_POST
def freeze(request, code):
    """Freeze the frame and show the commitment."""
    check, form = check_or_404(request, code), FreezeForm(request.POST)
    return answer(
        request,
        code,
        lambda: acts.freeze(check, by=request.user, **form.cleaned_data),
        _("名单已冻结，摘要和承诺已公开。到约定时间录入公开数即可抽取。"),
        form,
    )


@for_drawers
@require_POST
def reveal(request, code):
    """Enter the public half and draw."""
    check, form = check_or_404(request, code), RevealForm(request.POST)
    draw = _draw(check)
    return answer(
        request,
        code,
        lambda: acts.reveal(draw, by=request.user, **form.cleaned_data),
        _("抽取完成。密值、种子和结果已公开，任何人都可以复核。"),
        form,
    )


@for_drawers
@require_POST
def void(request, code):
    """Void the draw that counts, as a second person."""
    check, form = check_or_404(request, code), PublicWhyForm(request.POST)
    draw = _draw(check)
    return answer(
        request,
        code,
        lambda: acts.void(draw, by=request.user, why=form.cleaned_data["why"]),
        _("抽取已作废，记录保留并公开。"),
        form,
    )


@for_drawers
@require_POST
def register(request, code):
    """Register those on the list in a session of the exam."""
    check, form = check_or_404(request, code), SessionForm(request.POST)
    return answer(
        request,
        code,
        lambda: acts.register(check, by=request.user, **form.cleaned_data),
        _("抽中人员已登记，考试已出现在他们的首页。"),
        form,
    )


@for_drawers
@require_POST
def replace(request, code):
    """Put the next reserve in somebody's place."""
    check, form = check_or_404(request, code), WhyForm(request.POST)
    pk = request.POST.get("out", "")
    out = get_object_or_404(
        queries.everybody(_draw(check)).select_related("draw__check_of"),
        pk=pk if pk.isdecimal() and len(pk) < 19 else 0,
    )
    return answer(
        request,
        code,
        lambda: acts.replace(out, by=request.user, why=form.cleaned_data["why"]),
        _("已由下一名后备替补。"),
        form,
    )


@for_desk
@require_GET
def listed(request, code, number):
    """The list with names, its reserves in their order, the inspectors, and how probable it was to be drawn."""
    check = check_or_404(request, code)
    draw = get_object_or_404(queries.of_check(check).exclude(reveal=None), number=number)
    labels = presenting.labels_of(draw)
    return render(
        request,
        "supervision/listed.html",
        {
            "check": check,
            "draw": draw,
            "state": rules.public_state(draw),
            "rows": presenting.places(draw, labels),
            "inspectors": draw.inspectors.select_related("person"),
            "chances": presenting.chances(coverage.probabilities([draw]).get(draw.pk, ()), labels),
            "why_not_replace": rules.why_not_replace(check) or (_("这次抽取已经作废。") if rules.is_void(draw) else ""),
            "replace_form": WhyForm(),
            "now": timezone.now(),
        },
    )  # fmt: skip
