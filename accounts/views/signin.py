"""What the sign-in pages do not offer."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404


@login_not_required
def not_offered(request, **kwargs):
    """Nobody signs up here, and e-mail and phone are kept by those who keep the personnel record."""
    raise Http404
