"""Signing in, and what its pages do not offer."""

from allauth.account.views import LoginView
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404
from django.utils.decorators import method_decorator


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """allauth's, with all that it writes in one commit, begun when the password has been found right."""

    @transaction.atomic
    def form_valid(self, form):
        """Session, line of the log and time of the last visit together."""
        return super().form_valid(form)


@login_not_required
def not_offered(request, **kwargs):
    """Nobody signs up here, and e-mail and phone are kept by those who keep the personnel record."""
    raise Http404
