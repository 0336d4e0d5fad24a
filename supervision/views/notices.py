"""Notices: issued and moved by the office, read by the person and her enterprise, and the absences they ask for."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.paging import page_of
from audit.transitions import Refused
from supervision import presenting_notices as presenting
from supervision import rules
from supervision.actions import absences
from supervision.actions import notices as acts
from supervision.doors import answer, check_or_404, for_desk, for_notifiers
from supervision.forms.notices import AbsenceForm, DecideForm, IssueForm, RescheduleForm
from supervision.models import AbsenceRequest, SpotNotice
from supervision.models.notices import Addressee
from supervision.queries import notices as queries


@for_notifiers
@require_POST
def notices_issue(request, code):
    """Issue notices to everybody who is still to be examined."""
    check, form = check_or_404(request, code), IssueForm(request.POST)
    if form.is_valid():
        try:
            count = len(acts.issue(check, by=request.user, **form.cleaned_data))
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            said = ngettext("已发出 %(count)s 份通知书。", "已发出 %(count)s 份通知书。", count)
            messages.success(
                request, said % {"count": count} if count else _("所有人的通知书都没有变化，没有发出新的。")
            )
    else:
        for errors in form.errors.values():
            messages.error(request, errors[0])
    return redirect("supervision:check", code)


@for_notifiers
@require_POST
def reschedule(request, code):
    """Move the check to another time or place."""
    check, form = check_or_404(request, code), RescheduleForm(request.POST)
    return answer(
        request,
        code,
        lambda: acts.reschedule(check, by=request.user, **form.cleaned_data),
        _("时间和地点已更改；已收到通知书的人和企业都已收到新的通知。"),
        form,
    )


def _notice_or_404(request, pk):
    """The last notice of an examinee through the visitor's door."""
    found = SpotNotice.objects.seen_by(request.user).newest()
    found = found.select_related(
        "unit",
        "examinee__check_of__profile",
        "examinee__registration__session",
        "examinee__registration__candidate",
        "examinee__registration__post__enterprise__unit",
    )
    return get_object_or_404(found, examinee=pk)


def _page(request, found, sides, form=None, status=200):
    registration, now = found.examinee.registration, timezone.now()
    requests = queries.requests_of([found.examinee])
    why_not_ask = rules.why_not_ask(found.examinee, requests, now)
    return render(
        request,
        "supervision/notice.html",
        {
            "notice": found,
            "registration": registration,
            "facts": presenting.facts(found, registration),
            "pass": presenting.pass_of(found, registration) if sides else "",
            "is_person": Addressee.PERSON in sides,
            "versions": presenting.versions(queries.versions_of(found.examinee)),
            "requests": requests,
            "form": form or (AbsenceForm(sides=sides) if sides and not why_not_ask else None),
            "why_not_ask": why_not_ask if sides else "",
        },
        status=status,
    )


@require_GET
@never_cache
def notice(request, pk):
    """What an examinee is told; that she or her enterprise opens it is written down."""
    found = _notice_or_404(request, pk)
    acts.read(found, by=request.user)
    return _page(request, found, queries.sides_of(request.user, found))


@require_POST
def absence_ask(request, pk):
    """Ask to be excused, as the examinee or her enterprise."""
    found = _notice_or_404(request, pk)
    sides = queries.sides_of(request.user, found)
    if not sides:
        raise Http404
    form = AbsenceForm(request.POST, request.FILES, sides=sides)
    if form.is_valid():
        said = form.cleaned_data
        try:
            absences.ask(
                found.examinee,
                by=request.user,
                side=said["side"],
                why=said["why"],
                papers=[said["file"]] if said["file"] else [],
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("申请已提交，答复会显示在本页；答复以前请照常准备参加。"))
            return redirect("supervision:notice", pk)
    return _page(request, found, sides, form, status=422)


@for_notifiers
@require_POST
def absence_decide(request, code, pk):
    """Grant or refuse an absence."""
    check, form = check_or_404(request, code), DecideForm(request.POST)
    asked = get_object_or_404(
        AbsenceRequest.objects.filter(examinee__check_of=check).select_related("examinee__check_of"), pk=pk
    )
    return answer(
        request,
        code,
        lambda: absences.decide(
            asked,
            by=request.user,
            is_granted=form.cleaned_data["answer"] == "grant",
            why=form.cleaned_data["why"],
        ),
        _("已答复，申请人可以看到。"),
        form,
    )


@for_desk
@require_GET
def owed(request):
    """Who was excused and is still to be examined."""
    page = page_of(request, queries.owed(request.user))
    return render(request, "supervision/owed.html", {"page_obj": page, "rows": page})
