"""A stranger may check documents, not try out codes."""

from allauth.core import ratelimit


def too_many(request):
    """Whether this address asked too often in the last minute; every call counts. The rate stands in ACCOUNT_RATE_LIMITS."""
    return not ratelimit.consume(request, action="verify_certificate")
