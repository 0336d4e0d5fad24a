"""One's own messages: the inbox, one message, and what one says to it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.paging import page_of
from audit.transitions import Refused
from messaging import presenting
from messaging.actions import reading
from messaging.doors import own_or_404
from messaging.forms.ledger import InboxFilter
from messaging.queries import ledger


def _is_herself(request):
    return getattr(request, "representing", None) is None


@require_GET
@never_cache
def inbox(request):
    """The newest first. What stands on the page for the first time has been delivered, unless somebody else looks for her."""
    form = InboxFilter(request.GET)
    page = page_of(request, ledger.inbox(request.user, **form.values()))
    rows = list(page.object_list)
    if _is_herself(request):
        reading.shown(rows)
    return render(
        request,
        "messaging/inbox.html",
        {
            "form": form,
            "is_filtered": bool(form.values()["only"]),
            "page_obj": page,
            "rows": [presenting.row(one) for one in rows],
            "unread": ledger.inbox(request.user, "unread").count(),
        },
    )


@require_GET
@never_cache
def message(request, pk):
    """One message; opening it is reading it."""
    found = reading.read(own_or_404(request, pk))
    told = presenting.page(found)
    return render(request, "messaging/message.html", told | {"why_not": reading.why_not_confirm(found)})


@require_POST
def confirm(request, pk):
    """Say that one knows it."""
    try:
        reading.confirm(own_or_404(request, pk), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已确认。"))
    return redirect("messaging:message", pk)


@require_POST
def read_all(request):
    """Everything at once, but for what asks to be confirmed."""
    done = reading.read_all(request.user)
    said = ngettext("%(count)s 条消息已标为已读。", "%(count)s 条消息已标为已读。", done)
    messages.success(request, said % {"count": done})
    return redirect("messaging:inbox")


@require_POST
def mail(request):
    """Messages by e-mail, or no more."""
    reading.choose_mail(request.user, on=request.POST.get("by_mail") == "1")
    return redirect("people:me")
