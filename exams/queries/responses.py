"""What counts of what was said."""

from exams.models import Response


def latest(attempt):
    """Of each position the response with the highest number, and the highest number of all: one query."""
    counting, last = {}, 0
    for response in Response.objects.filter(attempt=attempt).order_by("number"):
        counting[response.position] = response
        last = response.number
    return counting, last
