"""Background work: tried again, taken back from the dead, ticked once, forgotten in time."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from audit.context import acting
from audit.models import AuditEvent
from audit.transitions import Refused
from exams.tests import racing
from operations import actions, periodic, queries
from operations.models import PeriodicJob, WorkerProcess
from operations.tasks import prune
from operations.tests import stories
from operations.tests.stories import Hand, failed_task, note, queued, state_of, stumble

NOW = datetime(2026, 5, 1, 9, 0, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_called():
    stories.calls.clear()


def let_time_pass(row):
    """Now is when the task may run again; gives how long that would have been."""
    row.refresh_from_db()
    waits = row.run_after - timezone.now()
    DBTaskResult.objects.filter(pk=row.pk).update(run_after=timezone.now())
    return round(waits.total_seconds())


def test_a_task_is_worked_off_once():
    row, worker = queued(note, "hello"), Hand()
    assert [worker.run_one(), worker.run_one()] == [True, False]
    assert (stories.calls, state_of(row)) == (["hello"], ("SUCCESSFUL", 1))


def test_a_task_that_fails_is_tried_again_later_and_later():
    row, worker, waits = queued(stumble, 3), Hand(), []
    for _turn in range(3):
        assert worker.run_one()
        assert not worker.run_one()  # not before its time
        waits.append(let_time_pass(row))
    worker.run_one()
    assert (waits, state_of(row)) == ([10, 40, 160], ("SUCCESSFUL", 4))


def test_a_task_is_given_up_after_five_tries_and_keeps_its_error():
    row, worker = queued(stumble, 99), Hand()
    for _turn in range(5):
        worker.run_one()
        DBTaskResult.objects.filter(pk=row.pk, status="READY").update(run_after=timezone.now())
    assert (state_of(row), worker.run_one()) == (("FAILED", 5), False)
    assert "RuntimeError: not yet" in row.traceback


def test_a_task_logs_and_records_under_its_own_id(monkeypatch):
    seen = []
    monkeypatch.setattr(
        stories,
        "calls",
        type("Ears", (), {"append": lambda _self, _word: seen.append(acting().request_id)})(),
    )
    row = queued(note, "who")
    Hand().run_one()
    assert seen == [row.pk.hex]
    assert acting().request_id == ""


# --- Workers that die -------------------------------------------------------------------------------------------------


def running_under(worker_id, tries=1):
    """A task that a worker of this name claimed."""
    row = queued(note, "orphan")
    DBTaskResult.objects.filter(pk=row.pk).update(
        status="RUNNING", started_at=NOW - timedelta(minutes=5), worker_ids=[worker_id] * tries
    )
    return row


def test_what_ran_under_a_worker_that_is_gone_is_taken_back_once():
    actions.beat("dead", now=NOW - timedelta(seconds=61))
    actions.beat("alive", now=NOW - timedelta(seconds=59))
    lost, kept, nobodys = running_under("dead"), running_under("alive"), running_under("never seen")
    assert [actions.reclaim(now=NOW), actions.reclaim(now=NOW)] == [2, 0]
    assert [state_of(row)[0] for row in (lost, kept, nobodys)] == ["READY", "RUNNING", "READY"]


def test_a_task_that_killed_five_workers_is_given_up():
    row = running_under("dead", tries=5)
    actions.reclaim(now=NOW)
    assert state_of(row)[0] == "FAILED"


def test_a_worker_that_leaves_frees_its_task_at_once():
    actions.beat("mine", now=NOW)
    row = running_under("mine")
    assert actions.reclaim(now=NOW) == 0
    actions.leave("mine")
    assert (actions.reclaim(now=NOW), state_of(row)[0]) == (1, "READY")


def test_a_failure_and_its_next_try_are_one_write():
    """A worker that dies right after it must not leave a task failed that has tries left."""
    row, worker = queued(stumble, 1), Hand()
    with CaptureQueriesContext(connection) as caught:
        worker.run_one()
    writes = [q["sql"] for q in caught if q["sql"].startswith("UPDATE") and "tasks" in q["sql"]]
    assert (len(writes), state_of(row)) == (2, ("READY", 1))  # claimed; failed and put back
    assert "RuntimeError: not yet" in row.traceback


@pytest.mark.parametrize(
    "outcome", [partial(actions.succeed, value=1), partial(actions.fail, problem=ValueError("late"))]
)
def test_a_worker_taken_for_dead_does_not_write_over_whoever_has_its_task_now(outcome, caplog):
    row = running_under("taken for dead")
    row.refresh_from_db()
    actions.reclaim(now=NOW)
    again = DBTaskResult.objects.get(pk=row.pk)
    again.claim("another")
    outcome(row)
    assert (state_of(again), again.worker_ids[-1]) == (("RUNNING", 2), "another")
    assert "had been taken from this worker" in caplog.text
    actions.succeed(again, 2)
    outcome(row)
    assert (state_of(again)[0], again.return_value) == ("SUCCESSFUL", 2)


# --- Periodic jobs ------------------------------------------------------------------------------------------------------


@pytest.fixture
def every_minute(settings):
    """One job, every minute."""
    settings.PERIODIC_JOBS = (("note", 60, "operations.tests.stories.silent"),)


def test_every_turn_is_enqueued_once_however_many_workers_tick(every_minute):
    workers = [{}, {}, {}]
    for second in (0, 1, 29, 30, 31, 89):  # the turn changes at second 30
        for known in workers:
            periodic.tick(known, now=NOW + timedelta(seconds=second))
            DBTaskResult.objects.update(status="SUCCESSFUL")
    assert DBTaskResult.objects.count() == 2
    assert PeriodicJob.objects.get().last_at == NOW + timedelta(seconds=30)


def test_a_turn_is_left_out_while_the_one_before_is_not_done(every_minute):
    for minute in range(3):
        periodic.tick({}, now=NOW + timedelta(minutes=minute))
    assert DBTaskResult.objects.count() == 1


@pytest.fixture
def every_minute_in_vain(settings):
    """One job, every minute, with one case that always fails."""
    settings.PERIODIC_JOBS = (("stumble", 60, "operations.tests.stories.always"),)


def test_a_turn_that_failed_and_waits_for_its_next_try_is_the_next_turn(every_minute_in_vain, monkeypatch):
    """One bad attempt must not slow the sweep for all: it comes every minute, and no two of it gather."""
    worker, now = Hand(), timezone.now()
    for minute in range(12):
        monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=minute))  # noqa: B023  used within the turn
        periodic.tick({})
        while worker.run_one():
            pass
    assert len(stories.calls) == 12
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == ["FAILED", "FAILED", "READY"]


def test_a_clock_that_goes_back_enqueues_nothing_twice(every_minute):
    for minute in (5, 3, 4, 5):
        periodic.tick({}, now=NOW + timedelta(minutes=minute))
        DBTaskResult.objects.update(status="SUCCESSFUL")
    assert DBTaskResult.objects.count() == 1


def test_every_job_of_the_settings_is_a_task():
    for _name, every, path in settings.PERIODIC_JOBS:
        module, _dot, name = path.rpartition(".")
        assert getattr(__import__(module, fromlist=[name]), name).module_path == path
        assert every >= 60


# --- Order ---------------------------------------------------------------------------------------------------------------


def test_the_done_are_forgotten_after_a_day_and_the_failed_after_a_month():
    now = timezone.now()
    for status, days in [("SUCCESSFUL", 0), ("SUCCESSFUL", 2), ("FAILED", 2), ("FAILED", 31)]:
        row = queued(note, f"{status} {days}")
        DBTaskResult.objects.filter(pk=row.pk).update(status=status, finished_at=now - timedelta(days=days))
    WorkerProcess.objects.create(pk="old", beat_at=now - timedelta(days=1))
    WorkerProcess.objects.create(pk="new", beat_at=now)
    assert prune.call() == {"done": 1, "failed": 1, "workers": 1}
    left = {row.args_kwargs["args"][0] for row in DBTaskResult.objects.all()}
    assert left == {"SUCCESSFUL 0", "FAILED 2"}


def test_the_queue_is_counted_by_what_each_task_waits_for():
    now = timezone.now()
    old, later, busy = queued(note, "old"), queued(note, "later"), queued(note, "busy")
    DBTaskResult.objects.filter(pk=old.pk).update(enqueued_at=now - timedelta(seconds=90))
    DBTaskResult.objects.filter(pk=later.pk).update(run_after=now + timedelta(seconds=40))
    DBTaskResult.objects.filter(pk=busy.pk).update(status="RUNNING")
    failed_task()
    actions.beat("one", now=now)
    found = queries.figures(now)
    assert round(found.pop("age")) == 90
    assert found == {"ready": 1, "later": 1, "running": 1, "failed": 1, "workers": 1}


def test_what_runs_longest_is_named_with_its_age():
    now = timezone.now()
    assert queries.longest_running(now) == {"name": "", "age": 0.0}
    for word, minutes in (("new", 1), ("old", 20)):
        row = queued(note, word)
        DBTaskResult.objects.filter(pk=row.pk).update(
            status="RUNNING", started_at=now - timedelta(minutes=minutes)
        )
    assert queries.longest_running(now) == {"name": "operations.tests.stories.note", "age": 1200.0}


def test_a_retry_that_is_due_waits_since_it_became_due_and_not_since_it_was_first_wanted():
    now, row = timezone.now(), queued(note, "retry")
    DBTaskResult.objects.filter(pk=row.pk).update(
        enqueued_at=now - timedelta(hours=1), run_after=now - timedelta(seconds=5)
    )
    assert round(queries.figures(now)["age"]) == 5


def test_an_operator_may_let_a_task_try_again_once(cast):
    row = failed_task()
    actions.again(row, by=cast.admin)
    with pytest.raises(Refused):
        actions.again(row, by=cast.admin)
    assert state_of(row) == ("READY", 0)
    assert AuditEvent.objects.get(action="task.again").actor == cast.admin
    Hand().run_one()
    assert (stories.calls, state_of(row)) == (["again"], ("SUCCESSFUL", 1))


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_tick_at_the_same_moment_one_enqueues():
    path = "operations.tests.stories.silent"
    taken = racing.together(20, lambda _n: periodic.take("silent", NOW, path))
    assert (sum(taken), DBTaskResult.objects.count()) == (1, 1)
    assert racing.together(20, lambda _n: periodic.take("silent", NOW, path)) == [False] * 20
