"""Notes at the door who acts, and from where."""

from uuid import uuid4

from django.conf import settings

from audit.context import acting_as


def address_of(request) -> str:
    """The visitor's address: as the last trusted proxy saw it, or as the socket says where there is none."""
    hops = settings.PROXY_COUNT
    forwarded = [
        one.strip() for one in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()
    ]
    return (forwarded[-hops] if hops and len(forwarded) >= hops else request.META.get("REMOTE_ADDR", ""))[:45]


class WhoActsMiddleware:
    """Give each request an id and keep the person's lazy reference; it costs no query by itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid4().hex
        with acting_as(request.user, request_id=request.id, address=address_of(request)):
            response = self.get_response(request)
        response.headers["X-Request-ID"] = request.id
        return response
