"""Who may come to a page at all; what is on it is decided by the queries."""

from functools import wraps

from django.core.exceptions import PermissionDenied

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
