"""People who may be the same: proposals, merging two files, and taking that back."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import actions, alike, merging, telling
from accounts.doors import holding
from accounts.forms_merging import MergeForm, ReasonForm
from accounts.paging import page_of
from accounts.permissions import roles
from audit.transitions import Refused

STRONG = 80  # from here on two people are most likely one
MERGERS = roles("people.merge")
NUMBER_WORDS = {
    "id": gettext_lazy("证件号码"),
    "phone": gettext_lazy("手机号"),
    "email": gettext_lazy("邮箱"),
}


@holding(*MERGERS)
@require_GET
def duplicates(request):
    """Pairs that look like one person, both beside each other, the likeliest first."""
    page = page_of(request, alike.proposed_to(request.user))
    sides = alike.beside({key for pair in page for key in (pair.first, pair.second)})
    rows = [_pair(pair, sides) for pair in page]
    return render(request, "people/duplicates.html", {"page_obj": page, "rows": rows})


def _pair(pair, sides):
    kept, other = alike.kept_first(sides[pair.first]["person"], sides[pair.second]["person"])
    return {
        "why": telling.likeness(pair.reasons),
        "is_strong": pair.score >= STRONG,
        "kept": kept,
        "other": other,
        "sides": [sides[kept.pk], sides[other.pk]],
    }


@holding(*MERGERS)
@require_POST
def tell_apart(request, first, second):
    """Two people, not one: kept with the reason, and not proposed again."""
    found = alike.found_within(request.user, first, second)
    if found is None:
        raise Http404
    try:
        actions.tell_apart(*found, reason=request.POST.get("reason", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已记录：不是同一人，今后不再提示。"))
    return redirect("people:duplicates")


@never_cache
@holding(*MERGERS)
def merge(request, kept, absorbed):
    """What a merge would do and what stands against it; with POST it is done."""
    done = alike.merges_seen_by(request.user).filter(kept=kept, absorbed=absorbed, undone_at=None).first()
    if done:
        return redirect("people:merged", done.pk)
    found = alike.found_within(request.user, kept, absorbed)
    if found is None:
        raise Http404
    seen = merging.outlook(*found, request.user)
    form = MergeForm(request.POST or None, asks_number=seen.needs_number_reason)
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.merge(*found, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("两份档案已合并。"))
            return redirect("people:merged", done.pk)
    sides = alike.beside([kept, absorbed])
    context = {
        "kept": found[0],
        "absorbed": found[1],
        "sides": [sides[kept], sides[absorbed]] if kept != absorbed else [],
        "seen": seen,
        "over": [NUMBER_WORDS[name] for name in seen.over],
        "left": [NUMBER_WORDS[name] for name in seen.left],
        "form": form,
    }
    return render(request, "people/merge.html", context, status=422 if form.errors else 200)


@holding(*MERGERS)
@require_GET
def merges(request):
    """The merges in one's reach, the newest first."""
    now = timezone.now()
    page = page_of(request, alike.merges_seen_by(request.user))
    rows = [{"one": one, "may_undo": one.may_be_undone(now)} for one in page]
    return render(request, "people/merges.html", {"page_obj": page, "rows": rows})


@holding(*MERGERS)
@require_GET
def merged(request, pk):
    """One merge: what it did, and the way back while there is one."""
    return _merged_page(request, pk)


def _merged_page(request, pk, *, form=None):
    one = get_object_or_404(alike.merges_seen_by(request.user), pk=pk)
    counts = [
        (merging.words_of(label), count) for label, count in one.counts.items() if merging.words_of(label)
    ]
    context = {
        "one": one,
        "counts": counts,
        "may_undo": one.may_be_undone(timezone.now()),
        "form": form or ReasonForm(),
    }
    return render(request, "people/merged.html", context, status=422 if form else 200)


@holding(*MERGERS)
@require_POST
def undo(request, pk):
    """Take a merge back, or say why not."""
    one = get_object_or_404(alike.merges_seen_by(request.user), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _merged_page(request, pk, form=form)
    try:
        actions.undo_merge(one, reason=form.cleaned_data["reason"], by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("合并已撤销，两份档案与合并前一样分开。"))
    return redirect("people:merged", pk)
