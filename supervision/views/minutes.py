"""Minutes: drawn up by the office, read by whom they concern, signed on the screen."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import telling
from accounts.devices import browser_of
from accounts.paging import page_of
from accounts.serving import file_answer
from audit.transitions import Refused
from supervision import rules, showing
from supervision.actions import minutes as acts
from supervision.actions import publishing
from supervision.doors import answer, check_or_404, examinee_or_404, for_holders
from supervision.forms.minutes import ConfirmRefusalForm, ObjectionForm, ReasonForm, RefusalForm, SignForm
from supervision.models import Minutes, Side
from supervision.queries import minutes as queries
from supervision.queries import publishing as publications


@for_holders
@require_POST
def draw_up(request, code):
    """Draw up the minutes that are wanting."""
    check = check_or_404(request, code)
    return answer(
        request, code, lambda: acts.draw_up(check, by=request.user), _("记录表已制作，请各方逐份核对签字。")
    )


@for_holders
@require_POST
def renew(request, code, pk):
    """Draw up the next version of somebody's minutes, with the reason."""
    check = check_or_404(request, code)
    examinee, form = examinee_or_404(check, pk), ReasonForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("请写明制作新版本的原因。"))
        acts.renew(examinee, by=request.user, why=form.cleaned_data["why"])
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已制作新版本；原版本的签字留在原版本上，新版本须重新签字。"))
    return redirect("supervision:examinee", code, pk)


@require_GET
def mine(request):
    """The minutes that want the visitor's word, or did: as examinee, for her enterprise, as inspector; the newest version of each."""
    found = Minutes.objects.newest().filter(pk__in=queries.hers(request.user).values("pk"))
    page = page_of(request, found.select_related(*queries.RELATED).order_by("-at", "-pk"))
    kept = queries.kept(page)
    return render(
        request,
        "supervision/my_minutes.html",
        {
            "page_obj": page,
            "rows": [
                {
                    "minutes": row,
                    "facts": row.facts,
                    "state": showing.state_of(kept[row.examinee_id].standing),
                }
                for row in page
            ],
        },
    )


def _seen(request, pk):
    return get_object_or_404(queries.seen_by(request.user).select_related(*queries.RELATED), pk=pk)


@require_GET
def minutes(request, pk):
    """One version: its fields, who signed, who is missing, and what the visitor may do."""
    row = _seen(request, pk)
    return _page(request, row)


def _page(request, row, forms=None, status=200):
    examinee, check = row.examinee, row.examinee.check_of
    newest = queries.newest_of(examinee)
    is_newest = newest.row.pk == row.pk
    kept = newest if is_newest else queries.kept([row])[row.examinee_id]
    own, attendance = queries.sides_of(request.user, row)
    publication = publications.of_check(check).get(examinee.round)
    supervises = Minutes.objects.run_by(request.user).filter(pk=row.pk).exists()
    objecting = next((one for one in own if one != Side.INSPECTOR), "")
    why_not_object = rules.why_not_object(examinee, publication, objecting, own, timezone.localdate())
    return render(
        request,
        "supervision/minutes.html",
        {
            "minutes": row,
            "check": check,
            "examinee": examinee,
            "groups": showing.fields(row.facts),
            "conclusion": showing.conclusion_of(row.facts["conclusion"]),
            "kept": kept,
            "signatures": [(one, telling.browser(one.device) if one.device else "") for one in kept.signatures],
            "state": showing.state_of(kept.standing),
            "wanted": showing.wanted(kept.standing),
            "newest": None if is_newest else newest.row,
            "to_sign": [
                {"side": side, "label": Side(side).label}
                for side in Side.values
                if is_newest and not rules.why_not_sign(check, row, newest, side, own, attendance, request.user)
            ],
            "claimed": [
                {"side": side, "label": Side(side).label}
                for side in kept.standing.claimed
                if is_newest and not rules.why_not_refuse(check, row, newest, side, attendance)
            ],
            "may_refuse": is_newest
            and any(
                side not in kept.standing.claimed
                and not rules.why_not_refuse(check, row, newest, side, attendance)
                for side in ("examinee", "enterprise")
            ),
            "supervises": supervises,
            "publication": publication,
            "may_object": not why_not_object,
            "why_not_object": why_not_object if publication and objecting else "",
            "objections": showing.objections(
                publications.objections([examinee]), request.user, set(), {}
            ),
            "forms": {"refusal": RefusalForm(auto_id="refusal-%s"), "objection": ObjectionForm(auto_id="objection-%s")}
            | (forms or {}),
        },
        status=status,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request, pk, side):
    """The sheet on which one side signs."""
    row = _seen(request, pk)
    if side not in Side.values:
        raise Http404
    own, attendance = queries.sides_of(request.user, row)
    newest = queries.newest_of(row.examinee)
    reason = rules.why_not_sign(row.examinee.check_of, row, newest, side, own, attendance, request.user)
    if reason:
        messages.error(request, reason)
        return redirect("supervision:minutes", newest.row.pk)
    signer = request.user.name if side in own else ""
    if side == Side.EXAMINEE:
        signer = row.examinee.registration.candidate.name
    form = SignForm(request.POST or None, side=side, signer=signer, initial={"digest": row.digest})
    if request.method == "POST" and form.is_valid():
        try:
            acts.sign(
                row,
                by=request.user,
                side=side,
                device=browser_of(request.headers.get("User-Agent", "")),
                **form.act_fields(),
            )
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("签字已记录。"))
        return redirect("supervision:minutes", row.pk)
    return render(
        request,
        "supervision/sign.html",
        {
            "minutes": row,
            "facts": row.facts,
            "form": form,
            "side": Side(side).label,
            "signer": signer,
            "is_handed": side not in own,
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
def refuse(request, pk):
    """Write down that somebody refused to sign, or bear out what the other inspector wrote."""
    row = _seen(request, pk)
    form = (ConfirmRefusalForm if "confirm" in request.POST else RefusalForm)(request.POST)
    if not form.is_valid():
        messages.error(request, _("请写明拒签原因、见证人姓名和身份。"))
        return redirect("supervision:minutes", pk)
    try:
        acts.refuse(row, by=request.user, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("拒签已记录；由两名考核人员记录后生效。"))
    return redirect("supervision:minutes", pk)


@require_POST
def object_to(request, pk):
    """Object to the published result, as the person or her enterprise."""
    row, form = _seen(request, pk), ObjectionForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, row, {"objection": form}, status=422)
    file = form.cleaned_data["file"]
    try:
        publishing.object_to(
            row.examinee,
            by=request.user,
            side=next(iter(queries.sides_of(request.user, row)[0]), ""),
            why=form.cleaned_data["why"],
            papers=[file] if file else [],
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("异议已提交，由公布人以外的监管人员处理，结果在本页显示。"))
    return redirect("supervision:minutes", pk)


@require_GET
def signature(request, pk, signature):
    """The picture of one signature."""
    row = _seen(request, pk)
    found = get_object_or_404(row.signatures.filter(image__gt=""), pk=signature)
    return file_answer(found)
