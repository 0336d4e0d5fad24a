"""Signing in by a code that comes by short message: where to, then which."""

from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import actions, identifiers, vault
from accounts.adapter import BY_PHONE_CODE
from accounts.doors import back_of
from accounts.forms import ConfirmCodeForm, PhoneCodeForm
from audit.transitions import Refused

PENDING = "phone_code"  # what the session keeps between the two pages; the phone is sealed, for sessions lie in the database


@sensitive_post_parameters("phone")
@never_cache
@login_not_required
def phone_code(request):
    """Ask for a code. What is answered does not depend on whether anybody has the number."""
    if request.user.is_authenticated:
        return redirect("dashboards:home")
    back = back_of(request)
    pending = request.session.get(PENDING) or {}
    is_again = "again" in request.POST and bool(pending)
    form = PhoneCodeForm({"phone": _phone(pending)} if is_again else request.POST or None)
    if request.method == "POST" and form.is_valid():
        phone = form.cleaned_data["phone"]
        try:
            ticket = actions.ask(phone, now=timezone.now())
        except Refused as refusal:
            if pending and phone == _phone(pending):  # she has asked already: the code may be on its way
                messages.warning(request, str(refusal))
                return redirect("phone_code_confirm")
            form.add_error(None, str(refusal))
        else:
            back = pending.get("next", "") if is_again else back
            request.session[PENDING] = {"phone": vault.encrypt(phone), "ticket": ticket, "next": back}
            return redirect("phone_code_confirm")
    context = {"form": form, "next": back, "by_password": reverse("account_login") + _query(back)}
    return render(request, "account/phone_code.html", context | _trial())


@sensitive_post_parameters("code")
@never_cache
@login_not_required
def phone_code_confirm(request):
    """Come in by the code."""
    pending = request.session.get(PENDING)
    if not pending:
        return redirect("phone_code")
    phone = _phone(pending)
    form = ConfirmCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answer = _come_in(request, phone, form.cleaned_data["code"], pending)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if answer is not None:
                return answer
            form.add_error(
                "code", _("验证码不正确或已失效，请核对短信。输错 5 次，或超过 5 分钟，须重新获取。")
            )
    context = {
        "form": form,
        "mask": identifiers.mask_phone(phone),
        "another": reverse("phone_code") + _query(pending["next"]),
    }
    return render(request, "account/phone_code_confirm.html", context | _trial())


@transaction.atomic
def _come_in(request, phone, code, pending):
    """Redeem the code and sign in by allauth's flow with all its stages, in one commit; None if the code is not the one."""
    person = actions.redeem(phone, code, ticket=pending["ticket"], now=timezone.now())
    if person is None:
        return None
    del request.session[PENDING]
    record_authentication(request, person, method=BY_PHONE_CODE)
    answer = perform_login(request, Login(user=person, redirect_url=pending["next"] or None))
    if request.user.is_authenticated and not person.has_usable_password() and not person.must_change_password:
        messages.info(request, _("您还没有设置密码。可以一直用验证码登录，也可以在“我的”页面设置密码。"))
    return answer


def _trial():
    """What is said where no gateway is connected, so that nobody waits."""
    if settings.SMS_ADAPTER != "file":
        return {}
    return {"trial": _("本平台没有接入短信网关：验证码不会发到手机，只写入服务器上的文件 sms.log。")}


def _phone(pending):
    return vault.decrypt(pending["phone"]) if pending else ""


def _query(back):
    return f"?{urlencode({'next': back})}" if back else ""
