"""The worker beside the server: there as long as the server is, and again when it died."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

# A master that has the house loaded and keeps a worker, which here only says who it is.
MASTER = """
import os, sys, time
from operations import beside, worker
class Idle:
    def __init__(self, parent): self.parent = parent
    def work(self):
        with open(sys.argv[1], "a") as file: print(os.getpid(), file=file)
        while os.getppid() == self.parent: time.sleep(0.05)
worker.HouseWorker = Idle
keeper = beside.start()
print(keeper, flush=True)
sys.stdin.read()
beside.stop(keeper)
"""


@pytest.fixture
def house(tmp_path):
    """A running master: (process, key of the keeper, function that gives the keys of all workers so far)."""
    told = tmp_path / "workers"
    master = subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup()\n" + MASTER, str(told)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    keeper = int(master.stdout.readline())
    yield master, keeper, lambda: [int(line) for line in told.read_text().split()] if told.exists() else []
    master.kill()
    master.wait()


def soon(truth, seconds=10):
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


def test_a_worker_that_died_is_started_again(house):
    _master, keeper, workers = house
    assert soon(lambda: len(workers()) == 1)
    os.kill(workers()[0], signal.SIGKILL)
    assert soon(lambda: len(workers()) == 2)
    assert is_there(keeper) and is_there(workers()[1])


def test_the_worker_ends_with_the_server(house):
    master, keeper, workers = house
    assert soon(lambda: len(workers()) == 1)
    master.stdin.close()
    assert master.wait(timeout=10) == 0
    assert [is_there(keeper), is_there(workers()[0])] == [False, False]


def test_the_worker_ends_also_when_the_server_is_killed(house):
    master, keeper, workers = house
    assert soon(lambda: len(workers()) == 1)
    master.kill()
    assert soon(lambda: not is_there(keeper) and not is_there(workers()[0]))
    assert len(workers()) == 1
