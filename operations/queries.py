"""What lies in the queue."""

from django.db.models import Count, Min, Q
from django_tasks_db.models import DBTaskResult, get_date_max

from operations.models import WorkerProcess

READY, RUNNING, FAILED, SUCCESSFUL = "READY", "RUNNING", "FAILED", "SUCCESSFUL"
AT_ONCE = Q(run_after=get_date_max())  # how the library writes that nothing was put off


def name_of(task_path):
    """A task's name without the word that says where tasks stand, e.g. `exams.close_overdue`."""
    return task_path.replace(".tasks.", ".")


def failed():
    """Tasks that failed as often as they may, the latest first."""
    return DBTaskResult.objects.filter(status=FAILED).order_by("-finished_at")


def unfinished(task_path):
    """Turns of one task that wait or run."""
    return DBTaskResult.objects.filter(task_path=task_path, status__in=[READY, RUNNING])


def put_off(task_path, now):
    """Turns of one task that failed and wait for their next try."""
    return DBTaskResult.objects.filter(task_path=task_path, status=READY, run_after__gt=now).exclude(AT_ONCE)


def longest_running(now):
    """What runs longest: its name and for how many seconds; no name and 0 where nothing runs. One query.

    A worker goes on saying that it is there while its task hangs, so nothing but this figure tells of it.
    """
    oldest = (
        DBTaskResult.objects.filter(status=RUNNING)
        .order_by("started_at")
        .only("task_path", "started_at")
        .first()
    )
    if oldest is None:
        return {"name": "", "age": 0.0}
    return {"name": name_of(oldest.task_path), "age": max((now - oldest.started_at).total_seconds(), 0.0)}


def figures(now):
    """Counts of the queue and the age of what waits longest, in seconds; two queries."""
    due = Q(status=READY) & (Q(run_after__lte=now) | AT_ONCE)
    seen = (
        DBTaskResult.objects.exclude(status=SUCCESSFUL)
        .order_by()
        .aggregate(
            ready=Count("pk", filter=due),
            later=Count("pk", filter=Q(status=READY) & ~due),
            running=Count("pk", filter=Q(status=RUNNING)),
            failed=Count("pk", filter=Q(status=FAILED)),
            # A task that was put off waits from the moment for which it was put off.
            put_off=Min("run_after", filter=due & ~AT_ONCE),
            enqueued=Min("enqueued_at", filter=due & AT_ONCE),
        )
    )
    oldest = min((at for at in (seen.pop("put_off"), seen.pop("enqueued")) if at), default=None)
    seen["age"] = max((now - oldest).total_seconds(), 0) if oldest else 0.0
    seen["workers"] = WorkerProcess.objects.alive(now).count()
    return seen
