"""Thirteen stories of one attempt that is open in more than one place: what is refused never overwrites, what is accepted stands in the chain."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Post
from exams.actions import interventions, regrading, sessions
from exams.actions.verifying import problems_of
from exams.devices import COOKIE, fingerprint
from exams.models import Attempt, ExamSession, Response, Result
from exams.queries import papers
from tests import build


class Page:
    """A page of the attempt in some browser: it counts its own numbers, as the script does."""

    def __init__(self, user, attempt, cookie="one"):
        self.client, self.attempt, self.last = Client(), attempt, 0
        self.client.force_login(user)
        self.client.cookies[COOKIE] = cookie

    def _post(self, what, entries):
        body = json.dumps({"entries": build.sent(self.attempt, entries)})
        address = f"/exams/attempts/{self.attempt.pk}/{what}/"
        return self.client.post(address, body, content_type="application/json")

    def entry(self, option, position=1):
        self.last += 1
        return build.attempts.Entry(self.last, position, {"options": [option]})

    def save(self, option, position=1):
        answer = self._post("save", [self.entry(option, position)])
        if answer.status_code == 409:
            self.last = answer.json()["last"]
        return answer.status_code

    def send(self, entry, what="save"):
        return self._post(what, [entry])

    def hand_in(self, *entries):
        return self._post("hand-in", entries).status_code

    def take_over(self):
        return self.client.post(f"/exams/attempts/{self.attempt.pk}/take-over/").status_code

    def check(self):
        return self.client.get(f"/exams/attempts/{self.attempt.pk}/check/").json()


@pytest.fixture
def room(cast):
    return build.make_session(cast, max_attempts=2, counts={"single": 4})


@pytest.fixture
def attempt(cast, room):
    return build.attempts.start(
        build.admitted(room, cast.officer), by=cast.officer, device=fingerprint("one")
    )


@pytest.fixture
def page(cast, attempt):
    def opened(cookie="one"):
        return Page(cast.officer, attempt, cookie)

    return opened


def said(attempt):
    """Every answer in the order of the chain, after the chain was recomputed."""
    assert list(problems_of(Attempt.objects.filter(pk=attempt.pk))) == [(attempt.pk, [])]
    rows = Response.objects.filter(attempt=attempt).order_by("number")
    return [(row.number, row.position, row.payload["options"][0]) for row in rows]


def test_01_two_tabs_one_after_the_other_the_later_answer_counts(attempt, page):
    first, second = page(), page()
    assert first.save("a") == 200
    assert second.save("b") == 409  # it counted from an old view
    assert second.save("b") == 200
    assert said(attempt) == [(1, 1, "a"), (2, 1, "b")]


def test_02_two_tabs_with_the_same_number_the_second_does_not_overwrite(attempt, page):
    first, second = page(), page()
    assert [first.save("a"), second.save("c")] == [200, 409]
    assert said(attempt) == [(1, 1, "a")]


def test_03_a_repeated_send_from_the_same_tab_changes_nothing(attempt, page):
    one = page()
    assert one.save("a") == 200
    one.last = 0
    assert one.save("a") == 200
    assert said(attempt) == [(1, 1, "a")]


def test_04_a_second_device_only_reads_until_it_takes_over(attempt, page):
    first, second = page(), page("two")
    assert [first.save("a"), second.save("b"), second.hand_in()] == [200, 423, 423]
    assert second.check()["elsewhere"] is True
    assert said(attempt) == [(1, 1, "a")]


def test_05_a_takeover_makes_the_other_device_read_only(attempt, page):
    first, second = page(), page("two")
    assert [first.save("a"), second.take_over()] == [200, 302]
    second.last = second.check()["last"]
    assert [first.save("d"), first.hand_in(), second.save("b")] == [423, 423, 200]
    assert said(attempt) == [(1, 1, "a"), (2, 1, "b")]


def test_06_back_and_forth_between_two_devices_each_answer_stands_once(attempt, page):
    devices = [page(), page("two")]
    for turn in range(6):
        mine, other = devices[turn % 2], devices[1 - turn % 2]
        mine.take_over()
        mine.last = mine.check()["last"]
        assert (mine.save("abcd"[turn % 4]), other.save("d")) == (200, 423)
    assert said(attempt) == [(n + 1, 1, "abcd"[n % 4]) for n in range(6)]
    assert attempt.interventions.count() == 5  # the first press was on the device that answered anyway


def test_07_a_stale_page_of_an_attempt_that_was_handed_in_elsewhere_is_refused(attempt, page):
    first, stale = page(), page()
    assert [first.save("a"), first.hand_in()] == [200, 200]
    stale.last = 1
    assert [stale.save("b"), stale.hand_in(stale.entry("c"))] == [410, 410]
    assert said(attempt) == [(1, 1, "a")]


def test_08_a_finished_attempt_refuses_every_write_from_everywhere(cast, attempt, page):
    one = page()
    assert [one.save("a"), one.hand_in()] == [200, 200]
    rows = (
        Attempt.objects.filter(pk=attempt.pk).values().get(),
        Response.objects.count(),
        Result.objects.count(),
    )
    for place in (page(), page("two"), Page(cast.stranger, attempt)):
        place.last = 1
        foreign = place.client.session["_auth_user_id"] == str(cast.stranger.pk)
        assert place.save("b") == (404 if foreign else 410)
        assert place.hand_in(place.entry("b")) == (404 if foreign else 410)
        assert place.take_over() == (404 if foreign else 302)
    door = Attempt.objects.filter(pk=attempt.pk)
    for act in (interventions.pause, interventions.resume):
        with pytest.raises(interventions.Refused):
            act(door, why="试", by=cast.city)
    with pytest.raises(interventions.Refused):
        interventions.extend(door, minutes=1, why="试", by=cast.city)
    assert rows == (door.values().get(), Response.objects.count(), Result.objects.count())
    assert attempt.interventions.count() == 0


def test_09_a_pause_in_between_refuses_the_tab_that_did_not_know_and_its_answer_comes_after_the_resume(
    cast, attempt, page
):
    one, door = page(), Attempt.objects.filter(pk=attempt.pk)
    assert one.save("a") == 200
    interventions.pause(door, why="疏散", by=cast.city)
    assert [one.save("b"), one.hand_in()] == [423, 423]
    assert one.check()["paused"] is True
    interventions.resume(door, why="归位", by=cast.city)
    one.last = 1
    assert one.save("b") == 200
    assert said(attempt) == [(1, 1, "a"), (2, 1, "b")]


def test_10_time_granted_at_the_desk_is_time_for_a_page_that_does_not_know_of_it(
    cast, room, attempt, page, client, monkeypatch
):
    one = page()
    other = Page(
        cast.director,
        build.attempts.start(
            build.admitted(room, cast.director), by=cast.director, device=fingerprint("one")
        ),
    )
    client.force_login(cast.city)
    said_at_the_desk = {"act": "extend", "minutes": 30, "whom": "ticked", "why": "断网", "confirmed": "1"}
    desk = f"/exams/manage/{room.code}/live/act/"
    assert client.post(desk, said_at_the_desk | {"attempts": [attempt.pk]}).status_code == 302
    late = attempt.deadline + timedelta(minutes=20)
    monkeypatch.setattr(timezone, "now", lambda: late)
    assert [one.save("a"), other.save("a")] == [200, 410]
    rows = Response.objects.values_list("attempt", "number", "saved_at")
    assert list(rows) == [(attempt.pk, 1, late)]
    assert said(attempt) == [(1, 1, "a")]


def end_the_post(cast, room):
    Post.objects.filter(person=cast.officer).update(ended_on=timezone.localdate())
    return f"报名时的任职已于 {timezone.localdate()} 结束。"


def cancel_the_session(cast, room):
    sessions.cancel(room, by=cast.city, why="改期")
    return "该场次尚未发布或已结束。"


def use_up_the_attempts(cast, room):
    ExamSession.objects.filter(pk=room.pk).update(max_attempts=1)
    return "最多可考 1 次，已全部用完。"


@pytest.mark.parametrize("suspend", [end_the_post, cancel_the_session, use_up_the_attempts])
def test_11_what_suspends_a_candidate_stops_the_next_start_and_no_running_write(
    cast, room, attempt, page, suspend
):
    """What suspends a candidate is asked at every start. Whoever sits already goes on to her own end: she cannot have known, her
    answers may be needed to decide about her, and the verdict can still be voided; to stop at once there is the pause."""
    one, start = page(), f"/exams/sessions/{room.code}/start/"
    reason = suspend(cast, room)
    again = one.client.post(start)  # while she sits it leads back to her page
    assert (again.status_code, again.url) == (302, f"/exams/attempts/{attempt.pk}/")
    assert [one.save("a"), one.save("b"), one.hand_in()] == [200, 200, 200]
    refused = one.client.post(start, follow=True)
    assert refused.redirect_chain == [(f"/exams/sessions/{room.code}/", 302)]
    assert (refused.status_code, [str(line) for line in refused.context["messages"]]) == (200, [reason])
    assert list(Attempt.objects.values_list("pk", "state")) == [(attempt.pk, "submitted")]
    assert said(attempt) == [(1, 1, "a"), (2, 1, "b")]


def test_12_a_regrade_from_the_desk_does_not_reopen_what_a_stale_page_wants_to_write(cast, attempt, page):
    one, stale = page(), page()
    assert [one.save("a"), one.hand_in()] == [200, 200]
    regrading.regrade(attempt, why="裁定", by=cast.city)
    stale.last = 1
    assert [stale.save("b"), stale.hand_in(stale.entry("b"))] == [410, 410]
    assert said(attempt) == [(1, 1, "a")]
    assert list(Result.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert len(papers.places(attempt.paper)) == 4


def test_13_a_device_that_comes_back_with_an_older_unsent_answer_is_told_where_to_count_on_and_overwrites_nothing(
    attempt, page
):
    first, second = page(), page("two")
    assert first.save("a") == 200
    unsent = first.entry("b")  # the line is broken; it stays on the device
    assert second.take_over() == 302
    second.last = second.check()["last"]
    assert [second.save("c"), second.save("d")] == [200, 200]
    assert first.send(unsent).status_code == 423  # it is not the one that answers
    assert first.take_over() == 302
    for what in ("save", "hand-in"):
        answer = first.send(unsent, what)
        assert (answer.status_code, answer.json()["last"]) == (409, 3)
    assert said(attempt) == [(1, 1, "a"), (2, 1, "c"), (3, 1, "d")]
    assert Attempt.objects.get().state == "in_progress"
    first.last = 3  # what she says now counts on from there
    assert first.save("b") == 200
    assert said(attempt) == [(1, 1, "a"), (2, 1, "c"), (3, 1, "d"), (4, 1, "b")]
