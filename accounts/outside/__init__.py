"""Signing in by an account elsewhere: 微信, 企业微信, 钉钉. Off until the settings name an application there.

allauth's providers lead to the other side and back. Of who came only a keyed hash of the id is kept, in allauth's own table.
"""

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.conf import settings
from django.http import Http404
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.outside.line import Line

NAMES = {"weixin": _("微信"), "wecom": _("企业微信"), "dingtalk": _("钉钉")}
PROVIDERS = {
    "weixin": "accounts.outside.weixin.Weixin",
    "wecom": "accounts.outside.wecom.WeCom",
    "dingtalk": "accounts.outside.dingtalk.DingTalk",
}


class Adapter(DefaultSocialAccountAdapter):
    """allauth's, with applications from our settings alone and a line that nobody can keep busy for long."""

    def get_provider(self, request, provider, client_id=None):
        """The provider of this code; its application lies in the settings and in no table."""
        given = settings.OUTSIDE[provider]
        app = SocialApp(provider=provider, client_id=given["id"], secret=given["secret"])
        return import_string(PROVIDERS[provider])(request, app=app)

    def is_open_for_signup(self, request, sociallogin):
        """Nobody signs up, from nowhere."""
        return False

    def get_requests_session(self):
        """Where the other side is asked."""
        return Line()


def offered():
    """What is configured, in the order of the buttons: [(code, name)]."""
    return [(code, name) for code, name in NAMES.items() if code in settings.OUTSIDE]


def name_of(code):
    """What people call it; an address that names nothing configured leads nowhere."""
    if code not in settings.OUTSIDE:
        raise Http404
    return NAMES[code]


def links_of(*people):
    """What is linked with these accounts."""
    return SocialAccount.objects.filter(user__in=people).order_by("date_joined", "pk")
