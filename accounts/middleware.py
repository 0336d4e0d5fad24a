"""Language by choice: Chinese unless the person chose otherwise; a browser's habits are not a choice."""

from django.conf import settings
from django.utils import translation


class ChosenLanguageMiddleware:
    """Activate the language in the cookie that the switch sets."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.known = dict(settings.LANGUAGES)

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        request.LANGUAGE_CODE = chosen if chosen in self.known else settings.LANGUAGE_CODE
        with translation.override(request.LANGUAGE_CODE):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response
