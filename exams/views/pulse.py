"""Has something happened to my attempt? Asked by every running page every few seconds, so it must cost next to nothing."""

import json
import time
from collections import defaultdict
from datetime import timedelta
from threading import Lock

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.utils import timezone

from exams.models import Arrival, ExamSession, Intervention

LOOKS_BACK = timedelta(seconds=60)
TOLD_FOR = timedelta(minutes=10)  # that a held session was let go
FRESH = 0.5  # seconds for which a process, a browser or a proxy may give the same answer again
MOST_NAMED = (
    100  # attempts of one session; of more only the last intervention is told, and every page looks once
)
NOTHING = json.dumps({"changed": {}}).encode()

_lock = Lock()


class _Seen:
    """What this process saw last: until when it counts, and the answer of each session to which something was done."""

    until, bodies = 0.0, {}


@login_not_required
def pulse(request, session):
    """The attempts of a session to which something was done in the last minute: {attempt: number of the intervention}.

    Of a held session also the registrations noted at the door in the last minute, and that it was let go. It names nobody and tells nothing but that; a page that finds itself named asks `check`, which has a door. Everybody gets
    the same answer for a while, so a proxy that keeps it for a second leaves one question a second to us.
    """
    body = body_of(session)
    response = HttpResponse(body, content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=1"
    response.headers["Content-Length"] = str(len(body))  # no middleware that would count comes after us
    return response


def body_of(session):
    """The answer as bytes; whatever is asked for, each process looks into the database twice a second at most.

    One thread looks; the others do not wait for a slow database but give what was seen last.
    """
    if _Seen.until <= time.monotonic() and _lock.acquire(blocking=not _Seen.until):
        try:
            if _Seen.until <= time.monotonic():
                _Seen.bodies = _look()
                _Seen.until = time.monotonic() + FRESH
        finally:
            _lock.release()
    return _Seen.bodies.get(session, NOTHING)


def forget():
    """As in a process that has just started."""
    _Seen.until, _Seen.bodies = 0.0, {}


def _look():
    since = timezone.now() - LOOKS_BACK
    changed, last = {}, {}
    rows = Intervention.objects.filter(at__gte=since).order_by("pk")
    for key, session, attempt, number in rows.values_list("pk", "session", "attempt", "number"):
        changed.setdefault(session, {})[attempt] = number
        last[session] = key
    told = {session: _told(those, last[session]) for session, those in changed.items()}
    for session, news in _at_the_doors(since).items():
        told[session] = told.get(session, {"changed": {}}) | news
    return {session: json.dumps(news).encode() for session, news in told.items()}


def _told(changed, last):
    """Few by name. A list of thousands, sent to each of those thousands, would be what stops the answers that must be saved."""
    return {"changed": changed} if len(changed) <= MOST_NAMED else {"changed": {}, "all": last}


def _at_the_doors(since):
    """What those who wait for a held session want to know: {session: {"arrived": [registrations], "go": true}}."""
    news, arrived = defaultdict(dict), defaultdict(set)
    noted = (
        Arrival.objects.filter(at__gte=since).order_by().values_list("registration__session", "registration")
    )
    for session, registration in noted:
        arrived[session].add(registration)
    for session, those in arrived.items():
        news[session]["arrived"] = sorted(those) if len(those) <= MOST_NAMED else "all"
    gone = ExamSession.objects.filter(go_at__gte=timezone.now() - TOLD_FOR).order_by()
    for session in gone.values_list("pk", flat=True):
        news[session]["go"] = True
    return news
