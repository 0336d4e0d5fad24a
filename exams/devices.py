"""Which browser answers: a random cookie, of which the house keeps a fingerprint only."""

import secrets
from hashlib import sha256

from django.conf import settings

COOKIE = "zhikao_device"
LASTS = 180 * 24 * 3600


def device_of(request):
    """The fingerprint of the visitor's browser; empty where it has no cookie yet."""
    cookie = request.COOKIES.get(COOKIE, "")
    return fingerprint(cookie) if cookie else ""


def fingerprint(cookie):
    """What the house keeps of a cookie."""
    return sha256(cookie.encode()).hexdigest()[:32]


def named(request):
    """The visitor's cookie, or a new one: (cookie, fingerprint)."""
    cookie = request.COOKIES.get(COOKIE) or secrets.token_urlsafe(16)
    return cookie, fingerprint(cookie)


def remember(response, cookie):
    """Leave the cookie with the browser."""
    response.set_cookie(
        COOKIE, cookie, max_age=LASTS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response
