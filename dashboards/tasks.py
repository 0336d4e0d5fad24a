"""What the background worker does for the operator."""

import socket

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from accounts.models import Role, RoleGrant
from dashboards.queries import operator
from operations import alarms

OF_A_NODE = {
    "saves",
    "disk",
    "database",
    "clock",
    "cache",
}  # the other figures are the same wherever one looks


@task()
def tell_alarms():
    """Look as the operator's page does, and write to the administrators what has begun to be wrong or is right again."""
    now, here = timezone.now(), socket.gethostname()
    seen = operator.lines(operator.figures(now))
    alarms.tell(
        {(name, here if name in OF_A_NODE else ""): line for name, line in seen.items()},
        to=addresses(timezone.localdate(now)),
        page=settings.BASE_URL + reverse("dashboards:operations"),
        now=now,
    )


def addresses(today):
    """Where administrators get their mail, as far as they have any."""
    grants = RoleGrant.objects.current(today).filter(role=Role.ADMIN, user__is_active=True)
    return sorted(set(grants.exclude(user__email="").values_list("user__email", flat=True)))
