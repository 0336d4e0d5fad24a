"""A balancer asks by address and without TLS; it is answered before anything looks at names, schemes or people."""

from config import views

ANSWERS = {"/healthz": views.healthz, "/readyz": views.readyz, "/metrics": views.metrics}


class HealthMiddleware:
    """Answer /healthz, /readyz and /metrics first."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = ANSWERS.get(request.path_info)
        return answer(request) if answer else self.get_response(request)
