"""Text holds no noughts: no database keeps them, and no browser sends them, so whoever does is told so before anything is done."""

from django.core.exceptions import BadRequest

NOUGHT = "\x00"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NoughtsMiddleware:
    """Refuse a request whose address or form holds a nought; the API and what comes as JSON are read by whoever takes them."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Look when the form has been read anyway, for the sake of its token."""
        if "%00" in request.META.get("QUERY_STRING", "") and not request.path_info.startswith("/api/"):
            raise BadRequest("a nought in the address")
        if request.method == "POST" and request.content_type in FORMS:
            for name, values in request.POST.lists():
                if NOUGHT in name or any(NOUGHT in value for value in values):
                    raise BadRequest("a nought in a form")
