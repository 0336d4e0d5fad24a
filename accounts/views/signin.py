"""Signing in, and what its pages do not offer."""

from allauth.account.views import LoginView
from allauth.mfa.base import views as mfa
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404
from django.utils.decorators import method_decorator

from accounts import outside, second_factor


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """allauth's, with all that it writes in one commit, begun when the password has been found right."""

    def get_context_data(self, **kwargs):
        """With the other ways in that are configured."""
        return super().get_context_data(**kwargs) | {"outside": outside.offered()}

    @transaction.atomic
    def form_valid(self, form):
        """Session, line of the log and time of the last visit together."""
        return super().form_valid(form)


@login_not_required
def not_offered(request, **kwargs):
    """Nobody signs up here, and e-mail and phone are kept by those who keep the personnel record."""
    raise Http404


class InOneCommit:
    """A code is tried, counted and answered in one commit, one after another for each person."""

    @transaction.atomic
    def post(self, request, *args, **kwargs):
        """As allauth does."""
        return super().post(request, *args, **kwargs)


class SecondStep(InOneCommit, mfa.AuthenticateView):
    """The second factor when signing in."""


class CodeAgain(InOneCommit, mfa.ReauthenticateView):
    """A code before what concerns the account itself."""


class Factors(mfa.IndexView):
    """One's second factors."""

    def get_context_data(self, **kwargs):
        """With whether one must be set up first."""
        return super().get_context_data(**kwargs) | {"is_owed": second_factor.is_owed(self.request.user)}
