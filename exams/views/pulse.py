"""Has something happened to my attempt? Asked by every running page every few seconds, so it must cost next to nothing."""

import json
import time
from datetime import timedelta
from threading import Lock

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.utils import timezone

from exams.models import Intervention

LOOKS_BACK = timedelta(seconds=60)
FRESH = 1.0  # seconds for which a process, a browser or a proxy may give the same answer again
MOST_SESSIONS = 1000

_answers = {}
_lock = Lock()


@login_not_required
def pulse(request, session):
    """The attempts of a session to which something was done in the last minute: {attempt: number of the intervention}.

    It names nobody and tells nothing but that; a page that finds itself named asks `check`, which has a door. Everybody gets
    the same answer for a second, so a proxy that keeps it for that long leaves one question a second to us.
    """
    body = body_of(session)
    response = HttpResponse(body, content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=1"
    response.headers["Content-Length"] = str(len(body))  # no middleware that would count comes after us
    return response


def body_of(session):
    """The answer as bytes; each process asks the database once a second at most."""
    kept = _answers.get(session)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    with _lock:
        kept = _answers.get(session)
        if kept and kept[0] > time.monotonic():
            return kept[1]
        if len(_answers) >= MOST_SESSIONS:
            _answers.clear()
        body = _look(session)
        _answers[session] = (time.monotonic() + FRESH, body)
        return body


def forget():
    """As in a process that has just started."""
    _answers.clear()


def _look(session):
    since = timezone.now() - LOOKS_BACK
    rows = Intervention.objects.filter(session=session, at__gte=since).order_by("number")
    return json.dumps({"changed": dict(rows.values_list("attempt", "number"))}).encode()
