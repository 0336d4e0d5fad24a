"""What is done to tasks beside working them off: their end, once more later, back from a worker that died, once more by hand."""

import logging
from traceback import format_exception

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult, get_date_max
from django_tasks_db.utils import retry

from audit.log import record
from audit.transitions import Refused
from operations.models import GONE_AFTER, WorkerProcess
from operations.queries import FAILED, READY, RUNNING, SUCCESSFUL

FIRST_WAIT = 10  # seconds; each further try waits four times as long
log = logging.getLogger("operations")


def wait_before(tries):
    """How long after so many failed tries the next one waits: 10 s, 40 s, 160 s, 640 s."""
    return timezone.timedelta(seconds=FIRST_WAIT * 4 ** (tries - 1))


def succeed(task, value):
    """Note that a task went well and what it gave."""
    _end(task, status=SUCCESSFUL, return_value=value, exception_class_path="", traceback="")


def fail(task, problem):
    """Note that a task failed; as long as it has tries left, the same write puts it back into the queue for later.

    The library notes each claim in `worker_ids`, so the row itself counts its tries. Tasks are safe to repeat.
    """
    tries = len(task.worker_ids)
    again = {"status": READY, "finished_at": None, "run_after": timezone.now() + wait_before(tries)}
    if tries >= settings.TASK_TRIES:
        log.error("task %s %s failed %s times and is given up", task.pk, task.task_path, tries)
        again = {}
    kind = type(problem)
    _end(
        task,
        again,
        status=FAILED,
        return_value=None,
        exception_class_path=f"{kind.__module__}.{kind.__qualname__}",
        traceback="".join(format_exception(problem)),
    )


@retry()
def _end(task, again=None, **told):
    """Write how a task ended, unless it was taken back from this worker meanwhile and is somebody else's by now."""
    told["finished_at"] = timezone.now()
    for name, value in told.items():
        setattr(task, name, value)
    mine = DBTaskResult.objects.filter(pk=task.pk, status=RUNNING, started_at=task.started_at)
    if not mine.update(**told | (again or {})):
        log.warning(
            "task %s %s had been taken from this worker; its end is not noted", task.pk, task.task_path
        )


def reclaim(*, now=None):
    """Put back what runs under a worker that is no longer there; gives how many.

    A task that killed its workers as often as it may is given up. Whoever was only taken for dead and finishes after all has
    done it twice, which tasks must stand; the row is no longer that worker's to write.
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
