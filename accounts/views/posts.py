"""One post: what it is, its papers, what was written of it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts import actions, queries
from accounts.desks import address
from accounts.forms import PaperForm
from accounts.serving import file_answer
from audit.log import record
from audit.transitions import Refused


def _load(request, pk):
    posts = queries.posts_seen_by(request.user).select_related("person", "enterprise__unit")
    return get_object_or_404(posts, pk=pk)


def _page(request, found, form, status=200):
    today = timezone.localdate()
    is_over = queries.is_over(found, today)
    facts = [
        (pgettext("一名", "人员"), found.person.name),
        (_("岗位"), found.get_kind_display()),
        (_("专职/兼职"), _("专职") if found.full_time else _("兼职")),
        (_("负责的产品类别"), _("、").join(category.label for category in found.categories.all())),
        (_("任职日期"), found.appointed_on.isoformat()),
        (_("离任日期"), found.ended_on.isoformat() if found.ended_on else ""),
        (_("任命文件"), found.paper),
    ]
    context = {
        "post": found,
        "is_over": is_over,
        "facts": [(label, value) for label, value in facts if value],
        "papers": found.papers.all(),
        "history": queries.lines_of(found),
        "form": form,
        "letter_url": address("certificates:letter", found.pk),
    }
    return render(request, "people/post.html", context, status=status)


def post(request, pk):
    """One post with its papers."""
    return _page(request, _load(request, pk), PaperForm())


@require_POST
def paper_add(request, pk):
    """Add a file to a post."""
    found = _load(request, pk)
    form = PaperForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            kept = actions.attach(
                found, form.cleaned_data["file"], role=form.cleaned_data["role"], by=request.user
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("{name} 已存入。").format(name=kept.name))
            return redirect("people:post", pk)
    return _page(request, found, form, status=422)


@require_safe
def paper(request, pk, number):
    """One file, by the door of its post; nothing in it may run, and nothing keeps it."""
    found = _load(request, pk)
    kept = get_object_or_404(found.papers, number=number)
    record("post.paper_opened", found, number=kept.number)
    return file_answer(kept)
