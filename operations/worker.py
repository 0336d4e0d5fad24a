"""The background worker: the library's own, which also ticks the periodic jobs, says that it lives, and tries again."""

import logging
import os
import signal
import socket
import sys
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from uuid import uuid4

from django.db import Error, close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from audit.context import acting_as
from operations import actions, latency, metrics, periodic

BEAT_EVERY = 10  # seconds
INTERVAL = 1.0  # between two looks into an empty queue
log = logging.getLogger("operations")


class HouseWorker(Worker):
    """One process, one task at a time. `parent` is the process without which it does not go on."""

    def __init__(self, parent=None, interval=INTERVAL):
        super().__init__(
            queue_names=["*"],
            interval=interval,
            batch=True,  # with at most one task: `run` comes back, so that the loop here can do its own
            max_tasks=1,
            backend_name="default",
            startup_delay=False,
            worker_id=f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid4().hex[:12]}",
            excluded_queue_names=[],
        )
        self.parent = parent
        self._turns = {}

    def work(self):
        """Work until told to stop. Whatever goes wrong outside a task ends the process; who keeps it starts a new one,
        under a new id, so that what this one left running is taken back.
        """
        self.configure_signals()
        looked = 0.0
        with beating(self.worker_id):
            while self.running and self.parent in (None, os.getppid()):
                close_old_connections()
                periodic.tick(self._turns)
                if time.monotonic() - looked >= BEAT_EVERY:
                    actions.reclaim()
                    looked = time.monotonic()
                if not self.run_one() and self.running:
                    time.sleep(self.interval)

    def work_off(self):
        """Work off what is due, then go; gives how many tasks that were."""
        done = 0
        with beating(self.worker_id):
            while self.run_one():
                done += 1
        return done

    def run_one(self):
        """Work off one task; gives whether there was one. An empty queue costs one query and no lock."""
        if not DBTaskResult.objects.ready().filter(backend_name=self.backend_name).exists():
            return False
        self._run_tasks = 0
        self.run()
        return True

    def run_task(self, db_task_result):
        """Run one task, with its id on every line that is logged or recorded meanwhile. How it ended we write ourselves."""
        began, task = time.perf_counter(), db_task_result
        task.set_successful, task.set_failed = partial(actions.succeed, task), partial(actions.fail, task)
        with acting_as(request_id=task.pk.hex):
            super().run_task(task)
        metrics.TASK_SECONDS.labels(task.task_path, task.status.lower()).observe(time.perf_counter() - began)

    def configure_signals(self):
        """SIGTERM and SIGINT let the running task finish."""
        for one in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(one, self.shutdown)

    def shutdown(self, signum, frame):
        """Stop after the task that runs; asked twice it does the same, since whoever is in a hurry kills."""
        self.running = False
        if not self.running_task:
            sys.exit(0)


@contextmanager
def beating(worker_id):
    """A thread says every few seconds that the worker is there, also while a task takes minutes."""
    over = threading.Event()
    actions.beat(worker_id)
    thread = threading.Thread(target=_beat, args=(worker_id, over), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)
        actions.leave(worker_id)


def _beat(worker_id, over):
    while not over.wait(BEAT_EVERY):
        for act in (partial(actions.beat, worker_id), latency.note):
            try:
                act()
            except Exception as problem:  # whatever it was, silence would cost the worker its task
                log.warning("heartbeat: %s", problem)
                with suppress(Error):
                    connection.close()  # it comes back, and so does the next beat
    connection.close()
