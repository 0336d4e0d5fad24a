"""The doors of practice: what is not offered to her, or not hers, is of nowhere."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from exams.models import Topic
from practice.models import Mock
from practice.queries.items import review
from practice.queries.state import offered


def item_or_404(request, pk):
    """An item that is offered to the visitor."""
    return get_object_or_404(offered(request.user, timezone.localdate()), pk=pk)


def topic_or_404(request, pk):
    """A topic of which something is offered to the visitor."""
    mine = offered(request.user, timezone.localdate()).values("topic")
    return get_object_or_404(Topic.objects.select_related("bank").filter(pk__in=mine), pk=pk)


def mock_or_404(request, pk):
    """One of the visitor's own mock exams."""
    return get_object_or_404(Mock.objects.of(request.user).select_related("person", "exam", "end"), pk=pk)


def review_or_404(request, device):
    """What the visitor said under one name."""
    rows = review(request.user, device)
    if not rows:
        raise Http404
    return rows
