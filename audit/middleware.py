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
    """Keep the person's lazy reference beside the request's id, which has been given before; it costs no query by itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = getattr(request, "id", None) or uuid4().hex
        with acting_as(request.user, request_id=request.id, address=address_of(request)):
            return self.get_response(request)
