"""What everybody may see of a draw, without a login: only keys that the office alone can read."""

from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.models import Unit
from accounts.paging import page_of
from supervision import presenting, rules, verify_draw
from supervision.engine.draw import sha256
from supervision.queries import draws as queries

VERIFIER = Path(verify_draw.__file__)


@login_not_required
@require_GET
def draws(request):
    """All draws, of one organ if the address says so."""
    found = queries.public().defer("frozen", "reveal__dossier")
    unit = Unit.objects.filter(code=request.GET.get("organ", ""), kind=Unit.Kind.ORGAN).first()
    page = page_of(request, found.filter(check_of__unit=unit) if unit else found)
    return render(
        request,
        "supervision/public_draws.html",
        {"unit": unit, "page_obj": page, "rows": [(one, rules.public_state(one)) for one in page]},
    )


def _draw(code):
    return get_object_or_404(queries.public(), code=code)


@login_not_required
@require_GET
def draw(request, code):
    """One draw: commitment, digest, times, halves and seed, the list in keys, the files and how to verify them by hand."""
    found = _draw(code)
    return render(
        request,
        "supervision/public_draw.html",
        {
            "draw": found,
            "state": rules.public_state(found),
            "head": presenting.head_of(found),
            "rows": presenting.published(found),
            "inspectors": found.inspectors.values_list("rank", "key") if rules.is_revealed(found) else (),
            "replacements": queries.replacements(found),
            "dossier_digest": sha256(found.reveal.dossier) if rules.is_revealed(found) else "",
        },
    )


@login_not_required
@require_GET
def frame(request, code):
    """The frozen frame as a file, from the moment of freezing on."""
    return _file(_draw(code).frozen, "text/plain; charset=utf-8", f"{code}-frame.txt")


@login_not_required
@require_GET
def dossier(request, code):
    """The dossier as a file, once the seed is known."""
    found = _draw(code)
    if not rules.is_revealed(found):
        raise Http404
    return _file(found.reveal.dossier, "application/json", f"{code}.json")


@login_not_required
@require_GET
def verifier(request):
    """The program that does a draw again; it needs Python and nothing else."""
    return _file(VERIFIER.read_bytes(), "text/x-python; charset=utf-8", "verify_draw.py")


def _file(content, kind, name):
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
