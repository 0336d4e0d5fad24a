"""How allauth meets our people: no open sign-up, phones kept encrypted and found by their hash."""

from allauth.account.adapter import DefaultAccountAdapter
from django.urls import reverse

from accounts.backends import account_of, too_many_failures, typed_name
from accounts.fields import PhoneField
from accounts.identifiers import normalise_phone
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by import or by an administrator; a person signs in with what she knows of herself."""

    def is_open_for_signup(self, request):
        """Nobody signs up: a person exists because an enterprise or an organ entered her."""
        return False

    def get_password_change_redirect_url(self, request):
        """Back to one's own page, where the change was begun."""
        return reverse("people:me")

    def phone_form_field(self, **kwargs):
        """Numbers as people here write them; allauth's own field wants the country code."""
        return PhoneField(**kwargs)

    def clean_phone(self, phone):
        """The spelling under which phones are kept."""
        return normalise_phone(phone)

    def pre_authenticate(self, request, **credentials):
        """Turn away who failed too often. allauth's own count locks a row for everybody behind one address; ours only reads."""
        typed = typed_name(credentials)
        request.signing_in = account_of(typed)  # the backend, next in line, asks for her again
        if too_many_failures(request.signing_in, typed):
            raise self.validation_error("too_many_login_attempts")

    def get_login_stages(self):
        """Without the stage that asks for a verified phone: it turns away whoever has none, the first administrator among them."""
        stages = super().get_login_stages()
        return [stage for stage in stages if stage != "allauth.account.stages.PhoneVerificationStage"]

    def get_phone(self, user):
        """The phone and whether it was verified; entered by the enterprise, so taken as verified."""
        return (user.phone, True) if user.phone_hash else None

    def set_phone(self, user, phone, verified):
        """Keep a new phone."""
        user.phone = phone
        user.save(update_fields=["phone_sealed", "phone_hash", "phone_mask"])

    def set_phone_verified(self, user, phone):
        """Nothing to keep: see get_phone."""

    def get_user_by_phone(self, phone):
        """The person with this phone."""
        return User.objects.by_phone(phone)
