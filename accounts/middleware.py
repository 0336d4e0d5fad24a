"""Who is signed in, language by choice, and the first thing to do after an issued password."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject


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


class PersonMiddleware(AuthenticationMiddleware):
    """Django's own, but the person comes with the session's row instead of by a query of her own."""

    def process_request(self, request):
        """Set `request.user`, which asks nothing until somebody looks."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: person_of(request))


def person_of(request):
    """The person of a request, by the same checks as Django's; whatever is not plainly in order goes its way."""
    session = request.session
    stored = session.get(auth.SESSION_KEY)  # loads the session and with it the person
    person = session.person
    if (
        person is not None
        and str(person.pk) == stored
        and person.is_active
        and session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(auth.HASH_SESSION_KEY, ""), person.get_session_auth_hash())
    ):
        return person
    return auth.get_user(request)


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
