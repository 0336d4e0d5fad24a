"""Addresses of signing in: of allauth's pages those that are served here, each by its name.

allauth also reverses names of pages that we do not offer; they lead to one that is not there.
"""

from allauth.account import views
from django.urls import path, re_path

from accounts.views.signin import SignIn, not_offered

urlpatterns = [
    path("login/", SignIn.as_view(), name="account_login"),
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
    path("signup/", not_offered, name="account_signup"),
    path("email/", not_offered, name="account_email"),
    path("confirm-email/", not_offered, name="account_email_verification_sent"),
    path("confirm-email/<str:key>/", not_offered, name="account_confirm_email"),
    path("phone/change/", not_offered, name="account_change_phone"),
    path("phone/verify/", not_offered, name="account_verify_phone"),
    path("login/code/confirm/", not_offered, name="account_confirm_login_code"),
]
