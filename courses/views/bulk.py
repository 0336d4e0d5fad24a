"""Several courses to very many people: the filter with its dry run, and how far it has come."""

import secrets

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.paging import page_of
from audit.transitions import Refused
from courses import presenting_paths as telling
from courses.actions import assigning
from courses.doors import for_managers
from courses.forms.scale import BulkForm
from courses.models import Assignment
from courses.queries import assigning as queries
from courses.queries import team
from courses.queries.plans import enterprises_of
from operations.models import WorkerProcess


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request):
    """Choose courses and people, see what would happen, and only then say yes."""
    firms = enterprises_of(request.user)
    form = BulkForm(
        request.POST or None,
        courses=team.assignable(request.user),
        categories=queries.categories_of(firms),
        enterprises=firms,
    )
    told = None
    if request.method == "POST" and form.is_valid():
        courses, chosen = list(form.cleaned_data["courses"]), form.chosen()
        token = request.POST.get("token", "")
        if request.POST.get("act") == "go" and len(token) == 32:
            try:
                asked = assigning.ask(
                    token, by=request.user, courses=courses, chosen=chosen, due_on=form.cleaned_data["due_on"]
                )
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                return redirect("courses:bulk_run", asked.pk)
        today = timezone.localdate()
        told = telling.outlook(
            queries.outlook(request.user, courses, chosen, today),
            queries.people_chosen(request.user, chosen, today),
        )
    return render(
        request,
        "courses/scale/bulk.html",
        {
            "form": form,
            "told": told,
            "token": secrets.token_hex(16),
            "recent": [telling.assignment(one) for one in queries.list_assignments(request.user)[:5]],
        },
        status=422 if form.errors else 200,
    )


def _mine(request, pk):
    return get_object_or_404(queries.list_assignments(request.user), pk=pk)


@for_managers
@require_GET
def run(request, pk):
    """One assignment: how far it has come; it goes on whether or not somebody looks."""
    one = _mine(request, pk)
    is_waiting = one.state == Assignment.State.WAITING
    return render(
        request,
        "courses/scale/run.html",
        {
            **telling.assignment(one),
            "is_waiting": is_waiting,
            "is_lost": queries.lost(one),
            "refused": queries.refused_in(one),
            "no_worker": is_waiting and not WorkerProcess.objects.alive(timezone.now()).exists(),
        },
    )


@for_managers
@require_POST
def again(request, pk):
    """Let the worker go on."""
    try:
        assigning.again(_mine(request, pk), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已重新交给后台，从没有完成的地方继续。"))
    return redirect("courses:bulk_run", pk)


@for_managers
@require_GET
def runs(request):
    """All assignments of one's own."""
    page = page_of(request, queries.list_assignments(request.user))
    return render(
        request,
        "courses/scale/runs.html",
        {"page_obj": page, "rows": [telling.assignment(one) for one in page]},
    )
