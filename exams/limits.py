"""How often and how much may be sent to running attempts; decided from memory alone, before anything costs anything.

A page sends a few saves a minute; nobody honest comes near these bounds. Each process keeps its own count and allows its share,
so that refusing asks neither the database nor a cache, which a flood is meant to hurt.

Requests are counted, and what saves bring: every answer stays for ever. As many answers a second as requests may come for long,
ten times as many at once, which is a whole paper twice over after a long time without a line. A save that may pass is taken
whole, however much it brings; the next waits for it. A hand-in, which comes once, never waits for answers.
"""

import re
from math import ceil, inf
from time import monotonic

from django.conf import settings

LIMITED = re.compile(r"/exams/attempts/\d+/(?:save|hand-in|check|take-over|move)/")
LARGEST_JSON = (
    256 * 1024
)  # the fullest single answer is half of that; the page sends a refused batch one by one
LARGEST_FORM = 2 * 1024 * 1024  # a plain form brings the whole paper along on every step
ANSWERS_FOR_ONE = 10  # so many answers at once for each request at once
WEIGHT = 2000  # bytes of a save that count as one answer more
HAIR = 1e-6  # seconds that sums of fractions may be off
MOST_SENDERS = 20_000  # remembered at once, twice: some 4 MB


class Senders:
    """A leaking bucket for each sender: `burst` at once, then `rate` a second.

    Kept as the one moment until which a sender's bucket is not empty. Two threads that look at the same instant may both pass,
    which harms nobody. Who has been silent longest is forgotten first, and by then the bucket has long run empty.
    """

    def __init__(self, most=MOST_SENDERS):
        self.most = most
        self.recent, self.before = {}, {}

    def __len__(self):
        return len(self.recent) + len(self.before)

    def wait(self, sender, *, rate, burst, cost=1, now=None):
        """Seconds that a sender must wait; 0.0 where it may pass, which counts for `cost`."""
        now = monotonic() if now is None else now
        until = max(now, self.recent.get(sender) or self.before.get(sender) or 0.0)
        wait = until - now - (burst - 1) / rate - HAIR
        if len(self.recent) >= self.most:
            self.recent, self.before = {}, self.recent
        self.recent[sender] = until if wait > 0 else until + cost / rate
        return max(0.0, wait)

    def forget(self):
        """As in a process that has just started."""
        self.recent, self.before = {}, {}


senders = Senders()


def is_limited(path):
    """Whether a path belongs to those that a running page sends to."""
    return path.startswith("/exams/attempts/") and LIMITED.fullmatch(path) is not None


def is_too_large(request):
    """Whether a body is larger than any honest one, told from its header before it is read."""
    return length_of(request) > (LARGEST_JSON if is_json(request) else LARGEST_FORM)


def length_of(request):
    """Bytes of the body as the header tells; 0 where it tells none, of which nothing is read either."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    if not told.isdecimal():
        return 0
    return int(told) if len(told) <= 15 else inf


def is_json(request):
    """Whether the page's module asks, which wants its answer as JSON."""
    return request.content_type == "application/json" or request.method == "GET"


def seconds_to_wait(request):
    """Whole seconds that this browser must wait, 0 to go on. Whoever is not signed in has nothing to flood with."""
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return _counted(hash(cookie)) if cookie else 0  # Python's hash is keyed anew in every process


def seconds_for(person):
    """The same for a person, however many browsers she signed in with."""
    return _counted(("person", person)) if person else 0


def seconds_for_saving(request):
    """The same for what her saves brought before; this one counts by its size, and by its answers once they are read."""
    if not request.user.pk or not request.path_info.endswith("/save/"):
        return 0
    burst = ANSWERS_FOR_ONE * settings.SAVES_AT_ONCE
    return _counted(("answers", request.user.pk), burst, length_of(request) // WEIGHT)


def charge(person, answers):
    """Count the answers that a save brought."""
    _counted(("answers", person), inf, answers)


def _counted(sender, burst=None, cost=1):
    rate = settings.SAVES_PER_SECOND
    burst = settings.SAVES_AT_ONCE if burst is None else burst
    return ceil(senders.wait(sender, rate=rate, burst=burst, cost=cost)) if rate else 0
