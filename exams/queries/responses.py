"""What was said, and what counts of it."""

from collections import defaultdict, namedtuple

from accounts.prepared import Prepared, given
from exams.models import Response

Event = namedtuple("Event", "number position payload flagged saved_at previous link")

EVENTS = Prepared(
    lambda: Response.objects.filter(attempt=given("attempt")).order_by("number").values_list(*Event._fields)
)


def events(attempt):
    """Everything that was said in an attempt, in the order of the numbers: one query."""
    return [Event._make(row) for row in EVENTS.rows(attempt=attempt.pk)]


def events_of(attempts):
    """What was said in several attempts, by their keys: one query."""
    rows = Response.objects.filter(attempt__in=[one.pk for one in attempts]).order_by("attempt_id", "number")
    found = defaultdict(list)
    for key, *row in rows.values_list("attempt", *Event._fields):
        found[key].append(Event._make(row))
    return found


def counting(events):
    """Of each position the event that counts, the last."""
    return {event.position: event for event in events}


def latest(attempt):
    """Of each position the response that counts, and the highest number of all: one query."""
    said = events(attempt)
    return counting(said), said[-1].number if said else 0
