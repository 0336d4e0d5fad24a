"""Time granted, pauses, another device, decisions: what is true of the attempt, its chain and the log after each."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import RecordEntry
from audit.models import AuditEvent
from audit.transitions import Refused
from certificates.models import Certificate
from exams.actions import attempts, interventions, regrading
from exams.actions.attempts import Closed, Entry, Waiting
from exams.actions.verifying import problems_of
from exams.engine import clock
from exams.models import Attempt, Intervention, ItemRevision, Result, Score
from tests import build

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def room(cast):
    return build.make_session(cast)


@pytest.fixture
def attempt(cast, room):
    return build.begun(room, cast.officer)


def door(*attempts):
    return Attempt.objects.filter(pk__in=[a.pk for a in attempts])


def fresh(attempt):
    return Attempt.objects.select_related("registration__session").get(pk=attempt.pk)


def folded(attempt):
    """The deadline as the one function gives it over all that was granted."""
    attempt = fresh(attempt)
    session = attempt.registration.session
    granted = Intervention.objects.filter(attempt=attempt).values_list("seconds", flat=True)
    return clock.deadline(
        attempt.started_at,
        session.minutes,
        paused=clock.credit(attempt.registration.extra_minutes, granted),
        closes_at=session.closes_at,
    )


def say(attempt, number, now=None, **more):
    return attempts.save(
        build.own(attempt), attempt.pk, [Entry(number, 1, {"options": ["a"]})], now=now, **more
    )


def lines(attempt, *actions):
    return list(
        AuditEvent.objects.filter(target=f"exams.attempt:{attempt.pk}", action__in=actions)
        .order_by("pk")
        .values_list("action", "actor_name", "data")
    )


def test_the_stored_deadline_is_the_fold_over_everything_that_was_granted(cast, room):
    attempt = build.begun(room, cast.officer, extra_minutes=7)
    now = attempt.started_at
    assert fresh(attempt).deadline == folded(attempt)
    for minutes, pause in ((5, 0.4), (1, 61.0), (12, 3599.999), (600, 0.0)):
        now += MINUTE
        interventions.extend(door(attempt), minutes=minutes, why="停电", by=cast.city, now=now)
        assert fresh(attempt).deadline == folded(attempt)
        interventions.pause(door(attempt), why="疏散", by=cast.city, now=now)
        interventions.extend(door(attempt), minutes=1, why="补时", by=cast.city, now=now)
        now += timedelta(seconds=pause)
        interventions.resume(door(attempt), why="恢复供电", by=cast.city, now=now)
        assert fresh(attempt).deadline == folded(attempt)
    granted = sum(Intervention.objects.filter(attempt=attempt).values_list("seconds", flat=True))
    assert granted == (5 + 1 + 12 + 600 + 4) * 60 + 1 + 61 + 3600 + 0
    assert fresh(attempt).deadline == attempt.deadline + granted * SECOND
    assert list(problems_of(door(attempt))) == [(attempt.pk, [])]


def test_one_act_for_many_moves_each_by_its_own_pause(cast, room):
    first, second = build.begun(room, cast.officer), build.begun(room, cast.director)
    now = timezone.now()
    interventions.pause(door(first), why="设备故障", by=cast.city, now=now)
    interventions.pause(door(second), why="设备故障", by=cast.city, now=now + 40 * SECOND)
    interventions.resume(door(first, second), why="已修复", by=cast.city, now=now + 100 * SECOND)
    assert [fresh(a).deadline - a.deadline for a in (first, second)] == [100 * SECOND, 60 * SECOND]
    assert [fresh(a).deadline for a in (first, second)] == [folded(first), folded(second)]


def test_while_paused_nothing_is_taken_and_nothing_runs_out(cast, attempt):
    now = attempt.started_at + MINUTE
    say(attempt, 1, now)
    interventions.pause(door(attempt), why="疏散", by=cast.city, now=now)
    later = attempt.deadline + timedelta(hours=5)
    with pytest.raises(Waiting) as refused:
        say(attempt, 2, later)
    assert refused.value.why == "paused"
    with pytest.raises(Waiting):
        attempts.hand_in(build.own(attempt), attempt.pk, by=cast.officer, now=later)
    assert attempts.close_all_due(now=later) == 0
    interventions.resume(door(attempt), why="恢复", by=cast.city, now=later)
    assert fresh(attempt).deadline - later == attempt.deadline - now
    say(attempt, 2, later + MINUTE)
    assert attempt.responses.count() == 2


def test_a_clock_that_is_put_back_in_a_pause_takes_nothing(cast, attempt):
    now = timezone.now()
    interventions.pause(door(attempt), why="疏散", by=cast.city, now=now)
    interventions.resume(door(attempt), why="恢复", by=cast.city, now=now - 2 * SECOND)
    assert fresh(attempt).deadline == attempt.deadline == folded(attempt)


def test_time_granted_in_the_last_second_of_the_grace_is_time(cast, attempt):
    last = attempt.deadline + 60 * SECOND
    interventions.extend(door(attempt), minutes=5, why="断网", by=cast.city, now=last)
    say(attempt, 1, last + 4 * MINUTE)
    assert fresh(attempt).state == "in_progress"


def test_after_the_grace_nothing_can_be_granted_and_the_attempt_ends_at_its_deadline(cast, attempt):
    late = attempt.deadline + 61 * SECOND
    with pytest.raises(Refused, match="没有可以办理的"):
        interventions.extend(door(attempt), minutes=5, why="断网", by=cast.city, now=late)
    assert attempts.close_if_due(fresh(attempt), now=late).submitted_at == attempt.deadline
    assert Intervention.objects.count() == 0


def test_each_act_leaves_its_line_with_who_and_why(cast, attempt):
    interventions.extend(door(attempt), minutes=2, why="断网", by=cast.city)
    interventions.pause(door(attempt), why="疏散", by=cast.station)
    interventions.resume(door(attempt), why="归位", by=cast.admin)
    interventions.take_over(cast.officer, attempt.pk, device="d" * 32)
    assert lines(attempt, *interventions.ACTS.values()) == [
        ("attempt.extended", "冯城", {"seconds": 120, "why": "断网"}),
        ("attempt.paused", "周正", {"seconds": 0, "why": "疏散"}),
        ("attempt.resumed", "卫管", {"seconds": 1, "why": "归位"}),
        ("attempt.taken_over", "王雨晨", {}),
    ]
    assert list(Intervention.objects.order_by("number").values_list("number", "kind", "why", "by__name")) == [
        (1, "extended", "断网", "冯城"),
        (2, "paused", "疏散", "周正"),
        (3, "resumed", "归位", "卫管"),
        (4, "taken_over", "", "王雨晨"),
    ]
    assert set(interventions.ACTS) == set(Intervention.Kind)


@pytest.mark.parametrize("act", [interventions.pause, interventions.resume])
@pytest.mark.parametrize("why", ["", "  "])
def test_without_a_reason_nothing_is_done(cast, attempt, act, why):
    with pytest.raises(Refused, match="原因"):
        act(door(attempt), why=why, by=cast.city)
    assert Intervention.objects.count() == 0


@pytest.mark.parametrize("minutes", [0, -5, 601])
def test_time_is_granted_in_reasonable_amounts(cast, attempt, minutes):
    with pytest.raises(Refused, match="600"):
        interventions.extend(door(attempt), minutes=minutes, why="断网", by=cast.city)
    assert fresh(attempt).deadline == attempt.deadline


# --- late closing ----------------------------------------------------------------------------------------------------


def test_with_the_scheduler_stopped_for_an_hour_the_first_read_closes_and_the_job_changes_nothing(
    cast, attempt, as_user
):
    build.answer_right(attempt)
    deadline = build.move_clock(attempt, minutes=120).deadline
    assert as_user(cast.officer).get(f"/exams/attempts/{attempt.pk}/result/").status_code == 200
    closed = fresh(attempt)
    assert (closed.state, closed.ended_by, closed.submitted_at) == ("submitted", "deadline", deadline)
    told, results = AuditEvent.objects.count(), Result.objects.count()
    assert attempts.close_all_due() == 0
    again = fresh(attempt)
    assert {f.attname: getattr(again, f.attname) for f in Attempt._meta.concrete_fields} == {
        f.attname: getattr(closed, f.attname) for f in Attempt._meta.concrete_fields
    }
    assert (AuditEvent.objects.count(), Result.objects.count()) == (told, results)


def test_what_the_client_says_of_the_time_changes_nothing(cast, attempt, as_user):
    entries = build.sent(attempt, build.right_entries(attempt, 0.2))
    for entry in entries:
        entry["saved_at"] = entry["now"] = "2001-01-01T00:00:00Z"
    before = timezone.now()
    answer = as_user(cast.officer).post(
        f"/exams/attempts/{attempt.pk}/save/",
        {"entries": entries, "now": "2001-01-01T00:00:00Z"},
        content_type="application/json",
        HTTP_DATE="Mon, 01 Jan 2001 00:00:00 GMT",
    )
    stored = list(attempt.responses.values_list("saved_at", flat=True))
    assert answer.status_code == 200
    assert len(stored) == len(entries) == 3
    assert all(before <= at <= timezone.now() for at in stored)


# --- void and regrade ------------------------------------------------------------------------------------------------


@pytest.fixture
def finished(cast, attempt):
    build.make_scheme()
    return build.handed_in(attempt)


def rekey(monkeypatch, right):
    """Let the engine judge as if another key had been found right."""
    real = regrading.scoring.engine.judge

    def judge(*args, **kwargs):
        verdict = real(*args, **kwargs)
        return type(verdict)(**vars(verdict) | {"fraction": verdict.fraction.__class__(right)})

    monkeypatch.setattr(regrading.scoring.engine, "judge", judge)


def test_a_regrade_appends_the_next_result_and_keeps_the_first(cast, finished):
    first = finished.current_result
    done = regrading.regrade(finished, why="裁定第 3 题", by=cast.city)
    assert (done.result.number, done.result.points, done.result.why, done.result.scored_by) == (
        2,
        first.points,
        "裁定第 3 题",
        cast.city,
    )
    assert fresh(finished).current_result_id == done.result.pk
    assert list(
        Result.objects.filter(attempt=finished).order_by("number").values_list("number", flat=True)
    ) == [1, 2]
    assert Score.objects.filter(result=done.result).count() == Score.objects.filter(result=first).count()
    assert done.has_fallen is False
    assert [(a, who, d["why"], d["number"]) for a, who, d in lines(finished, "attempt.regraded")] == [
        ("attempt.regraded", "冯城", "裁定第 3 题", 2)
    ]
    # The same total says nothing new in the file, and one certificate stays one.
    assert RecordEntry.objects.filter(subject=f"attempt:{finished.pk}").count() == 1
    assert Certificate.objects.filter(attempt=finished).count() == 1
    assert list(problems_of(door(finished))) == [(finished.pk, [])]


def test_a_fall_below_the_cut_revokes_nothing_and_is_told(cast, finished, monkeypatch):
    rekey(monkeypatch, 0)
    done = regrading.regrade(finished, why="裁定", by=cast.city)
    assert (done.has_fallen, done.result.passed, done.result.points) == (True, False, 0)
    assert list(Certificate.objects.filter(attempt=finished).values_list("state", flat=True)) == ["in_force"]
    file = RecordEntry.objects.filter(subject=f"attempt:{finished.pk}").order_by("number")
    assert [(line.number, line.facts["passed"]) for line in file] == [(1, True), (2, False)]


def test_a_pass_by_regrade_earns_the_certificate_that_was_not_there(cast, attempt, monkeypatch):
    build.make_scheme()
    failed = build.handed_in(attempt, share=0.1)
    assert (failed.current_result.passed, Certificate.objects.count()) == (False, 0)
    rekey(monkeypatch, 1)
    assert regrading.regrade(failed, why="裁定", by=cast.city).result.passed is True
    assert Certificate.objects.filter(attempt=failed).count() == 1
    regrading.regrade(failed, why="再次裁定", by=cast.city)
    assert Certificate.objects.filter(attempt=failed).count() == 1


def test_a_regrade_of_a_result_that_is_not_known_makes_nothing_known(cast):
    room = build.make_session(cast, kind="spot_check")
    attempt = build.handed_in(build.begun(room, cast.officer))
    assert attempt.released_at is None
    regrading.regrade(attempt, why="裁定", by=cast.city)
    assert fresh(attempt).released_at is None
    assert RecordEntry.objects.filter(subject=f"attempt:{attempt.pk}").count() == 0


def test_a_regrade_asks_for_a_reason_and_for_a_finished_attempt(cast, attempt):
    with pytest.raises(Refused, match="已交卷"):
        regrading.regrade(attempt, why="裁定", by=cast.city)
    done = build.handed_in(attempt)
    with pytest.raises(Refused, match="原因"):
        regrading.regrade(done, why=" ", by=cast.city)
    interventions.void(done, why="代考", by=cast.city)
    with pytest.raises(Refused, match="未作废"):
        regrading.regrade(done, why="裁定", by=cast.city)
    assert Result.objects.count() == 1


def test_a_void_attempt_says_who_and_why_and_takes_nothing_any_more(cast, finished):
    interventions.void(finished, why="代考", by=cast.city)
    assert fresh(finished).state == "voided"
    assert [(who, d["why"]) for _a, who, d in lines(finished, "attempt.voided")] == [("冯城", "代考")]
    with pytest.raises(Closed):
        say(finished, 99)


def test_the_revisions_of_a_paper_are_not_touched_by_a_regrade(cast, finished):
    before = list(ItemRevision.objects.order_by("pk").values_list("pk", "number"))
    regrading.regrade(finished, why="裁定", by=cast.city)
    assert list(ItemRevision.objects.order_by("pk").values_list("pk", "number")) == before
