"""Addresses for other systems."""

from django.urls import URLPattern, path

from api.door import for_machines
from api.views import api, nothing_here, openapi

app_name = "api"

operations, _app, _namespace = api.urls

urlpatterns = [
    path("openapi.json", for_machines(openapi), name="openapi"),
    *(
        URLPattern(one.pattern, for_machines(one.callback), one.default_args, one.name)
        for one in operations
        if one.name != "api-root"
    ),
    path("", for_machines(nothing_here), name="api-root"),
    path("<path:rest>", for_machines(nothing_here), name="nothing"),
]
