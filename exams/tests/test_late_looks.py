"""What comes late, early, twice or at the wrong moment: each story is a defect that a reviewer found."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.transitions import Refused
from exams.actions import attempts, interventions, papers, saving, scoring
from exams.actions.attempts import Behind, Closed, Entry, Waiting
from exams.models import Attempt, Intervention, Response
from exams.queries import papers as paper_queries
from exams.views import pulse
from tests import build

MINUTE = timedelta(minutes=1)


@pytest.fixture
def room(cast):
    return build.make_session(cast, counts={"truefalse": 4}, grace_seconds=60)


@pytest.fixture
def attempt(cast, room):
    return build.begun(room, cast.officer)


def door(*attempts):
    return Attempt.objects.filter(pk__in=[a.pk for a in attempts])


def seen(attempt):
    return Attempt.objects.select_related("registration__session").get(pk=attempt.pk)


def say(attempt, number=1, value=True, now=None):
    return attempts.save(build.own(attempt), attempt.pk, [Entry(number, 1, {"value": value})], now=now)


def post(as_user, attempt, act, **body):
    client = as_user(build.own(attempt))
    return client.post(
        f"/exams/attempts/{attempt.pk}/{act}/", json.dumps(body), content_type="application/json"
    )


# --- Whoever looks late ------------------------------------------------------------------------------------------------


def test_who_found_it_overdue_before_time_was_granted_does_not_close_it(cast, attempt):
    looked, late = seen(attempt), attempt.deadline + 5 * MINUTE
    interventions.extend(door(attempt), minutes=30, why="停电", by=cast.city, now=attempt.deadline)
    assert attempts.close_if_due(looked, now=late).state == "in_progress"
    assert seen(attempt).state == "in_progress"


def test_who_found_it_overdue_before_it_was_paused_gets_no_error(cast, attempt):
    looked, late = seen(attempt), attempt.deadline + 5 * MINUTE
    interventions.pause(door(attempt), why="停电", by=cast.city, now=attempt.deadline)
    assert attempts.close_if_due(looked, now=late).state == "in_progress"


def test_one_that_cannot_be_closed_keeps_no_other_waiting(cast, room, attempt, monkeypatch):
    other = build.begun(room, cast.director)
    honest = scoring.score

    def score(one, *args, **more):
        if one.pk == attempt.pk:
            raise ValueError("broken item")
        return honest(one, *args, **more)

    monkeypatch.setattr(scoring, "score", score)
    late = attempt.deadline + 5 * MINUTE
    assert attempts.close_all_due(now=late) == 1
    assert [seen(one).state for one in (attempt, other)] == ["in_progress", "submitted"]


def test_one_that_cannot_be_closed_takes_nobody_the_time_that_is_granted(cast, room, attempt, monkeypatch):
    other = build.begun(room, cast.director)
    build.move_clock(attempt, minutes=120)
    before = seen(other).deadline

    def score(one, *args, **more):
        raise ValueError("broken item")

    monkeypatch.setattr(scoring, "score", score)
    interventions.extend(door(attempt, other), minutes=10, why="停电", by=cast.city)
    assert seen(other).deadline == before + 10 * MINUTE
    assert seen(attempt).state == "in_progress"


# --- What comes too late, or twice -----------------------------------------------------------------------------------------


def test_a_hand_in_that_is_too_late_and_cannot_be_read_ends_the_attempt_all_the_same(attempt):
    late = attempt.deadline + 5 * MINUTE
    with pytest.raises(Closed):
        attempts.hand_in(
            build.own(attempt),
            attempt.pk,
            by=build.own(attempt),
            entries=[Entry(1, 1, {"options": 7})],
            now=late,
        )
    assert seen(attempt).state == "submitted"


def test_an_answer_whose_acknowledgement_was_lost_is_acknowledged_after_the_end_as_well(attempt):
    first = say(attempt)
    attempts.hand_in(build.own(attempt), attempt.pk, by=build.own(attempt))
    assert say(attempt) == first
    with pytest.raises(Closed):
        say(attempt, value=False)
    with pytest.raises(Closed):
        attempts.save(build.own(attempt), attempt.pk, [])
    assert Response.objects.filter(attempt=attempt).count() == 1


def test_a_hand_in_is_acknowledged_with_the_head_of_the_chain(as_user, attempt):
    entries = build.sent(attempt, [Entry(1, 1, {"value": True}), Entry(2, 2, {"value": False})])
    told = [post(as_user, attempt, "hand-in", entries=entries).json() for _twice in range(2)]
    last = Response.objects.filter(attempt=attempt).order_by("number").last()
    assert told == [{"state": "submitted", "last": 2, "head": last.link}] * 2


def test_a_page_whose_clock_ran_ahead_hands_in_nothing_before_the_time(as_user, attempt):
    entries = build.sent(attempt, [Entry(1, 1, {"value": True})])
    answer = post(as_user, attempt, "hand-in", entries=entries, auto=True)
    told = answer.json()
    assert (answer.status_code, told["state"]) == (423, "early")
    assert told["deadline"] == int(attempt.deadline.timestamp() * 1000)
    assert (seen(attempt).state, Response.objects.filter(attempt=attempt).count()) == ("in_progress", 0)
    build.move_clock(attempt, minutes=60)
    assert post(as_user, attempt, "hand-in", entries=entries, auto=True).json()["state"] == "submitted"
    assert (seen(attempt).ended_by, Response.objects.filter(attempt=attempt).count()) == ("deadline", 1)


# --- The order of things ---------------------------------------------------------------------------------------------------


def test_an_answer_that_came_in_time_bears_no_time_after_the_grace(attempt, monkeypatch):
    latest = attempt.deadline + MINUTE
    times = iter(
        [latest, latest + timedelta(seconds=9)]
    )  # it came in the last moment and waited for the lock
    monkeypatch.setattr(timezone, "now", lambda: next(times, latest))
    say(attempt)
    assert Response.objects.get(attempt=attempt).saved_at == latest


def test_a_retake_has_another_paper_although_papers_were_added_meanwhile(cast):
    room = build.make_session(cast, "growing", counts={"truefalse": 4}, papers_wanted=3, max_attempts=9)
    registration, had = build.admitted(room, cast.officer), []
    for wanted in (3, 4, 6, 6, 6, 6):
        room.papers_wanted = wanted
        room.save(update_fields=["papers_wanted"])
        papers.top_up(room.pk)
        attempt = attempts.start(registration, by=None)
        had.append(attempt.paper_id)
        attempts.hand_in(cast.officer, attempt.pk, by=cast.officer)
    assert len(set(had)) == len(had)


def test_papers_share_what_they_have_in_common(room):
    one, other = (paper_queries.outline(pk).places for pk in room.papers.values_list("pk", flat=True)[:2])
    assert {id(place) for place in one} == {id(place) for place in other}


# --- The pulse -------------------------------------------------------------------------------------------------------------


def test_whatever_sessions_are_asked_for_the_pulse_looks_once_in_its_while(
    client, attempt, django_assert_num_queries
):
    with django_assert_num_queries(3):  # what was done to attempts, who came to a door, who may begin
        assert {client.get(f"/pulse/{n}/").content for n in range(1, 60)} == {b'{"changed": {}}'}


def test_of_very_many_the_pulse_tells_only_that_something_was_done(cast, client, room, attempt, monkeypatch):
    session = attempt.registration.session_id
    interventions.extend(door(attempt), minutes=5, why="停电", by=cast.city)
    assert client.get(f"/pulse/{session}/").json() == {"changed": {str(attempt.pk): 1}}
    monkeypatch.setattr(pulse, "MOST_NAMED", 1)
    pulse.forget()
    other = build.begun(room, cast.director)
    interventions.extend(door(attempt, other), minutes=5, why="停电", by=cast.city)
    newest = Intervention.objects.order_by("pk").last().pk
    assert client.get(f"/pulse/{session}/").json() == {"changed": {}, "all": newest}


def test_nothing_can_be_done_where_nothing_runs(cast, attempt):
    attempts.hand_in(build.own(attempt), attempt.pk, by=None)
    with pytest.raises(Refused, match="没有可以办理的"):
        interventions.extend(door(attempt), minutes=5, why="停电", by=cast.city)
    with pytest.raises(Waiting) as paused:
        other = build.begun(attempt.registration.session, cast.director)
        interventions.pause(door(other), why="停电", by=cast.city)
        say(other)
    assert paused.value.why == "paused"


def test_a_plain_form_that_another_page_overtook_is_saved_after_it(as_user, attempt, monkeypatch):
    honest, raced = attempts.save, []

    def save(candidate, pk, entries, **more):
        if not raced:
            raced.append(honest(candidate, pk, [Entry(1, 2, {"value": True})]))
        return honest(candidate, pk, entries, **more)

    monkeypatch.setattr(attempts, "save", save)
    form = {"position": ["1"], "q1/value": "true", "go": "2"}
    answer = as_user(build.own(attempt)).post(f"/exams/attempts/{attempt.pk}/save/", form)
    assert answer["Location"] == f"/exams/attempts/{attempt.pk}/?q=2"
    rows = Response.objects.filter(attempt=attempt).order_by("number")
    assert list(rows.values_list("number", "position", "payload")) == [
        (1, 2, {"value": True}),
        (2, 1, {"value": True}),
    ]


# --- What happens between the look of a save and its statement ---------------------------------------------------------


def paused(cast, attempt):
    interventions.pause(door(attempt), why="停电", by=cast.city)


def paused_and_resumed(cast, attempt):
    paused(cast, attempt)
    interventions.resume(door(attempt), why="来电", by=cast.city, now=timezone.now() + MINUTE)


def granted(cast, attempt):
    interventions.extend(door(attempt), minutes=5, why="停电", by=cast.city)


def taken_over(cast, attempt):
    interventions.take_over(build.own(attempt), attempt.pk, device="the other one")


def handed_in(cast, attempt):
    attempts.hand_in(build.own(attempt), attempt.pk, by=None)


def saved_elsewhere(cast, attempt):
    say(attempt, number=1, value=False)


@pytest.mark.parametrize(
    ("happens", "outcome"),
    [
        (paused, Waiting),
        (paused_and_resumed, 1),
        (granted, 1),
        (taken_over, Waiting),
        (handed_in, Closed),
        (saved_elsewhere, Behind),
    ],
)
def test_a_save_notices_what_happened_after_its_look(cast, attempt, monkeypatch, happens, outcome):
    Attempt.objects.filter(pk=attempt.pk).update(device="mine")
    honest, looks = saving.Running.take, []

    def take(running, responses):
        if not looks:
            looks.append(running)
            monkeypatch.setattr(saving.Running, "take", honest)
            happens(cast, attempt)
            monkeypatch.setattr(saving.Running, "take", take)
        return honest(running, responses)

    monkeypatch.setattr(saving.Running, "take", take)
    before = 1 if happens is saved_elsewhere else 0

    def save():
        entry = Entry(1, 1, {"value": True})
        return attempts.save(build.own(attempt), attempt.pk, [entry], device="mine")

    if isinstance(outcome, type):
        with pytest.raises(outcome):
            save()
        assert Response.objects.filter(attempt=attempt).count() == before
    else:
        told = save()
        assert Response.objects.filter(attempt=attempt).count() == outcome
        assert told.deadline == seen(attempt).deadline > attempt.deadline
    assert looks
