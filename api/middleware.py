"""Machines bring no cookies."""

PREFIX = "/api/"


class NoCookiesMiddleware:
    """Forget the cookies of a request to the interface, before anything reads a language, a session or a person out of them."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith(PREFIX):
            request.COOKIES = {}
        return self.get_response(request)
