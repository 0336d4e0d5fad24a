"""What is done to tasks beside working them off: once more later, back from a worker that died, once more by hand."""

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult, get_date_max

from audit.log import record
from audit.transitions import Refused
from operations.models import GONE_AFTER, WorkerProcess
from operations.queries import FAILED, READY, RUNNING

FIRST_WAIT = 10  # seconds; each further try waits four times as long
log = logging.getLogger("operations")


def wait_before(tries):
    """How long after so many failed tries the next one waits: 10 s, 40 s, 160 s, 640 s."""
    return timezone.timedelta(seconds=FIRST_WAIT * 4 ** (tries - 1))


def settle(task, *, now=None):
    """Put a task that failed back into the queue for later, as long as it has tries left; gives whether it had.

    The library notes each claim in `worker_ids`, so the row itself counts its tries. Tasks are safe to repeat.
    """
    tries = len(task.worker_ids)
    if tries >= settings.TASK_TRIES:
        log.error("task %s %s failed %s times and is given up", task.pk, task.task_path, tries)
        return False
    later = (now or timezone.now()) + wait_before(tries)
    return bool(
        DBTaskResult.objects.filter(pk=task.pk, status=FAILED).update(
            status=READY, run_after=later, finished_at=None
        )
    )


def reclaim(*, now=None):
    """Put back what runs under a worker that is no longer there; gives how many.

    A task that killed its workers as often as it may is given up. Whoever was only taken for dead and finishes after all has
    done it twice, which tasks must stand.
    """
    now = now or timezone.now()
    alive = set(WorkerProcess.objects.alive(now).values_list("pk", flat=True))
    running = DBTaskResult.objects.filter(status=RUNNING).only("pk", "worker_ids", "task_path", "started_at")
    taken = 0
    for task in running:
        if task.worker_ids and task.worker_ids[-1] in alive:
            continue
        mine = DBTaskResult.objects.filter(pk=task.pk, status=RUNNING, started_at=task.started_at)
        if len(task.worker_ids) < settings.TASK_TRIES:
            taken += mine.update(status=READY, run_after=now)
        else:
            taken += mine.update(status=FAILED, finished_at=now, traceback="The worker died each time.")
        log.warning("task %s %s lost its worker", task.pk, task.task_path)
    return taken


@transaction.atomic
def again(task, *, by):
    """Let a task that was given up run once more, with all its tries."""
    done = DBTaskResult.objects.filter(pk=task.pk, status=FAILED).update(
        status=READY, run_after=get_date_max(), finished_at=None, worker_ids=[]
    )
    if not done:
        raise Refused(_("这项任务已不在失败之列。"))
    record("task.again", task, by=by, task=task.task_path)


def beat(worker_id, *, now=None):
    """Say that a worker is there."""
    now = now or timezone.now()
    if not WorkerProcess.objects.filter(pk=worker_id).update(beat_at=now):
        WorkerProcess.objects.create(pk=worker_id, started_at=now, beat_at=now)


def leave(worker_id):
    """A worker goes; what it still held is free at once."""
    WorkerProcess.objects.filter(pk=worker_id).delete()


def forget_the_gone(*, now=None):
    """Delete the workers that have not been heard of for long."""
    now = now or timezone.now()
    return WorkerProcess.objects.filter(beat_at__lt=now - 60 * GONE_AFTER).delete()[0]
