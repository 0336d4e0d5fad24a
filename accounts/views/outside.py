"""Signing in by an account elsewhere, and linking one with one's own."""

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import actions, outside
from accounts.doors import back_of
from accounts.outside import going
from audit.transitions import Refused

BY_OUTSIDE = "socialaccount"  # how a session says that it began elsewhere, in allauth's word
NOT_COME = {
    going.WRONG_STATE: gettext_lazy(
        "这次到{name}的验证不是在这个浏览器里开始的，或已超过 10 分钟。什么也没有改变；请重新开始。"
    ),
    going.DENIED: gettext_lazy("您没有在{name}里同意。什么也没有改变；可以重新开始，或用别的方式登录。"),
    going.SILENT: gettext_lazy("{name}暂时没有回应。什么也没有改变；请过一会儿再试，或用别的方式登录。"),
    going.NOBODY: gettext_lazy("{name}没有确认您的身份。什么也没有改变；请重新开始，或用别的方式登录。"),
}


@require_POST
@never_cache
@login_not_required
def begin(request, code):
    """Go and say elsewhere who one is, in order to sign in."""
    name = outside.name_of(code)
    if request.user.is_authenticated:
        return redirect("dashboards:home")
    return _go(request, going.there(request, code, back=back_of(request)), name)


def _go(request, address, name):
    """On to the other side by a page of ours: a form may lead to addresses of this house only."""
    answer = render(request, "account/outside_go.html", {"address": address, "name": name})
    answer["Refresh"] = f"0; url={address}"
    return answer


@require_safe
@never_cache
@login_not_required
def back(request, code):
    """Back from elsewhere: sign in whoever has linked that account, or link it, as it was begun."""
    name = outside.name_of(code)
    try:
        for_person, wanted, uid = going.came_back(request, code)
        if for_person is not None:
            return _linked(request, for_person, code, uid, name)
        if request.user.is_authenticated:  # in another tab meanwhile; nobody is exchanged for somebody else
            return redirect("dashboards:home")
        answer = _come_in(request, code, uid, wanted)
    except going.NotCome as nobody:
        return _turned_away(request, str(NOT_COME[nobody.args[0]]).format(name=name))
    except Refused as refusal:
        return _turned_away(request, str(refusal))
    return answer or _turned_away(
        request,
        _(
            "这个{name}账号还没有关联本平台的账号，不能用它登录。请先用密码或手机验证码登录，在“我的”页面的“外部账号登录”里关联，以后就可以用{name}登录。"
        ).format(name=name),
    )


@transaction.atomic
def _come_in(request, code, uid, wanted):
    """Sign in by allauth's flow with all its stages, in one commit; None for an account that nobody has linked."""
    person = actions.recognise(code, uid)
    if person is None:
        return None
    record_authentication(request, person, method=BY_OUTSIDE, provider=code)
    return perform_login(request, Login(user=person, redirect_url=wanted or None))


def _linked(request, for_person, code, uid, name):
    if request.user.pk != for_person:  # signed out meanwhile, or somebody else
        raise going.NotCome(going.WRONG_STATE)
    actions.link(request.user, code, uid, by=request.user)
    messages.success(request, _("已关联{name}，以后可以用它登录。").format(name=name))
    return redirect("people:outside")


def _turned_away(request, sentence):
    begins = "people:outside" if request.user.is_authenticated else "account_login"
    context = {"sentence": sentence, "again": reverse(begins)}
    return render(request, "account/outside_refused.html", context, status=403)


@never_cache
def mine(request):
    """What is linked with my account, and what could be."""
    offered = outside.offered()
    if not offered:
        raise Http404
    held = {one.provider: one for one in outside.links_of(request.user)}
    rows = [{"code": code, "name": name, "link": held.get(code)} for code, name in offered]
    return render(request, "people/outside.html", {"rows": rows})


@require_POST
@never_cache
@reauthentication_required(app="allauth.socialaccount")
def connect(request, code):
    """Go and say elsewhere who one is, in order to link that account with this one."""
    name = outside.name_of(code)
    return _go(request, going.there(request, code, person=request.user), name)


@require_POST
def disconnect(request, code):
    """End a link."""
    name = outside.name_of(code)
    try:
        actions.unlink(request.user, code, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已解除与{name}的关联，它不能再用来登录。").format(name=name))
    return redirect("people:outside")
