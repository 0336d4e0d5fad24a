"""The notice before processing, one's own data, and holds."""

import io
import json
import zipfile

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import privacy, retention, telling
from accounts.actions import privacy as actions
from accounts.doors import back_of, holding
from accounts.forms_privacy import ExportForm, HoldForm, PasswordForm
from accounts.middleware import NOTICE_OWED
from accounts.models import Role
from accounts.paging import page_of
from accounts.workbooks import chapters_workbook
from audit.transitions import Refused


def notice(request):
    """The notice in force; with POST its acknowledgement, and on to where one wanted to go."""
    shown = privacy.notice_in_force(timezone.now())
    back = back_of(request)
    if request.method == "POST":
        if shown and request.POST.get("number") == str(shown.number):
            actions.acknowledge(shown, by=request.user)
            request.session.pop(NOTICE_OWED, None)
            return redirect(back or settings.LOGIN_REDIRECT_URL)
        if shown:
            messages.error(request, _("告知刚刚更新，请阅读新的版本。"))
        return redirect("people:notice")
    known = shown and privacy.acceptances_of(request.user).filter(notice=shown).first()
    if not shown or known:
        request.session.pop(NOTICE_OWED, None)
    context = {
        "notice": shown,
        "body": privacy.as_html(shown.text) if shown else "",
        "known": known,
        "next": back,
    }
    return render(request, "people/notice.html", context)


def _data_page(request, *, form=None, export_form=None, full=None, status=200):
    context = {
        "classes": retention.told(),
        "readers": [telling.reader(event) for event in privacy.readers_of(request.user)[:50]],
        "acted": [telling.acted_for(*one) for one in privacy.acted_for(request.user)],
        "acceptances": privacy.acceptances_of(request.user),
        "form": form or PasswordForm(),
        "export_form": export_form or ExportForm(),
        "full": full,
    }
    return render(request, "people/data.html", context, status=status)


@never_cache
def data(request):
    """What is kept about me; with POST and my password my numbers in full, once."""
    if request.method != "POST":
        return _data_page(request)
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            full = actions.view_own(request.user, form.cleaned_data["password"])
            return _data_page(request, full=full)
        except Refused as refusal:
            form.add_error("password", str(refusal))
    return _data_page(request, form=form, status=422)


@never_cache
@require_POST
def export(request):
    """All of it in a file: JSON for machines, a workbook for people; numbers in full only with the password."""
    form = ExportForm(request.POST)
    form.is_valid()
    try:
        kept = actions.export_own(request.user, password=form.cleaned_data.get("password", ""))
    except Refused as refusal:
        form.add_error("password", str(refusal))
        return _data_page(request, export_form=form, status=422)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("my-data.json", json.dumps(kept, ensure_ascii=False, indent=2))
        archive.writestr("my-data.xlsx", chapters_workbook(kept))
    response = HttpResponse(packed.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    return response


@holding(Role.ADMIN)
def holds(request):
    """Holds in one's reach, those in force first; with POST a new one."""
    form = HoldForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.place_hold(**form.found, reason=form.cleaned_data["reason"], by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已设置保全。"))
            return redirect("people:holds")
    page = page_of(request, retention.holds_run_by(request.user))
    context = {"form": form, "page_obj": page}
    return render(request, "people/holds.html", context, status=422 if form.errors else 200)


@require_POST
@holding(Role.ADMIN)
def end_hold(request, pk):
    """End a hold, for a reason."""
    hold = get_object_or_404(retention.holds_run_by(request.user), pk=pk)
    try:
        actions.end_hold(hold, reason=request.POST.get("reason", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已解除保全。"))
    return redirect("people:holds")
