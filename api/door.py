"""Who asks: a token in the header, its scope, how often it may; no cookie, no session."""

from functools import wraps
from math import ceil

from django.conf import settings
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from accounts import scope, tokens
from accounts.models import ApiToken, TokenScope
from api.problems import Problem
from audit.log import record
from audit.middleware import address_of
from exams.limits import Senders

FAILED_PER_SECOND, FAILED_AT_ONCE = (
    1,
    20,
)  # of one address; a good token is never turned away for another's failures
asking, failing = Senders(), Senders()


class Token(HttpBearer):
    """`Authorization: Bearer` with a token that opens something today and has the scope of the operation."""

    def __init__(self, needs):
        super().__init__()
        self.needs = needs

    def __call__(self, request):
        """The bearer, or the problem."""
        bearer = super().__call__(request)
        if bearer is None:
            raise _turned_away(request, _("请在请求头 Authorization 中以 Bearer 方式提供令牌。"))
        return bearer

    def authenticate(self, request, token):
        """The bearer of a token in order."""
        found, today = tokens.find(token), timezone.localdate()
        if found is None:
            raise _turned_away(request, _("令牌不存在，请核对。"))
        if not found.opens_on(today):
            raise _turned_away(request, _("令牌已停用或到期，请联系系统管理员。"), found)
        if not found.is_backed:
            sentence = _("建立此令牌的管理员已不再管理该单位，令牌随之停止。请联系系统管理员换发。")
            raise _turned_away(request, sentence, found)
        _count(asking, found.pk, settings.API_PER_SECOND, settings.API_AT_ONCE)
        if self.needs not in found.scopes:
            label = TokenScope(self.needs).label
            raise Problem(403, _("令牌不能读取“%(what)s”。") % {"what": label})
        if found.last_used_on != today:
            ApiToken.objects.filter(pk=found.pk).update(last_used_on=today)
        request.token = found
        return scope.bearer_of(found)


def _turned_away(request, sentence, token=None):
    """The 401, or the 429 of an address that was turned away too often; a token that was in order once leaves a line."""
    address = address_of(request)
    _count(failing, address, FAILED_PER_SECOND, FAILED_AT_ONCE)
    if token is not None:
        record("token.refused", token, by=None)
    return Problem(401, sentence, {"WWW-Authenticate": "Bearer"})


def _count(senders, sender, rate, burst):
    if not settings.API_PER_SECOND:
        return
    if seconds := ceil(senders.wait(sender, rate=rate, burst=burst)):
        raise Problem(429, _("请求过于频繁，请稍候再试。"), {"Retry-After": str(seconds)})


def forget():
    """As in a process that has just started."""
    asking.forget()
    failing.forget()


def for_machines(view):
    """A view without login, form token or cookie, whose answers nobody keeps."""

    @wraps(view)
    def answered(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ["Authorization"])
        return response

    answered.login_required = False
    answered.csrf_exempt = True
    return answered
