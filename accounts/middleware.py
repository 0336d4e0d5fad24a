"""Language by choice, and the first thing to do after an issued password."""

from urllib.parse import urlencode

from django.conf import settings
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation


class ChosenLanguageMiddleware:
    """Activate the language in the cookie that the switch sets, else Chinese; a browser's habits are not a choice."""

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


class OwnPasswordMiddleware:
    """Whoever signed in with an issued password chooses her own before anything else; stands behind LoginRequiredMiddleware."""

    OPEN = frozenset({"account_change_password", "account_logout", "set_language"})

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Send on to the change of the password; asks nothing of the database that the page itself does not ask."""
        if not getattr(view, "login_required", True) or request.resolver_match.view_name in self.OPEN:
            return None
        if not getattr(request.user, "must_change_password", False):
            return None
        back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
        return redirect(reverse("account_change_password") + back)
