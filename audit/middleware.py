"""Notes at the door who acts, and from where."""

import logging
from uuid import uuid4

from django.conf import settings
from django.db import Error

from audit.context import acting_as
from audit.log import record
from audit.models import Outcome

log = logging.getLogger("audit")


def address_of(request) -> str:
    """The visitor's address: as the last trusted proxy saw it, or as the socket says where there is none."""
    hops = settings.PROXY_COUNT
    forwarded = [
        one.strip() for one in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()
    ]
    return (forwarded[-hops] if hops and len(forwarded) >= hops else request.META.get("REMOTE_ADDR", ""))[:45]


class WhoActsMiddleware:
    """Keep the person's lazy reference beside the request's id, which has been given before; it costs no query by itself.

    Whoever finds out that somebody acts for another leaves both at `request.representing`.

    What was refused is written down at the end, when the transaction of the act is over: a line of its own would have been
    rolled back with it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = getattr(request, "id", None) or uuid4().hex
        refusals = []
        with acting_as(
            request.user,
            request_id=request.id,
            address=address_of(request),
            refusals=refusals,
            pair=lambda: getattr(request, "representing", None),
        ):
            response = self.get_response(request)
            for refusal in refusals:
                _write_down(*refusal)
        return response


def _write_down(action, target, by, data):
    try:
        record(action, target, by=by, outcome=Outcome.REFUSED, **data)
    except Error:  # the answer stands, whatever becomes of this line
        log.exception("a refusal could not be written down: %s", action)
