"""Tasks that keep the house itself in order."""

from django.core.management import call_command
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from operations import actions
from operations.queries import FAILED, SUCCESSFUL

KEEP_DONE = timezone.timedelta(days=1)
KEEP_FAILED = timezone.timedelta(days=30)


@task()
def clear_sessions():
    """Delete the sign-ins that have ended."""
    call_command("clearsessions")


@task()
def prune():
    """Delete what is no longer needed of the queue: the done after a day, the failed after a month."""
    now = timezone.now()
    done = DBTaskResult.objects.filter(status=SUCCESSFUL, finished_at__lt=now - KEEP_DONE).delete()[0]
    lost = DBTaskResult.objects.filter(status=FAILED, finished_at__lt=now - KEEP_FAILED).delete()[0]
    return {"done": done, "failed": lost, "workers": actions.forget_the_gone(now=now)}
