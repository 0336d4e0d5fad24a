"""The size class of an enterprise, as its organ rules."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import actions, queries, sizes
from accounts.forms import SizeForm
from accounts.models import Enterprise


def size(request, uscc):
    """Figures, what follows from them, and a ruling that stands above."""
    enterprise = get_object_or_404(queries.enterprises_supervised_by(request.user), uscc=uscc)
    initial = {name: getattr(enterprise, name) for name in ("staff", "turnover", "size_ruling")}
    form = SizeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        rated = actions.rate(enterprise, by=request.user, **form.cleaned_data)
        word = Enterprise.Size(rated.size_class).label
        messages.success(request, _("规模已登记，现按{size}计算应配岗位。").format(size=word))
        return redirect("people:enterprise", uscc)
    bounds = settings.SIZE_THRESHOLDS[sizes.INDUSTRY if enterprise.produces else sizes.TRADE]
    context = {
        "enterprise": enterprise,
        "form": form,
        "now": Enterprise.Size(enterprise.size_class).label,
        "bounds": [(Enterprise.Size(name).label, *bounds[name]) for name in sizes.CLASSES],
        "history": [_told(line) for line in queries.ratings_of(enterprise)],
    }
    return render(request, "people/size.html", context, status=422 if form.errors else 200)


def _told(line):
    before, after = (Enterprise.Size(line.data[when]["size"]).label for when in ("before", "after"))
    return {"line": line, "title": f"{before} → {after}"}
