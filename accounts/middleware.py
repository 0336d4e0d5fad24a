"""Who is signed in and for whom she acts, language by choice, and the first thing to do after an issued password."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts import acting_for, scope, second_factor, telling
from accounts.actions import acting as actions
from accounts.context import DESK_KEY
from accounts.idling import is_idle, limit_of
from accounts.models import Login, Role
from audit.log import record
from audit.models import Outcome

# Whoever has begun a sitting is asked for nothing by these: neither a new password, nor a second factor, nor signs of life.
SITTING = frozenset(
    f"exams:{name}" for name in ("sitting", "save", "hand_in", "check", "take_over", "picture")
)
NOTICE_OWED = "notice"  # in the session: the number of the version that its person has still to be shown
RENEWING = (Role.REGULATOR, Role.ADMIN)  # whose passwords grow old


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
    """The person of a request, unless her browser was silent for too long."""
    person = _known(request)
    noted = request.session.noted if person.is_authenticated else None
    if noted is None:
        return person
    request.representing = None
    if not is_idle(person, noted["seen_at"]):
        request.session.touch()
    elif _place(request) not in SITTING:  # which keeps her signed in there and nowhere else
        if Login.objects.filter(session_key=request.session.session_key).delete()[0]:
            record("account.idle", person, by=person)
        request.session.flush()
        messages.info(request, telling.idle(limit_of(person)), fail_silently=True)
        return AnonymousUser()
    kept = request.session.get(acting_for.KEY)
    return _represented(request, kept, person) if kept else person


def _represented(request, kept, real):
    """Whom the person acts for; herself where that is over, which `ActingForMiddleware` says to her."""
    found, why = acting_for.resume(kept, by=real, now=timezone.now())
    if why or found is None:
        request.acting_is_over = (found, why)
        return real
    request.representing = found
    return found.represented


def _known(request):
    """By the same checks as Django's; whatever is not plainly in order goes its way."""
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


def _place(request):
    return request.resolver_match.view_name if request.resolver_match else ""


class _AtTheView:
    """Asks nothing before the view is known; leaner than Django's mixin, which looks for what these have not at each request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


class ActingForMiddleware(_AtTheView):
    """Closes to whoever acts for another what nobody may do in another's name, and ends it when it is over.

    Stands behind LoginRequiredMiddleware and before all that asks a person for something of her own. What is sent after the end is
    refused and never done in the sender's own name; and the form token changes at both ends, so a page that was opened before one of
    them, in whatever tab, sends nothing after it.
    """

    def process_view(self, request, view, args, kwargs):
        """Nothing for all others, of whom nothing is asked."""
        place = request.resolver_match.view_name
        is_own = acting_for.is_closed(place) or place == acting_for.SIGN_OUT
        if not getattr(view, "login_required", True) and not is_own:
            return None
        if not request.user.is_authenticated:
            return None
        if over := getattr(request, "acting_is_over", None):
            return self._over(request, place, *over)
        found = getattr(request, "representing", None)
        if found is None:
            return None
        if place == acting_for.SIGN_OUT and request.method == "POST":
            actions.end_for(found, why="signed out")
            request.representing, request.user = None, found.real
        elif acting_for.is_closed(place):
            return self._refuse(request, found, place)
        return None

    def _over(self, request, place, found, why):
        stop_acting(request)
        if found is not None:
            actions.end_for(found, why=why)
        if place == acting_for.SIGN_OUT:
            return None
        if request.method in ("GET", "HEAD") or place == acting_for.END:
            messages.warning(request, _("代为操作已结束：{why}现在您以本人身份操作。").format(why=why))
            return redirect(settings.LOGIN_REDIRECT_URL)
        sentence = _(
            "代为操作已结束：{why}这次提交没有执行，此前已完成的都保留；需要的话，请先从浏览器返回上一页，记下所填内容。"
        ).format(why=why)
        return _refusal(request, sentence)

    def _refuse(self, request, found, place):
        record("acting.refused", found.represented, outcome=Outcome.REFUSED, place=place)
        return _refusal(
            request,
            _(
                "代为操作期间不能做这件事：考试、本人的账号与数据、授权和须由两人分别完成的事，只能由本人办理。什么也没有改变。"
            ),
        )


def _refusal(request, sentence):
    if (
        request.headers.get("Accept", "").startswith("application/json")
        or request.content_type == "application/json"
    ):
        return JsonResponse({"problem": sentence}, status=403)
    return render(request, "people/acting_refused.html", {"sentence": sentence}, status=403)


def _represents(request):
    """Whether somebody acts for another, and did what was to be done first herself."""
    return getattr(request, "representing", None) is not None


def stop_acting(request):
    """Forget whom the browser acted for, and sit down at one's own desk again."""
    kept = request.session.pop(acting_for.KEY, {})
    request.session[DESK_KEY] = kept.get("desk")
    _turn_over(request)


