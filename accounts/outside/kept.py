"""What our providers have in common: where one comes back to, and what is kept of whoever does."""

from allauth.socialaccount.providers.base import ProviderException
from django.urls import reverse

from accounts import vault


class NoIdentity(ProviderException):
    """An answer that does not say who it is."""


class Returning:
    """Mixed into an adapter: back to a page of ours, on the host on which it was begun, for the cookie lies there."""

    def get_callback_url(self, request, app):
        """What the other side is told."""
        return request.build_absolute_uri(reverse("outside_back", args=[self.provider_id]))


class Kept:
    """Mixed into a provider: of an identity a keyed hash of its id, which cannot be read back; neither name nor picture."""

    uid_key = "openid"

    def extract_uid(self, data):
        """The hash under which the identity is found again."""
        uid = data.get(self.uid_key)
        if not isinstance(uid, str) or not uid.strip():
            raise NoIdentity
        return vault.fingerprint("outside", f"{self.id}:{uid}")

    def extract_extra_data(self, data):
        """Nothing."""
        return {}

    def extract_common_fields(self, data):
        """Nothing."""
        return {}
