"""Workers as processes: killed in the midst of a task, beating while the database stumbles, counted where they run apart."""

import json
import signal
import time

import pytest
from django.db import InterfaceError
from django_tasks_db.models import DBTaskResult

from operations import actions, latency, metrics, worker
from operations.tests.houses import House
from operations.tests.stories import linger
from operations.tests.test_beside import soon


class Lingering:
    """A house in which one task waits; it lingers as long as a file forbids it to go on."""

    def __init__(self, folder):
        self.said, self.gate = folder / "said", folder / "said.wait"
        self.gate.touch()
        linger.enqueue(str(self.said))
        self.house = House(folder / "var")
        self.processes = []

    def begin(self, *arguments):
        """Start a worker."""
        self.processes.append(self.house.begin("work", *arguments))
        return self.processes[-1]

    def words(self):
        """What the task said so far, whoever ran it."""
        return self.said.read_text().split() if self.said.exists() else []

    def state(self):
        """(status, how many workers had it)"""
        [(status, workers)] = self.house.rows(
            f"SELECT status, worker_ids FROM {DBTaskResult._meta.db_table} WHERE task_path LIKE '%linger'"
        )
        return status, len(json.loads(workers) if isinstance(workers, str) else workers)

    def done_by_the_same(self):
        """How many tasks the worker did that had this one."""
        rows = self.house.rows(f"SELECT task_path, worker_ids FROM {DBTaskResult._meta.db_table}")
        held = [(path, json.loads(ids) if isinstance(ids, str) else ids) for path, ids in rows]
        [worker] = next(ids for path, ids in held if path.endswith("linger"))
        return sum(worker in ids for _path, ids in held)

    def a_minute_passes(self):
        """Every worker was heard long ago; whoever lives says so again within ten seconds."""
        self.house.rows("UPDATE operations_workerprocess SET beat_at = '2026-01-01 00:00:00+00:00'")

    def close(self):
        """End what was started."""
        for process in self.processes:
            process.kill()
            process.communicate()
        self.house.close()


@pytest.fixture
def lingering(transactional_db, tmp_path):
    """The task is there, nobody works yet."""
    built = Lingering(tmp_path)
    yield built
    built.close()


def test_a_task_whose_worker_is_killed_is_finished_by_another_exactly_once(lingering):
    first = lingering.begin()
    assert soon(lambda: lingering.words() == ["began"], 120)
    first.send_signal(signal.SIGKILL)
    first.wait()
    lingering.gate.unlink()
    second = lingering.begin()
    assert soon(lambda: len(lingering.house.rows("SELECT id FROM operations_workerprocess")) == 2, 120)
    time.sleep(1)
    assert lingering.state() == ("RUNNING", 1)  # as long as the dead might still be alive
    lingering.a_minute_passes()
    assert soon(lambda: lingering.state() == ("SUCCESSFUL", 2), 120)
    time.sleep(1)
    second.terminate()
    assert second.wait(timeout=120) == 0
    assert lingering.words() == ["began", "began", "done"]
    assert lingering.state() == ("SUCCESSFUL", 2)


def test_a_worker_that_works_off_once_keeps_its_task_while_another_runs_beside_it(lingering):
    once = lingering.begin("--once")
    assert soon(lambda: lingering.words() == ["began"], 120)
    lingering.begin()
    assert soon(lambda: len(lingering.house.rows("SELECT id FROM operations_workerprocess")) == 2, 120)
    time.sleep(1)
    assert (lingering.words(), lingering.state()) == (["began"], ("RUNNING", 1))
    lingering.gate.unlink()
    said, _problems = once.communicate(timeout=120)
    # Periodic jobs that the other one has queued meanwhile may fall to it as well; it says just what it did.
    assert (once.returncode, said.strip()) == (0, f"{lingering.done_by_the_same()} done")
    assert (lingering.words(), lingering.state()) == (["began", "done"], ("SUCCESSFUL", 1))


def test_a_worker_that_runs_apart_is_counted_until_the_next_one_begins(lingering, settings, monkeypatch):
    lingering.gate.unlink()
    var = lingering.house.var
    (var / "measures").mkdir()  # the server's
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(var / "measures"))

    def counted():
        return {
            sample.labels["task"]: sample.value
            for metric in metrics.collected().collect()
            for sample in metric.samples
            if sample.name == "zhikao_task_seconds_count" and sample.labels["outcome"] == "successful"
        }

    assert counted() == {}
    lingering.house.manage("work", "--once")
    assert counted() == {"operations.tests.stories.linger": 1}
    lingering.house.manage("work", "--once")
    assert counted() == {}


def test_the_heart_goes_on_after_whatever_the_database_says(transactional_db, monkeypatch):
    beats = []

    def beat(worker_id):
        beats.append(worker_id)
        if len(beats) == 2:
            raise InterfaceError("connection already closed")
        if len(beats) == 3:
            raise RuntimeError("something else")

    monkeypatch.setattr(worker, "BEAT_EVERY", 0.01)
    monkeypatch.setattr(actions, "beat", beat)
    monkeypatch.setattr(latency, "note", lambda: None)
    with worker.beating("one"):
        assert soon(lambda: len(beats) > 5)


def test_a_note_that_cannot_be_written_does_not_stop_the_heart(transactional_db, monkeypatch):
    beats = []

    def no_room():
        raise OSError("no space left on device")

    monkeypatch.setattr(worker, "BEAT_EVERY", 0.01)
    monkeypatch.setattr(actions, "beat", beats.append)
    monkeypatch.setattr(latency, "note", no_room)
    with worker.beating("one"):
        assert soon(lambda: len(beats) > 5)
