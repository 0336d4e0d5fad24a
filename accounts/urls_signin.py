"""Addresses of signing in: of allauth's pages those that are served here, each by its name.

allauth also reverses names of pages that we do not offer; they lead to one that is not there.
"""

from allauth.account import views
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path
from django.views.decorators.cache import never_cache

from accounts.views import outside
from accounts.views.codes import phone_code, phone_code_confirm
from accounts.views.signin import CodeAgain, Factors, SecondStep, SignIn, not_offered

urlpatterns = [
    path("login/", SignIn.as_view(), name="account_login"),
    path("login/phone/", phone_code, name="phone_code"),
    path("login/phone/code/", phone_code_confirm, name="phone_code_confirm"),
    path("login/outside/<slug:code>/", outside.begin, name="outside_begin"),
    path("login/outside/<slug:code>/back/", outside.back, name="outside_back"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", Factors.as_view(), name="mfa_index"),
    path("2fa/authenticate/", never_cache(SecondStep.as_view()), name="mfa_authenticate"),
    path("2fa/reauthenticate/", never_cache(CodeAgain.as_view()), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", never_cache(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", never_cache(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/codes/", never_cache(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("2fa/codes/generate/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("2fa/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("2fa/passkeys/add/", never_cache(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path(
        "2fa/passkeys/again/",
        never_cache(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("2fa/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("2fa/passkeys/<int:pk>/edit/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("signup/", not_offered, name="account_signup"),
    path("email/", not_offered, name="account_email"),
    path("confirm-email/", not_offered, name="account_email_verification_sent"),
    path("confirm-email/<str:key>/", not_offered, name="account_confirm_email"),
    path("phone/change/", not_offered, name="account_change_phone"),
    path("phone/verify/", not_offered, name="account_verify_phone"),
    path("login/code/confirm/", not_offered, name="account_confirm_login_code"),
]
