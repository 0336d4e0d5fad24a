"""A balancer asks by address and without TLS; it is answered before anything looks at names or schemes."""

from config.views import healthz


class HealthMiddleware:
    """Answer /healthz first."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return healthz(request) if request.path_info == "/healthz" else self.get_response(request)
