"""What a learner has to choose from: chapters, the wrong-answer book, favourites, search, and how well she knows what she knows."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.paging import page_of
from practice import packing, presenting, rules
from practice.engine import calibration
from practice.forms import SearchForm
from practice.models import PracticeAnswer
from practice.queries import items as queries
from practice.queries.state import offered, standing


@require_GET
@never_cache
def home(request):
    """Where practice begins: today's ten, what is due, the chapters; `?topic=` with a name leads on to that chapter."""
    now = timezone.now()
    found = standing(request.user, now)
    topics = queries.topics_of(found.pool)
    if wanted := request.GET.get("topic", ""):
        named = [pk for pk, topic in topics.items() if topic.name == wanted]
        if len(named) == 1:
            return redirect("practice:topic", named[0])
        if not named:
            messages.info(request, _("没有这个知识点的练习题，可以从下面选一章。"))
        topics = {pk: topics[pk] for pk in named} or topics
    return render(
        request,
        "practice/home.html",
        {
            "standing": found,
            "left": len(found.daily_left),
            "learnt": sum(card.is_learnt for card in found.book.values()),
            "favourites": sum(item in found.offered for item in packing.kept_by(request.user)),
            "chapters": presenting.chapters(found, topics),
            "why_not": rules.why_not_practise(request.user, now),
            "config": packing.config(request, page="home"),
        },
    )


@require_GET
@never_cache
def wrong(request):
    """The wrong-answer book: what is due first."""
    found = standing(request.user)
    cards = sorted(found.book.values(), key=lambda card: (card.due_on, card.last_at, card.item))
    page = page_of(request, cards)
    items = _items(request.user, found, [card.item for card in page])
    return render(
        request,
        "practice/wrong.html",
        {
            "page_obj": page,
            "pages": page.pages,
            "rows": [presenting.card(card, items[card.item], found.today) for card in page],
            "due": len(found.due),
            "why_not": rules.why_not_practise(request.user),
        },
    )


def _items(user, found, keys):
    return offered(user, found.today).select_related("current", "topic").in_bulk(keys)


@require_GET
@never_cache
def favourites(request):
    """What she keeps to come back to."""
    found = standing(request.user)
    page = page_of(request, [item for item in packing.kept_by(request.user) if item in found.offered])
    items = _items(request.user, found, list(page))
    return render(
        request,
        "practice/favourites.html",
        {
            "page_obj": page,
            "pages": page.pages,
            "rows": [presenting.line(items[key], found.right) for key in page],
            "why_not": rules.why_not_practise(request.user),
        },
    )


@require_GET
@never_cache
def search(request):
    """Practice items by words and topic; an address names both."""
    found = standing(request.user)
    form = SearchForm(request.GET, topics=queries.topics_of(found.pool))
    page = page_of(request, queries.found(request.user, found.today, **form.values()))
    return render(
        request,
        "practice/search.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "pages": page.pages,
            "rows": [presenting.line(item, found.right) for item in page],
        },
    )


@require_GET
@never_cache
def confidence(request):
    """How often she was right when she was sure, and when she was not."""
    marked = PracticeAnswer.objects.of(request.user).filter(confidence__gt=0)
    levels = calibration.levels(marked.order_by().values_list("confidence", "is_right"))
    return render(
        request,
        "practice/confidence.html",
        {"chart": presenting.chart(levels), "answers": sum(one.answers for one in levels)},
    )
