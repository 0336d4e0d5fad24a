"""A candidate's device fails: the new one, on which she is signed in, goes on as soon as whoever supervises agrees."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import interventions, moving
from exams.actions.verifying import problems_of
from exams.devices import fingerprint
from exams.models import Attempt, MoveRequest
from exams.tests.test_two_pages import Page
from tests import build


@pytest.fixture
def hall(cast):
    return build.make_session(cast, is_held=True, counts={"single": 4})


@pytest.fixture
def attempt(cast, hall):
    now = timezone.now()
    type(hall).objects.filter(pk=hall.pk).update(go_at=now)
    registration = build.admitted(hall, cast.officer, arrived_at=now, code_at=now)
    registration.session.refresh_from_db()
    return build.attempts.start(registration, by=cast.officer, device=fingerprint("one"))


def asked(cast, attempt, cookie="two"):
    page = Page(cast.officer, attempt, cookie)
    page.client.post(reverse("exams:move_ask", args=[attempt.pk]))
    return page, MoveRequest.objects.order_by("pk").last()


def test_the_new_device_shows_a_code_and_goes_on_once_it_was_typed_on_the_board(cast, hall, attempt, as_user):
    old = Page(cast.officer, attempt)
    assert old.save("a") == 200
    new, wish = asked(cast, attempt)
    address = reverse("exams:sitting", args=[attempt.pk])
    text = new.client.get(address).content.decode()
    assert wish.code in text and "<svg" in text
    polled = new.client.get(address, headers={"HX-Request": "true"})
    assert (polled.status_code, new.save("b")) == (204, 423)
    desk = as_user(cast.city)
    found = desk.post(
        reverse("exams:session_move", args=[hall.code]), {"code": f" {wish.code[:3]} {wish.code[3:]}"}
    )
    assert "王雨晨" in desk.get(found.url).content.decode()
    assert desk.post(found.url).status_code == 302
    polled = new.client.get(address, headers={"HX-Request": "true"})
    assert polled.headers["HX-Redirect"] == address
    new.last = new.check()["last"]
    assert [new.save("b"), old.save("c")] == [200, 423]
    assert old.check()["elsewhere"] is True
    row = attempt.interventions.get()
    assert (row.kind, row.by, "王雨晨" in row.why, "冯城" in row.why) == ("taken_over", cast.city, True, True)
    line = AuditEvent.objects.get(action="attempt.taken_over")
    assert (line.actor_name, "王雨晨" in line.data["why"]) == ("冯城", True)
    assert list(problems_of(Attempt.objects.filter(pk=attempt.pk))) == [(attempt.pk, [])]
    desk.post(found.url)  # a second time changes nothing
    assert attempt.interventions.count() == 1


def test_in_a_held_session_she_cannot_move_by_herself_and_elsewhere_she_can(cast, attempt):
    new = Page(cast.officer, attempt, "two")
    assert new.take_over() == 302
    assert Attempt.objects.get(pk=attempt.pk).device == fingerprint("one")
    with pytest.raises(Refused, match="须经监考人员同意"):
        interventions.take_over(cast.officer, attempt.pk, device="b" * 32)
    assert "申请换到这台设备" in new.client.get(reverse("exams:sitting", args=[attempt.pk])).content.decode()


def test_a_wish_grows_old_and_of_several_devices_the_last_one_counts(cast, attempt):
    _page, first = asked(cast, attempt)
    _page, again = asked(cast, attempt)
    assert first == again
    with pytest.raises(Refused, match="已过期"):
        moving.agree(first, by=cast.city, now=first.at + moving.LASTS + timedelta(seconds=1))
    _page, second = asked(cast, attempt, "three")
    with pytest.raises(Refused, match="最新的换机码"):
        moving.agree(first, by=cast.city)
    moving.agree(second, by=cast.city)
    assert Attempt.objects.get(pk=attempt.pk).device == fingerprint("three")


def test_whose_attempt_is_over_moves_nowhere(cast, attempt):
    _page, wish = asked(cast, attempt)
    build.attempts.hand_in(cast.officer, attempt.pk, by=cast.officer)
    with pytest.raises(Refused, match="不能再换设备"):
        moving.agree(wish, by=cast.city)


@pytest.mark.parametrize("code", ["", "999999x", "12345"])
def test_a_wrong_code_is_said(cast, hall, attempt, as_user, code):
    asked(cast, attempt)
    answer = as_user(cast.city).post(
        reverse("exams:session_move", args=[hall.code]), {"code": code}, follow=True
    )
    assert "没有这个换机码" in answer.content.decode()


def test_a_wish_opens_nothing_to_a_stranger_or_with_another_code(cast, attempt, as_user):
    _page, wish = asked(cast, attempt)
    right, wrong = (reverse("exams:move", args=[wish.pk, code]) for code in (wish.code, "0"))
    assert as_user(cast.city).get(wrong).status_code == 404
    assert as_user(cast.station).get(right).status_code == 404
    stranger = Client()
    stranger.force_login(cast.stranger)
    assert stranger.post(reverse("exams:move_ask", args=[attempt.pk])).status_code == 404


# --- the page that waits ------------------------------------------------------------------------------------------------


def polled(page, attempt):
    """What the page that waits is told, without following where it is sent."""
    return page.client.get(reverse("exams:sitting", args=[attempt.pk]), headers={"HX-Request": "true"})


def aged(wish):
    """The wish, past its time; the table is append-only, so the limit comes nearer instead."""
    return timezone.now() - wish.at


def test_the_waiting_page_turns_when_its_code_has_expired_and_offers_to_ask_anew(cast, attempt, monkeypatch):
    new, wish = asked(cast, attempt)
    assert polled(new, attempt).status_code == 204
    monkeypatch.setattr(moving, "LASTS", aged(wish))
    answer = polled(new, attempt)
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (200, "true")
    text = new.client.get(reverse("exams:sitting", args=[attempt.pk])).content.decode()
    assert "申请换到这台设备" in text and "hx-trigger" not in text.split("<main")[1]


def test_the_waiting_page_turns_when_another_device_asked_or_went_on(cast, attempt):
    two, _first = asked(cast, attempt, "two")
    three, wish = asked(cast, attempt, "three")
    assert polled(two, attempt).headers["HX-Refresh"] == "true"
    assert polled(three, attempt).status_code == 204
    moving.agree(wish, by=cast.city)
    assert polled(three, attempt).headers["HX-Redirect"] == reverse("exams:sitting", args=[attempt.pk])
    assert "申请换到这台设备" in two.client.get(reverse("exams:sitting", args=[attempt.pk])).content.decode()


def test_the_waiting_page_turns_to_the_result_when_the_attempt_is_over(cast, attempt):
    new, _wish = asked(cast, attempt)
    build.attempts.hand_in(cast.officer, attempt.pk, by=cast.officer)
    assert polled(new, attempt).headers["HX-Redirect"] == reverse("exams:result", args=[attempt.pk])
