"""The map of the house."""

from django.urls import include, path

from config import views

urlpatterns = [
    path(
        "", include("exams.urls")
    ),  # first, for Django tries one after the other, and these are asked for most
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("robots.txt", views.robots, name="robots"),
    path("i18n/setlang/", views.choose_language, name="set_language"),
    path("accounts/", include("accounts.urls_signin")),
    path("", include("dashboards.urls")),
    path("", include("accounts.urls")),
    path("", include("messaging.urls")),
    path("", include("courses.urls")),
    path("", include("practice.urls")),
    path("", include("supervision.urls")),
    path("", include("certificates.urls")),
    path("api/v1/", include("api.urls")),
]
