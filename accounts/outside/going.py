"""There and back: where to send somebody, and who it was that came back."""

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess, ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.core.exceptions import PermissionDenied
from urllib3.exceptions import HTTPError

from accounts.outside.line import turn

WRONG_STATE, DENIED, SILENT, NOBODY = "wrong_state", "denied", "silent", "nobody"


class NotCome(Exception):
    """Nobody came back: one of the codes above."""


def there(request, code, *, back="", person=None):
    """The address at which she says who she is; for a person who is signed in, to be linked with her account."""
    provider = get_adapter().get_provider(request, code)
    process = AuthProcess.CONNECT if person else AuthProcess.LOGIN
    return provider.redirect(
        request, process=process, next_url=back or None, data={"person": person.pk if person else None}
    ).url


def came_back(request, code):
    """(the person for whom it is to be linked or None, where she wanted to go, the hash of who it was); raises NotCome."""
    provider = get_adapter().get_provider(request, code)
    try:
        state = provider.unstash_redirect_state(request, request.GET.get("state", ""))
    except PermissionDenied:
        raise NotCome(WRONG_STATE) from None
    adapter = provider.get_oauth2_adapter(request)
    if not request.GET.get("code"):  # 钉钉's adapter has put its own name for it there
        raise NotCome(DENIED)
    try:
        with turn():
            uid = _asked(request, provider, adapter)
    except (requests.HTTPError, requests.JSONDecodeError):  # it answers, and says no or nothing
        raise NotCome(NOBODY) from None
    except (requests.RequestException, HTTPError, OSError):
        raise NotCome(SILENT) from None
    except (OAuth2Error, ProviderException, LookupError, TypeError, ValueError, AttributeError):
        raise NotCome(NOBODY) from None  # whatever a strange answer makes the library stumble over
    return (state.get("data") or {}).get("person"), state.get("next", ""), uid


def _asked(request, provider, adapter):
    told = adapter.get_access_token_data(request, provider.app, adapter.get_client(request, provider.app))
    token = adapter.parse_token(told)
    return adapter.complete_login(request, provider.app, token, response=told).account.uid
