"""The operator's page: how the machine is, what is wrong, what to do. Administrators only."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.doors import holding
from accounts.permissions import roles
from audit.transitions import Refused
from dashboards.queries import operator
from operations import actions, queries


@holding(*roles("operations.see"))
@require_GET
@never_cache
def operations(request):
    """Everything at a glance; the page asks for itself again every ten seconds."""
    now = timezone.now()
    return render(request, "dashboards/operator.html", operator.page(now) | {"now": now})


@holding(*roles("operations.see"))
@require_POST
def task_again(request, pk):
    """Let a task that was given up try again."""
    task = get_object_or_404(queries.failed(), pk=pk)
    try:
        actions.again(task, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("任务已重新排队。"))
    return redirect("dashboards:operations")
