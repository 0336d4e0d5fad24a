"""企业微信: an application that the platform's own enterprise there has made (自建应用); its members are known by their userid."""

from time import monotonic

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.utils.http import urlencode

from accounts.outside.kept import Kept, Returning

WORN_OUT = (40014, 41001, 42001)  # what is said of a token that is good no longer
EARLY = 300  # seconds before its end a token is fetched anew
_tokens = {}  # of this process: application → (token, until when); who asks for one each time is turned away there


class Client(OAuth2Client):
    """The application's own token stands in the place of a person's."""

    def get_redirect_url(self, authorization_url, scope, extra_params):
        """The page with the QR code; within 企业微信 itself the silent one, which asks nothing of its member."""
        where = {
            "appid": self.consumer_key,
            "redirect_uri": self.callback_url,
            "state": self.state,
            "agentid": settings.OUTSIDE["wecom"]["agent"],
        }
        if "wxwork" in self.request.META.get("HTTP_USER_AGENT", "").lower():
            inside = where | {"response_type": "code", "scope": "snsapi_base"}
            address = settings.OUTSIDE["wecom"]["open"] + "/connect/oauth2/authorize"
            return f"{address}?{urlencode(inside)}#wechat_redirect"
        return f"{authorization_url}?{urlencode({'login_type': 'CorpApp'} | where)}"

    def get_access_token(self, code, pkce_code_verifier=None):
        """The token of the application, kept as long as it is good."""
        key = (self.access_token_url, self.consumer_key, self.consumer_secret)
        token, until = _tokens.get(key, ("", 0))
        if monotonic() >= until:
            asked = {"corpid": self.consumer_key, "corpsecret": self.consumer_secret}
            told = ask(self.access_token_url, asked)
            token = told["access_token"]
            _tokens[key] = (token, monotonic() + int(told.get("expires_in", 0)) - EARLY)
        return {"access_token": token}


class WornOut(OAuth2Error):
    """A token that is good no longer."""


def ask(address, params):
    """What a page of the other side answers; it tells of an error within an answer that looks well."""
    with get_adapter().get_requests_session() as line:
        answer = line.get(address, params=params)
        answer.raise_for_status()
        told = answer.json()
    if code := told.get("errcode"):
        raise WornOut(code) if code in WORN_OUT else OAuth2Error(code)
    return told


class Adapter(Returning, OAuth2Adapter):
    """The documented addresses, on the machines that the settings name."""

    provider_id = "wecom"
    client_class = Client

    authorize_url = property(lambda self: settings.OUTSIDE["wecom"]["site"] + "/wwlogin/sso/login")
    access_token_url = property(lambda self: settings.OUTSIDE["wecom"]["api"] + "/cgi-bin/gettoken")
    profile_url = property(lambda self: settings.OUTSIDE["wecom"]["api"] + "/cgi-bin/auth/getuserinfo")

    def complete_login(self, request, app, token, **more):
        """Who it is. A token that wore out before its time is fetched once more."""
        asked = {"access_token": token.token, "code": request.GET["code"]}
        try:
            told = ask(self.profile_url, asked)
        except WornOut:
            _tokens.clear()
            fresh = self.get_client(request, app).get_access_token(asked["code"])
            told = ask(self.profile_url, asked | fresh)
        return self.get_provider().sociallogin_from_response(request, told)


class WeCom(Kept, OAuth2Provider):
    """A provider as allauth's own are."""

    id = "wecom"
    name = "WeCom"
    oauth2_adapter_class = Adapter
    uid_key = "userid"  # whoever is no member has none
