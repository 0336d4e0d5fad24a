"""A stranger may check documents, not try out codes."""

from allauth.core.internal import ratelimit  # the public wrapper cannot count GETs, and verifying is a GET


def too_many(request):
    """Whether this address asked too often in the last minute; every call counts. The rate stands in ACCOUNT_RATE_LIMITS."""
    return not ratelimit.consume(request, app="allauth.account", action="verify_certificate", limit_get=True)
