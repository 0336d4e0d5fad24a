"""The line to the other side: bounded in time, in length and in number, so that a slow one never holds the threads that save answers."""

from contextlib import contextmanager
from threading import BoundedSemaphore
from time import monotonic

import requests

EACH_STEP = 3  # seconds for connecting, and for each piece of an answer
WHOLE = 5  # seconds for one answer
LONGEST = 64 * 1024  # bytes; what is asked for is answered in a few hundred
AT_ONCE = BoundedSemaphore(2)  # of the threads of a process
PATIENCE = 2  # seconds to wait for one's turn


class NoAnswer(requests.RequestException):
    """The other side is ill, takes too long, does not end or sends us elsewhere; or too many wait for it."""


class Line(requests.Session):
    """A session that follows no redirection and gives up in time."""

    def request(self, method, url, **more):
        """Ask, and read the answer as far as it is allowed to go."""
        until = monotonic() + WHOLE
        more |= {"timeout": EACH_STEP, "allow_redirects": False, "stream": True}
        more["headers"] = {"Accept-Encoding": "identity"} | (more.get("headers") or {})
        with super().request(method, url, **more) as answer:
            body = b""
            while piece := answer.raw.read1(4096):
                body += piece
                if len(body) > LONGEST or monotonic() > until:
                    raise NoAnswer
            answer._content = body
        if answer.is_redirect or answer.status_code >= 500:
            raise NoAnswer
        return answer


@contextmanager
def turn():
    """Ask the other side when it is one's turn; few do at once."""
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise NoAnswer
    try:
        yield
    finally:
        AT_ONCE.release()
