"""Where one is signed in, and how to end it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import actions, queries, telling
from audit.transitions import Refused


@never_cache
def devices(request):
    """My browsers, this one first."""
    here = request.session.session_key
    rows = [
        {
            "login": login,
            "is_here": login.session_key == here,
            "handle": actions.handle_of(login),
            "name": telling.browser(login.browser),
        }
        for login in queries.logins_of(request.user)
    ]
    rows.sort(key=lambda row: not row["is_here"])
    return render(request, "people/devices.html", {"rows": rows, "others": len(rows) - 1})


@require_POST
def end(request, handle):
    """Sign one of them out."""
    try:
        actions.end_login(request.user, handle, by=request.user)
        messages.success(request, _("该设备已退出登录。"))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("people:devices")


@require_POST
def end_others(request):
    """Sign all but this one out."""
    ended = actions.end_other_logins(request.user, keep=request.session.session_key, by=request.user)
    said = ngettext("已退出其他 %(count)s 台设备。", "已退出其他 %(count)s 台设备。", ended) % {
        "count": ended
    }
    messages.success(request, said if ended else _("没有其他已登录的设备。"))
    return redirect("people:devices")