def start_acting(request, kept):
    """Let the browser act for somebody from the next request on."""
    request.session[acting_for.KEY] = kept | {"desk": request.session.pop(DESK_KEY, None)}
    _turn_over(request)


def _turn_over(request):
    """Pages from before send nothing any more, and a request that is still under way cannot bring the session of before back."""
    request.session.cycle_key()
    rotate_token(request)


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's own; where only a part of a page was asked for, the whole page is loaded anew, and that leads to signing in."""

    def handle_no_permission(self, request, view_func):
        """A part that became the sign-in page would put it into the middle of the page, or nothing."""
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        if request.method not in (
            "GET",
            "HEAD",
        ):  # an act has no page of its own to come back to: it is the form's
            return redirect_to_login(_came_from(request), self.get_login_url(view_func))
        return super().handle_no_permission(request, view_func)


def _came_from(request):
    """The page of this house whose form was sent, or the first page."""
    came = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came, {request.get_host()}, request.is_secure()):
        return "/"
    page = urlsplit(came)
    return page.path + (f"?{page.query}" if page.query else "")


class OwnPasswordMiddleware(_AtTheView):
    """Whoever signed in with an issued password, or holds office with an old one, chooses her own before anything else.

    Stands behind SignInMiddleware.
    """

    OPEN = SITTING | frozenset(
        {"account_change_password", "account_set_password", "account_logout", "set_language"}
    )

    def process_view(self, request, view, args, kwargs):
        """Send on to the change of the password; asks nothing of the database that the page itself does not ask."""
        place = request.resolver_match.view_name
        if not getattr(view, "login_required", True) or place in self.OPEN or _represents(request):
            return None
        if not (request.user.must_change_password or (place not in SITTING and _is_overdue(request.user))):
            return None
        back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
        return redirect(reverse("account_change_password") + back)


def _is_overdue(person):
    return person.password_is_old and scope.has_role(person, *RENEWING)


class NoticeMiddleware(_AtTheView):
    """Whoever signed in without knowing the notice in force reads it before anything else; stands behind OwnPasswordMiddleware.

    What is owed is looked up when somebody signs in and kept in her session, so no request asks for it. A sitting goes on
    untouched, and so does whatever has no session, such as a token.
    """

    OPEN = OwnPasswordMiddleware.OPEN | {"people:notice", "people:elder"}

    def process_view(self, request, view, args, kwargs):
        """Send on to the notice."""
        if not getattr(view, "login_required", True) or request.resolver_match.view_name in self.OPEN:
            return None
        if not request.session.get(NOTICE_OWED) or _represents(request):
            return None
        back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
        return redirect(reverse("people:notice") + back)


class SecondFactorMiddleware(_AtTheView):
    """Whoever owes a second factor sets it up before anything else; stands behind OwnPasswordMiddleware."""

    OPEN = SITTING | {
        "exams:start",
        "people:notice",
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
        "set_language",
    }

    def process_view(self, request, view, args, kwargs):
        """Send on to the pages where it is set up; who has one, or is at a sitting, costs no query."""
        place = request.resolver_match.view_name
        if not getattr(view, "login_required", True) or place in self.OPEN or place.startswith("mfa_"):
            return None
        if _represents(request):
            return None
        return redirect("mfa_index") if second_factor.is_owed(request.user) else None
