"""Papers beyond the first chunk: composed in the background, whole, once, and whatever happens in between."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from audit.models import AuditEvent
from audit.transitions import Refused
from exams import tasks
from exams.actions import attempts, papers, sessions
from exams.models import Attempt, Blueprint, ExamSession, Paper
from exams.queries import pool
from exams.tests.together import together
from operations.tests.stories import work_off
from tests import build

pytestmark = pytest.mark.django_db
SMALL = {"truefalse": 4}


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(papers, "FIRST", 2)
    monkeypatch.setattr(papers, "CHUNK", 3)


def published(cast, wanted, **more):
    return build.make_session(cast, counts=SMALL, papers_wanted=wanted, **more)


def numbers(session):
    return list(Paper.objects.filter(session=session).order_by("number").values_list("number", flat=True))


def test_publishing_composes_enough_to_begin_with_and_leaves_the_rest_to_the_worker(cast):
    session = published(cast, 9)
    assert numbers(session) == [1, 2]
    assert build.begun(session, cast.officer).paper.number in (1, 2)  # no exam waits for the worker
    work_off()
    assert numbers(session) == list(range(1, 10))
    assert list(
        AuditEvent.objects.filter(action="papers.composed")
        .order_by("pk")
        .values_list("data__count", flat=True)
    ) == [2, 3, 3, 1]


def test_a_session_that_wants_few_papers_leaves_nothing_to_do(cast):
    published(cast, 2)
    assert DBTaskResult.objects.count() == 0


def test_a_publication_that_fails_leaves_no_task_behind(cast):
    session = published(cast, 9, published=False)
    stale = ExamSession.objects.get(pk=session.pk)
    sessions.publish(session, by=cast.city)
    with pytest.raises(Refused):
        sessions.publish(stale, by=cast.city)
    assert DBTaskResult.objects.count() == 1


def test_a_repetition_composes_nothing_more(cast):
    session = published(cast, 6)
    assert [tasks.compose_papers.call(session.pk) for _again in range(3)] == [4, 0, 0]
    assert numbers(session) == list(range(1, 7))


def test_a_chunk_that_fails_is_tried_again_and_what_was_composed_stays(cast, monkeypatch):
    session, compose, calls = published(cast, 9), papers.compose, []

    def failing(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("power cut")
        return compose(*args, **kwargs)

    monkeypatch.setattr(papers, "compose", failing)
    work_off()
    task = DBTaskResult.objects.get()
    assert (task.status, len(task.worker_ids), numbers(session)) == ("READY", 1, [1, 2, 3, 4, 5])
    DBTaskResult.objects.update(run_after=timezone.now())
    work_off()
    task.refresh_from_db()
    assert (task.status, numbers(session)) == ("SUCCESSFUL", list(range(1, 10)))


def test_later_papers_disturb_nobody_who_has_begun(cast):
    session = published(cast, 9)
    attempt = build.begun(session, cast.officer)
    kept = attempt.paper_id, attempt.layout
    work_off()
    again = attempts.start(attempt.registration, by=cast.officer)
    assert (again.pk, again.paper_id, again.layout) == (attempt.pk, *kept)


def test_a_fresh_set_is_topped_up_from_its_own_first_paper(cast):
    session = published(cast, 4)
    work_off()
    sessions.renew_papers(session, by=cast.city)
    assert numbers(session) == list(range(1, 7))
    work_off()
    session.refresh_from_db()
    assert (session.papers_from, numbers(session)) == (5, list(range(1, 9)))


# --- The sweep ------------------------------------------------------------------------------------------------------------


def test_the_sweep_completes_sessions_whose_task_was_lost_and_no_others(cast):
    lacking = published(cast, 7)
    exam = lacking.exam
    draft = build.make_session(cast, "draft", exam=exam, papers_wanted=7, published=False)
    over = build.make_session(cast, "over", exam=exam, papers_wanted=7)
    ExamSession.objects.filter(pk=over.pk).update(closes_at=timezone.now() - timedelta(minutes=1))
    called_off = build.make_session(cast, "off", exam=exam, papers_wanted=7)
    sessions.cancel(called_off, by=cast.city, why="考场停电")
    DBTaskResult.objects.all().delete()
    assert list(pool.lacking(timezone.now())) == [lacking]
    tasks.top_up_papers.call()
    assert [len(numbers(one)) for one in (lacking, draft, over, called_off)] == [7, 0, 2, 2]
    assert list(pool.lacking(timezone.now())) == []


def test_a_session_that_can_no_longer_be_filled_keeps_no_other_waiting(cast, caplog):
    first, second = published(cast, 5), published(cast, 5, code="second", exam=None)
    Blueprint.objects.get(pk=first.exam.blueprint_id).lines.update(count=500)
    tasks.top_up_papers.call()
    assert [len(numbers(one)) for one in (first, second)] == [2, 5]
    assert "lacks papers" in caplog.text


def test_the_sweep_closes_what_is_overdue_and_one_that_fails_keeps_no_other_waiting(cast, monkeypatch):
    session = published(cast, 2)
    bad, good = (
        build.move_clock(build.begun(session, who), minutes=90) for who in (cast.officer, cast.director)
    )
    fresh = build.begun(session, cast.principal)
    close = attempts.close_if_due
    monkeypatch.setattr(
        attempts, "close_if_due", lambda one, **more: 1 / 0 if one.pk == bad.pk else close(one, **more)
    )
    with pytest.raises(tasks.Unfinished):
        tasks.close_overdue.call()
    states = dict(Attempt.objects.values_list("pk", "state"))
    assert states == {bad.pk: "in_progress", good.pk: "submitted", fresh.pk: "in_progress"}
    monkeypatch.undo()
    assert tasks.close_overdue.call() == 1


# --- Two at once ------------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_compose_twice(cast):
    session = published(cast, 30)
    made = together(8, lambda _n: tasks.compose_papers.call(session.pk))
    assert sum(made) == 28
    assert numbers(session) == list(range(1, 31))


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_a_fresh_set_and_a_top_up_at_the_same_moment_leave_no_gap(cast):
    session = published(cast, 12)

    def act(n):
        if n == 0:
            sessions.renew_papers(session, by=cast.city)
        else:
            tasks.compose_papers.call(session.pk)

    together(6, act)
    tasks.compose_papers.call(session.pk)
    session.refresh_from_db()
    there = numbers(session)
    assert there == list(range(1, len(there) + 1))
    assert len(there) - session.papers_from + 1 == 12
