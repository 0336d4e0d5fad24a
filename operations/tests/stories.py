"""Tasks for the stories of the background, and how they get into the queue."""

import time
from pathlib import Path
from unittest.mock import patch

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from operations.worker import HouseWorker

calls = []


class Hand(HouseWorker):
    """A worker within a test, whose transaction lives in the connection that a real one would drop now and then."""

    def run_one(self):
        """Work off one task."""
        with patch("django_tasks_db.management.commands.db_worker.close_old_connections"):
            return super().run_one()


def work_off():
    """Work off what is ready; gives how many tasks that were."""
    worker, done = Hand(), 0
    while worker.run_one():
        done += 1
    return done


@task()
def note(word):
    """Remember that it ran."""
    calls.append(word)
    return word


@task()
def silent():
    """Do nothing."""


@task()
def stumble(times):
    """Fail so many times, then succeed."""
    calls.append("stumble")
    if len(calls) <= times:
        raise RuntimeError("not yet")


@task()
def always():
    """Fail."""
    calls.append("always")
    raise RuntimeError("never")


@task()
def linger(path):
    """Say in a file that it began, wait until nobody forbids to go on, and say that it is done."""
    note_down(path, "began")
    while Path(f"{path}.wait").exists():
        time.sleep(0.05)
    note_down(path, "done")


def note_down(path, word):
    """One more line."""
    with open(path, "a") as file:
        print(word, file=file)


def queued(task, *args, **kwargs):
    """The row of a task that was enqueued just now."""
    return DBTaskResult.objects.get(pk=task.enqueue(*args, **kwargs).id)


def failed_task():
    """A task that was given up."""
    row = queued(note, "again")
    DBTaskResult.objects.filter(pk=row.pk).update(
        status="FAILED",
        finished_at=timezone.now(),
        traceback="Traceback\nRuntimeError: no luck",
        worker_ids=["w"] * 5,
    )
    row.refresh_from_db()
    return row


def state_of(row):
    """Status and tries as they are now."""
    row.refresh_from_db()
    return row.status, len(row.worker_ids)
