"""Notes at the door who acts."""

from uuid import uuid4

from audit.context import acting_as


class WhoActsMiddleware:
    """Give each request an id and keep the person's lazy reference; it costs no query by itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid4().hex
        with acting_as(request.user, request_id=request.id, address=request.META.get("REMOTE_ADDR", "")):
            response = self.get_response(request)
        response.headers["X-Request-ID"] = request.id
        return response
