"""Who may come to a page at all; what is on it is decided by the queries."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import scope


def holding(*roles):
    """Only for those who hold one of the roles somewhere."""

    def door(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not scope.has_role(request.user, *roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return door


def administering_all(view):
    """Only for those who administer the whole tree."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not scope.administers_all(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def back_of(request):
    """Where somebody wanted to go, if that is the path of a page of ours; a bare word would be taken for a page's name."""
    back = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if safe and back.startswith("/") else ""
