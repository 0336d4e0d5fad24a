"""The worker beside the server: there as long as the server is, and again when it died."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

# What the server loads: the house, with a worker that only says who it is and who keeps it.
IDLE = """
import os, time, django
django.setup()
from operations import worker
class Idle:
    def __init__(self, parent): self.parent = parent
    def work(self):
        with open(os.environ["TOLD"], "a") as file: print(os.getpid(), self.parent, file=file)
        while os.getppid() == self.parent: time.sleep(0.05)
worker.HouseWorker = Idle
def application(environ, start_response): pass
"""


class Server:
    """gunicorn as bin/serve starts it, with one web worker."""

    def __init__(self, folder):
        (folder / "idle.py").write_text(IDLE)
        self.told = folder / "told"
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.master = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "idle:application"],
                cwd=settings.BASE_DIR,
                env=os.environ
                | {
                    "DJANGO_SETTINGS_MODULE": "config.settings",
                    "PYTHONPATH": str(folder),
                    "VAR_DIR": str(folder / "var"),
                    "TOLD": str(self.told),
                    "WEB_PORT": "0",
                    "WEB_WORKERS": "1",
                },
                stdout=log,
                stderr=log,
            )

    def kept(self):
        """(worker, its keeper) of all that have begun so far."""
        lines = self.told.read_text().splitlines() if self.told.exists() else []
        return [tuple(map(int, line.split())) for line in lines]

    def keepers(self):
        """The processes right below the master that are no web workers: those that lead a session of their own."""
        found = []
        for task in Path(f"/proc/{self.master.pid}/task").glob("*"):
            found += map(int, (task / "children").read_text().split())
        return [pid for pid in found if is_there(pid) and os.getsid(pid) == pid]


@pytest.fixture
def server(tmp_path):
    """A running server whose background worker has begun."""
    running = Server(tmp_path)
    assert soon(lambda: len(running.kept()) == 1, 30), running.log.read_text()
    yield running
    running.master.kill()
    running.master.wait()


def soon(truth, seconds=60):
    """Whether it becomes true."""
    until = time.monotonic() + seconds
    while not truth():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def is_there(pid):
    """Whether a process runs; one that is dead and not yet buried does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_worker_that_died_is_started_again_by_the_same_keeper(server):
    [(worker, keeper)] = server.kept()
    os.kill(worker, signal.SIGKILL)
    assert soon(lambda: len(server.kept()) == 2)
    assert server.kept()[1][1] == keeper and is_there(server.kept()[1][0])


def test_a_keeper_that_was_killed_is_replaced_and_there_are_never_two(server):
    for turn in (1, 2):
        worker, keeper = server.kept()[-1]
        os.kill(keeper, signal.SIGKILL)
        seen = set()
        assert soon(lambda: seen.add(len(server.keepers())) or len(server.kept()) == turn + 1)  # noqa: B023  called here
        assert seen <= {0, 1} and server.keepers() == [server.kept()[-1][1]] != [keeper]
        assert soon(lambda: not is_there(worker))  # noqa: B023  called here
    assert is_there(server.kept()[-1][0])


def test_the_keeper_survives_a_reload_and_is_waited_for_at_the_end(server):
    [(worker, keeper)] = server.kept()
    server.master.send_signal(signal.SIGHUP)
    time.sleep(2)  # a second keeper would have shown itself
    assert (server.kept(), server.keepers()) == ([(worker, keeper)], [keeper])
    server.master.terminate()
    assert server.master.wait(timeout=120) == 0
    assert [is_there(keeper), is_there(worker)] == [False, False]


def test_a_killed_keeper_is_replaced_after_a_reload_too(server):
    [(_worker, keeper)] = server.kept()
    server.master.send_signal(signal.SIGHUP)
    time.sleep(1)
    os.kill(keeper, signal.SIGKILL)
    assert soon(lambda: len(server.kept()) == 2)
    assert server.keepers() == [server.kept()[1][1]]


def test_the_worker_ends_also_when_the_server_is_killed(server):
    [(worker, keeper)] = server.kept()
    server.master.kill()
    assert soon(lambda: not is_there(keeper) and not is_there(worker))
    assert len(server.kept()) == 1
