"""A pause of the hall and a proposal to terminate hold one clock: it runs on when neither does, with every second given back."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.transitions import Refused
from exams.actions import interventions, terminations
from exams.actions.attempts import Waiting, hand_in
from exams.actions.verifying import problems_of
from exams.models import Attempt, Intervention
from tests import build

MINUTE = timedelta(minutes=1)
STEPS = ("pause", "resume", "propose", "withdraw")
DEPTH = 6


@pytest.fixture
def attempt(cast):
    found = build.begun(build.make_session(cast), cast.officer)
    build.answer_right(found)
    return found


def fresh(attempt):
    return Attempt.objects.select_related("registration__session").get(pk=attempt.pk)


def is_whole(attempt):
    return list(problems_of(Attempt.objects.filter(pk=attempt.pk))) == [(attempt.pk, [])]


def state_of(attempt):
    """All that a step could change."""
    return (
        Attempt.objects.filter(pk=attempt.pk).values().get(),
        attempt.interventions.count(),
        attempt.terminations.count(),
    )


def do(step, cast, attempt, now):
    """One step of whoever supervises; the hall is the one who sits in it."""
    hall = Attempt.objects.filter(pk=attempt.pk)
    {
        "pause": lambda: interventions.pause(hall, why="疏散", by=cast.city, now=now),
        "resume": lambda: interventions.resume(hall, why="归位", by=cast.city, now=now),
        "propose": lambda: terminations.propose(attempt, why="夹带资料", by=cast.station, now=now),
        "withdraw": lambda: terminations.withdraw(attempt, why="误会", by=cast.city, now=now),
    }[step]()


class Model:
    """What must be so: who holds the clock, since when it stands, and the deadline."""

    def __init__(self, deadline, holds=frozenset(), since=None):
        self.deadline, self.holds, self.since = deadline, holds, since

    def after(self, step, now):
        """The model after a step, or None where there is nothing to do."""
        what, takes = {
            "pause": ("pause", True), "resume": ("pause", False),
            "propose": ("proposal", True), "withdraw": ("proposal", False),
        }[step]  # fmt: skip
        if (what in self.holds) == takes:
            return None
        holds = self.holds | {what} if takes else self.holds - {what}
        if holds:
            return Model(self.deadline, holds, self.since or now)
        return Model(self.deadline + (now - self.since), holds, None)


def test_in_every_order_the_clock_stands_while_one_of_them_holds_it_and_nothing_is_lost(cast, attempt):
    """All sequences of the four steps, six deep, a different number of seconds apart; what is refused changes nothing."""
    seen = set()

    def walk(model, now, path):
        seen.add((frozenset(model.holds), len(path)))
        if len(path) == DEPTH:
            assert is_whole(attempt), path
            return
        at = now + timedelta(seconds=7 + 5 * len(path))
        for step in STEPS:
            expected = model.after(step, at)
            try:
                with transaction.atomic():
                    if expected is None:
                        before = state_of(attempt)
                        with pytest.raises(Refused), transaction.atomic():
                            do(step, cast, attempt, at)
                        assert state_of(attempt) == before, (*path, step)
                    else:
                        do(step, cast, attempt, at)
                        now_is = fresh(attempt)
                        told = (now_is.deadline, now_is.paused_at, now_is.pause_called)
                        assert told == (expected.deadline, expected.since, "pause" in expected.holds), (*path, step)  # fmt: skip
                        walk(expected, at, (*path, step))
                    raise Undo
            except Undo:
                continue

    walk(Model(attempt.deadline), attempt.started_at + MINUTE, ())
    assert {holds for holds, _depth in seen} == {
        frozenset(), frozenset({"pause"}), frozenset({"proposal"}), frozenset({"pause", "proposal"}),
    }  # fmt: skip


class Undo(Exception):
    """Take a branch back."""


def test_withdrawing_in_a_paused_hall_does_not_let_her_run_on_before_the_others(cast, attempt):
    now = attempt.started_at + MINUTE
    do("propose", cast, attempt, now)
    do("pause", cast, attempt, now + MINUTE)
    do("withdraw", cast, attempt, now + 2 * MINUTE)
    assert fresh(attempt).paused_at == now
    with pytest.raises(Waiting):
        hand_in(cast.officer, attempt.pk, by=cast.officer, now=now + 3 * MINUTE)
    do("resume", cast, attempt, now + 5 * MINUTE)
    after = fresh(attempt)
    assert (after.paused_at, after.deadline) == (None, attempt.deadline + 5 * MINUTE)
    assert list(attempt.interventions.order_by("number").values_list("kind", "seconds")) == [
        ("paused", 0), ("pause_joined", 0), ("resumed", 300),
    ]  # fmt: skip


def test_resuming_the_hall_leaves_out_whoever_may_be_terminated_until_that_is_withdrawn(cast, attempt):
    other = build.begun(attempt.registration.session, cast.director)
    now = max(attempt.started_at, other.started_at) + MINUTE
    hall = Attempt.objects.filter(registration__session=attempt.registration.session)
    interventions.pause(hall, why="疏散", by=cast.city, now=now)
    do("propose", cast, attempt, now + MINUTE)
    done = interventions.resume(hall, why="归位", by=cast.city, now=now + 2 * MINUTE)
    assert [(one.pk, one.paused_at) for one in done] == [(attempt.pk, now), (other.pk, None)]
    assert (fresh(attempt).paused_at, fresh(other).deadline) == (now, other.deadline + 2 * MINUTE)
    with pytest.raises(Refused, match="先撤回建议"):
        interventions.resume(hall, why="归位", by=cast.city, now=now + 3 * MINUTE)
    do("withdraw", cast, attempt, now + 4 * MINUTE)
    assert (fresh(attempt).paused_at, fresh(attempt).deadline) == (None, attempt.deadline + 4 * MINUTE)
    assert is_whole(attempt) and is_whole(other)


@pytest.mark.parametrize("steps", [("propose",), ("pause", "propose"), ("propose", "pause"), ("pause", "propose", "resume")])  # fmt: skip
def test_a_confirmed_termination_ends_both(cast, attempt, steps):
    now = attempt.started_at + MINUTE
    for step in steps:
        do(step, cast, attempt, now)
    terminations.confirm(attempt, why="属实", by=cast.city, now=now + MINUTE)
    after = fresh(attempt)
    assert (after.state, after.paused_at, after.pause_called) == ("submitted", None, False)
    assert is_whole(attempt)


def test_the_table_knows_no_pause_with_a_running_clock(attempt):
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(pause_called=True)


def test_the_board_says_whose_clock_still_stands(cast, attempt, as_user):
    session = attempt.registration.session
    build.begun(session, cast.director)
    client, board = as_user(cast.city), reverse("exams:session_live_act", args=[session.code])
    said = {"whom": "all", "minutes": "", "why": "疏散", "q": ""}
    client.post(board, said | {"act": "pause", "confirmed": "1"})
    terminations.propose(attempt, why="夹带资料", by=cast.station)
    asked = client.post(board, said | {"act": "resume"}).content.decode()
    assert asked.count("终止建议待确认，计时仍停") == 1
    answer = client.post(board, said | {"act": "resume", "confirmed": "1"}, follow=True)
    assert [str(one) for one in answer.context["messages"]] == [
        "已为 2 名考生办理。",
        "其中 1 人有终止建议待确认，撤回或确认以前计时仍停。",
    ]
    assert Intervention.objects.filter(kind="pause_lifted").count() == 1


@pytest.mark.parametrize(
    ("steps", "is_called"),
    [(("pause",), True), (("propose",), False), (("pause", "propose"), True), (("propose", "withdraw", "pause"), True)],
)  # fmt: skip
def test_whoever_stood_still_before_there_were_two_hands_is_held_by_the_one_that_stopped_her(
    cast, attempt, steps, is_called
):
    for count, step in enumerate(steps):
        do(step, cast, attempt, attempt.started_at + MINUTE * (count + 1))
    Attempt.objects.update(pause_called=False)
    import_module("exams.migrations.0006_pauses_that_were_called").called(apps, None)
    assert fresh(attempt).pause_called is is_called
