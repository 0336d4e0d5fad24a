"""What the roof adds to a page."""

from django.conf import settings

from config.demo.accounts import demo_accounts


def demo(request):
    """The demo accounts and their password: on the sign-in page of a demo, nowhere else."""
    place = request.resolver_match
    if not settings.DEMO or place is None or place.view_name != "account_login":
        return {}
    return {"demo_accounts": demo_accounts(), "demo_password": settings.DEMO_PASSWORD}
