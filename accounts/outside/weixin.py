"""微信: a website application of the open platform (网站应用, scope snsapi_login)."""

from allauth.socialaccount.providers.weixin.client import WeixinOAuth2Client
from allauth.socialaccount.providers.weixin.provider import WeixinProvider
from allauth.socialaccount.providers.weixin.views import WeixinOAuth2Adapter
from django.conf import settings

from accounts.outside.kept import Kept, Returning


class Client(WeixinOAuth2Client):
    """allauth's, with the ending that the documentation asks for."""

    def get_redirect_url(self, *args):
        """Where the QR code is shown."""
        return super().get_redirect_url(*args) + "#wechat_redirect"


class Adapter(Returning, WeixinOAuth2Adapter):
    """allauth's, asking for the id alone, which comes with the token."""

    client_class = Client
    access_token_method = "GET"

    authorize_url = property(lambda self: settings.OUTSIDE["weixin"]["site"] + "/connect/qrconnect")
    access_token_url = property(lambda self: settings.OUTSIDE["weixin"]["api"] + "/sns/oauth2/access_token")

    def complete_login(self, request, app, token, response, **more):
        """Who it is; neither nickname nor picture is asked for."""
        return self.get_provider().sociallogin_from_response(request, response)


class Weixin(Kept, WeixinProvider):
    """allauth's provider as it is used here."""

    oauth2_adapter_class = Adapter
