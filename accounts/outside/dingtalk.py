"""钉钉: an application whose users agree on a page of 钉钉's (scope openid)."""

from allauth.socialaccount.providers.dingtalk.provider import DingTalkProvider
from allauth.socialaccount.providers.dingtalk.views import DingTalkOAuth2Adapter
from django.conf import settings

from accounts.outside.kept import Kept, Returning


class Adapter(Returning, DingTalkOAuth2Adapter):
    """allauth's, with addresses from the settings."""

    authorize_url = property(lambda self: settings.OUTSIDE["dingtalk"]["site"] + "/oauth2/auth")
    access_token_url = property(
        lambda self: settings.OUTSIDE["dingtalk"]["api"] + "/v1.0/oauth2/userAccessToken"
    )
    profile_url = property(lambda self: settings.OUTSIDE["dingtalk"]["api"] + "/v1.0/contact/users/me")


class DingTalk(Kept, DingTalkProvider):
    """allauth's provider as it is used here."""

    oauth2_adapter_class = Adapter
    uid_key = "openId"

    def get_default_scope(self):
        """The id alone; not in which organisations somebody is."""
        return ["openid"]

    def get_auth_params(self):
        """The page on which she agrees is asked for by name."""
        return {"prompt": "consent"}
