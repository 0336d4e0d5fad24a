"""What the background worker does for messages."""

from django.utils import timezone
from django_tasks import task

from messaging.actions import forgetting, planning, sending


@task()
def plan():
    """Plan what today calls for; what was planned already stays as it is."""
    return planning.plan(timezone.localdate())


@task()
def send():
    """Send what is due for some seconds. What is left comes as another task, behind those of others."""
    told = sending.send_due()
    if told["more"]:
        send.enqueue()
    return told


@task()
def forget():
    """Dispose of old messages."""
    return forgetting.forget(timezone.now())
