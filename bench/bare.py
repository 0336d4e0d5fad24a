"""A bare view behind stock Django's own middleware, to set the product's save beside: login, CSRF, one query, a small JSON answer."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path

django.setup()

from exams.models import ExamSession  # noqa: E402


def readyz(request):
    """That somebody answers."""
    return HttpResponse("ok")


@login_required
def bare(request):
    """One query of the ORM."""
    return JsonResponse({"code": ExamSession.objects.values_list("code", flat=True).first()})


urlpatterns = [path("readyz", readyz), path("bare/", bare)]
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
application = get_wsgi_application()
