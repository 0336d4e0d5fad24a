"""Playing a set: the page with its questions, what a plain form says, and the review of it."""

from secrets import token_hex

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.doors import back_of
from audit.transitions import Refused
from exams.presenting import answers_of_form
from practice import packing, presenting, rules
from practice.actions import answering, keeping
from practice.doors import item_or_404, review_or_404, topic_or_404
from practice.queries.state import standing

LARGEST_FORM = 200  # questions that one form may name


@require_GET
@never_cache
def go(request, code):
    """The daily ten, what is due, or the favourites."""
    if code not in packing.BY_CODE:
        raise Http404
    return _play(request, lambda found, kept: packing.BY_CODE[code](found, kept))


@require_GET
@never_cache
def topic(request, pk):
    """Some items of a topic."""
    about = topic_or_404(request, pk)
    return _play(request, lambda found, kept: packing.topic(found, about, kept), topic=about)


@require_GET
@never_cache
def item(request, pk):
    """One item."""
    about = item_or_404(request, pk)
    return _play(request, lambda found, kept: packing.item(found, about, kept), one=about)


def _play(request, pack_of, **about):
    if reason := rules.why_not_practise(request.user):
        return render(request, "practice/play.html", {"why_not": reason}, status=403)
    kept = packing.kept_by(request.user)
    pack = pack_of(standing(request.user), kept)
    context = {
        "pack": pack,
        "questions": presenting.sheet(pack),
        "device": f"page-{token_hex(8)}",
        "kept": kept,
        "config": packing.config(request, page="play"),
        **about,
    }
    return render(request, "practice/play.html", context)


@require_POST
def said(request):
    """Take what a plain form says, and show what was right."""
    device, mode = request.POST.get("device", ""), request.POST.get("mode", "")
    keys = [int(one) for one in request.POST.getlist("revision")[:LARGEST_FORM] if one.isdecimal()]
    told = answers_of_form(request.POST, keys)
    now = timezone.now()
    entries = [
        answering.Entry(
            number=number,
            revision=key,
            payload=told[key],
            said_at=now.timestamp() * 1000,
            confidence=_confidence(request.POST.get(f"c{key}", "0")),
            mode=mode,
        )
        for number, key in enumerate(keys, start=1)
        if answering.says(told[key])
    ]
    if not entries:
        messages.error(request, _("还没有作答。"))
        return redirect("practice:home")
    try:
        done = answering.take(request.user, device, entries, now=now)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("practice:home")
    for _place, _number, why in done.refused[:1]:
        messages.error(request, why)
    return redirect("practice:reviews", device) if done.right else redirect("practice:home")


def _confidence(text):
    return int(text) if text.isdecimal() and len(text) == 1 else 0


@require_GET
@never_cache
def reviews(request, device):
    """What was said under one name, with keys and rationales."""
    if reason := rules.why_not_practise(request.user):
        return render(request, "practice/review.html", {"why_not": reason}, status=403)
    rows = review_or_404(request, device)
    return render(
        request,
        "practice/review.html",
        {
            "right": sum(row.is_right for row in rows),
            "total": len(rows),
            "reviewed": presenting.reviewed(rows, device),
        },
    )


@require_POST
def favourite(request, pk):
    """Keep an item, or let it go."""
    found = item_or_404(request, pk)
    keep = request.POST.get("keep", "1") == "1"
    (keeping.keep if keep else keeping.let_go)(request.user, found)
    messages.success(request, _("已收藏。") if keep else _("已取消收藏。"))
    return redirect(back_of(request) or "practice:favourites")
