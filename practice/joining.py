"""What this floor puts on pages below: on the first screen of an officer and on the page of courses, what waits to be practised;
beside an attempt's result, the chapters of what it missed.
"""

from django.utils import timezone

from accounts import panels
from exams.queries import sitting
from practice.queries import counts
from practice.queries.state import offered

MOST_MISSED = 3


def of_learner(request, **_about):
    """How much of the daily ten is done and how many wrong answers are due; nothing where nothing is offered."""
    return counts(request.user)


def of_missed(request, attempt):
    """The chapters that are called like the topics on which an attempt lost most; two queries and her posts."""
    weak = [row["topic"] for row in sitting.by_topic(attempt) if row["percent"] < 100]
    rows = offered(request.user, timezone.localdate()).filter(topic__name__in=weak)
    chapters = dict(rows.order_by("topic__name", "topic").values_list("topic__name", "topic").distinct())
    return [{"name": name, "pk": chapters[name]} for name in weak if name in chapters][:MOST_MISSED]


def join():
    """Put everything in its place; done once, when the floor is ready."""
    panels.add(panels.OFFICER, "practice/panels/due.html", of_learner)
    panels.add(panels.LEARNING, "practice/panels/due.html", of_learner)
    panels.add(panels.MISSED, "practice/panels/missed.html", of_missed)
