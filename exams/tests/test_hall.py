"""A held session: who came, the code on the wall, and everybody begins at one word."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Post, User
from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import arrivals, attempts
from exams.actions.arrivals import Note
from exams.engine import startcode
from exams.models import Arrival, Attempt, Registration
from exams.queries import arrivals as queries
from exams.views import pulse
from tests import build

Kind = Arrival.Outcome


@pytest.fixture
def hall(cast):
    return build.make_session(cast, is_held=True)


@pytest.fixture
def admitted(cast, hall):
    return build.admitted(hall, cast.officer)


def code_of(session, now=None):
    return startcode.code(arrivals.secret_of(session), startcode.window(now or timezone.now()))


def noted(session, registration, cast, outcome=Kind.PRESENT, **more):
    device = more.pop("device", "")
    return arrivals.note(
        session, [Note(uuid4(), registration.pk, outcome, **more)], by=cast.city, device=device
    )


def fresh(registration):
    return Registration.objects.select_related("session").get(pk=registration.pk)


def at(name, session, *more):
    return reverse(f"exams:{name}", args=[session.code, *more])


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def test_nobody_begins_before_she_is_here_has_typed_the_code_and_everybody_may(cast, hall, admitted):
    for sentence, then in (
        ("签到", lambda: noted(hall, admitted, cast)),
        ("口令", lambda: arrivals.enter(fresh(admitted), code_of(hall), by=cast.officer)),
        ("等候", lambda: arrivals.go(hall, by=cast.city)),
    ):
        with pytest.raises(Refused, match=sentence):
            attempts.start(admitted, by=cast.officer)
        assert not Attempt.objects.exists()
        then()
    assert attempts.start(admitted, by=cast.officer).state == Attempt.State.IN_PROGRESS


def test_whoever_comes_late_begins_when_she_has_come(cast, hall, admitted):
    arrivals.go(hall, by=cast.city)
    noted(hall, admitted, cast, Kind.LATE)
    arrivals.enter(fresh(admitted), code_of(hall), by=cast.officer)
    assert attempts.start(admitted, by=cast.officer).pk


@pytest.mark.parametrize(
    ("outcome", "lets_in"), [("present", True), ("late", True), ("absent", False), ("substitute", False)]
)
def test_what_was_noted_last_decides_whether_she_may_begin(cast, hall, admitted, outcome, lets_in):
    noted(hall, admitted, cast, Kind.SUBSTITUTE if lets_in else Kind.PRESENT, why="照片不是本人")
    noted(hall, admitted, cast, outcome, why="再次核对")
    assert bool(fresh(admitted).arrived_at) is lets_in


def test_a_note_that_arrives_late_does_not_outdo_one_that_was_made_after_it(cast, hall, admitted):
    """A tablet without network took her in at nine; another one turned her away at ten past and told it at once."""
    nine = timezone.now() - timedelta(minutes=30)
    noted(
        hall,
        admitted,
        cast,
        Kind.SUBSTITUTE,
        noted_at=nine + timedelta(minutes=10),
        why="照片不符",
        device="B",
    )
    noted(hall, admitted, cast, Kind.PRESENT, noted_at=nine, device="A")
    assert fresh(admitted).arrived_at is None
    (row,) = queries.rows_of(hall)
    assert row.standing == "substitute"
    assert row.is_doubled
    assert len(row.notes) == 2


def test_somebody_who_is_not_herself_needs_a_reason_and_is_kept_with_it(cast, hall, admitted):
    with pytest.raises(Refused, match="身份不符"):
        noted(hall, admitted, cast, Kind.SUBSTITUTE)
    assert not Arrival.objects.exists()
    noted(hall, admitted, cast, Kind.SUBSTITUTE, why="证件照片不是本人")
    event = AuditEvent.objects.get(action="arrival.noted")
    assert (event.actor_id, event.data["outcome"], event.data["why"]) == (
        cast.city.pk,
        "substitute",
        "证件照片不是本人",
    )


def test_a_note_that_is_sent_again_is_kept_once(cast, hall, admitted):
    note = Note(uuid4(), admitted.pk, Kind.PRESENT)
    for _time in range(3):
        arrivals.note(hall, [note, note], by=cast.city)
    assert Arrival.objects.count() == 1


def test_a_clock_that_runs_ahead_is_not_believed(cast, hall, admitted):
    now = timezone.now()
    noted(hall, admitted, cast, noted_at=now + timedelta(days=300))
    assert Arrival.objects.get().noted_at - now < timedelta(minutes=1)


def test_who_came_to_the_wrong_room_is_noted_here_and_may_still_sit_there(cast, hall):
    other = build.make_session(cast, "other", exam=hall.exam, is_held=True)
    elsewhere = build.admitted(other, cast.officer)
    noted(hall, elsewhere, cast, Kind.PRESENT)
    assert [n.registration for n in queries.strangers(hall)] == [elsewhere]
    assert fresh(elsewhere).arrived_at is None
    noted(other, elsewhere, cast)
    assert fresh(elsewhere).arrived_at
    with pytest.raises(Refused, match="本场次"):
        noted(other, elsewhere, cast, Kind.WRONG_SESSION)


def test_a_session_that_is_not_held_has_no_door(cast, as_user):
    room = build.make_session(cast)
    registration = build.admitted(room, cast.officer)
    with pytest.raises(Refused, match="不在现场签到"):
        noted(room, registration, cast)
    with pytest.raises(Refused, match="不需要现场放行"):
        arrivals.go(room, by=cast.city)
    assert as_user(cast.city).get(at("hall", room)).status_code == 404
    assert attempts.start(registration, by=cast.officer).pk


def test_everybody_is_let_go_once_and_not_before_it_opens(cast, hall):
    early = build.make_session(cast, "early", exam=hall.exam, is_held=True, opens=30)
    with pytest.raises(Refused, match="开考时间为"):
        arrivals.go(early, by=cast.city)
    arrivals.go(hall, by=cast.city)
    with pytest.raises(Refused, match="已于"):
        arrivals.go(hall, by=cast.city)
    assert AuditEvent.objects.filter(action="session.let_go").count() == 1


# --- The code ---------------------------------------------------------------------------------------------------------


def test_five_wrong_codes_lock_for_five_minutes_and_are_written_down(cast, hall, admitted, as_user):
    client = as_user(cast.officer)
    for _time in range(5):
        answer = client.post(at("enter", hall), {"code": "222222"}, follow=True)
        assert "口令不对" in told(answer)[0]
    answer = client.post(at("enter", hall), {"code": code_of(hall)}, follow=True)
    assert "5 分钟后再试" in told(answer)[0]
    assert AuditEvent.objects.filter(action="arrival.code_refused", outcome="refused").count() == 5
    later = timezone.now() + timedelta(minutes=6)
    arrivals.enter(fresh(admitted), code_of(hall, later), by=cast.officer, now=later)
    assert fresh(admitted).code_at


def test_the_code_is_of_this_session_and_of_this_minute(cast, hall, admitted):
    other = build.make_session(cast, "other", exam=hall.exam, is_held=True)
    now = timezone.now()
    for wrong in (code_of(other), code_of(hall, now - timedelta(minutes=3))):
        with pytest.raises(Refused):
            arrivals.enter(fresh(admitted), wrong, by=cast.officer, now=now)
    assert fresh(admitted).code_at is None


def test_no_page_of_a_candidate_tells_the_code(cast, hall, admitted, as_user):
    client = as_user(cast.officer)
    for address in (at("session", hall), at("waiting", hall), reverse("exams:mine"), f"/pulse/{hall.pk}/"):
        assert code_of(hall) not in client.get(address).content.decode()
    assert code_of(hall) in as_user(cast.city).get(at("hall_screen", hall)).content.decode()


# --- The pages --------------------------------------------------------------------------------------------------------


def send(client, session, *notes, device="A3F9"):
    body = {
        "device": device,
        "notes": [
            {"key": str(uuid4()), "outcome": "present", "how": "list", "at": timezone.now().isoformat()}
            | note
            for note in notes
        ],
    }
    return client.post(at("hall_notes", session), json.dumps(body), content_type="application/json")


def test_the_list_takes_what_a_device_kept_and_says_where_everybody_stands(cast, hall, admitted, as_user):
    client = as_user(cast.city)
    answer = send(client, hall, {"registration": admitted.pk}).json()
    assert len(answer["kept"]) == 1
    assert answer["rows"][str(admitted.pk)]["standing"] == "present"
    assert client.get(at("hall_notes", hall)).json()["rows"][str(admitted.pk)]["label"] == "到场"


@pytest.mark.parametrize(
    "wrong",
    [
        {"registration": "1"},
        {"registration": True},
        {"registration": 2**70},
        {"key": "no-uuid"},
        {"at": "yesterday"},
        {"at": "2026-11-26T09:00:00"},
        {"registration": 999_999},
        {"why": "迟到\0"},
    ],
)
def test_what_cannot_be_read_is_refused_whole(cast, hall, admitted, as_user, wrong):
    answer = send(
        as_user(cast.city), hall, {"registration": admitted.pk}, {"registration": admitted.pk} | wrong
    )
    assert answer.status_code == 400
    assert not Arrival.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "{", "null", '{"notes": 7}', '{"notes": [7]}', "[" * 100_000])
def test_a_body_that_is_no_list_of_notes_is_refused(cast, hall, as_user, body):
    answer = as_user(cast.city).post(at("hall_notes", hall), body, content_type="application/json")
    assert answer.status_code == 400


def test_a_stranger_is_noted_by_her_pass_and_by_no_made_up_one(cast, hall, as_user):
    other = build.make_session(cast, "other", exam=hall.exam, is_held=True)
    elsewhere = build.admitted(other, cast.officer)
    client = as_user(cast.city)
    assert send(client, hall, {"registration": elsewhere.pk, "pass": "0" * 16}).status_code == 400
    assert (
        send(client, hall, {"registration": elsewhere.pk, "pass": queries.pass_of(elsewhere.pk)}).status_code
        == 200
    )
    assert queries.strangers(hall).count() == 1


def test_a_pass_opens_only_for_who_runs_the_session(cast, hall, admitted, as_user):
    address = reverse("exams:arrive", args=[admitted.pk, queries.pass_of(admitted.pk)])
    page = as_user(cast.city).get(address)
    assert cast.officer.name in page.content.decode()
    assert page.status_code == 200
    assert as_user(cast.district).get(address).status_code == 404
    assert as_user(cast.officer).get(address).status_code == 403
    forged = reverse("exams:arrive", args=[admitted.pk, "0" * 16])
    assert as_user(cast.city).get(forged).status_code == 404


def test_a_plain_form_notes_as_well(cast, hall, admitted, as_user):
    client = as_user(cast.city)
    answer = client.post(
        at("hall_note", hall, admitted.pk), {"outcome": "absent", "why": "请假"}, follow=True
    )
    assert "缺考" in told(answer)[0]
    answer = client.post(at("hall_note", hall, admitted.pk), {"outcome": "substitute"}, follow=True)
    assert "请写明" in told(answer)[0]
    answer = client.post(at("hall_note", hall, admitted.pk), {"outcome": "wrong_session"}, follow=True)
    assert "无法识别" in told(answer)[0]
    assert Arrival.objects.get().why == "请假"


def test_the_page_costs_the_same_for_three_and_for_three_hundred(cast, hall, as_user):
    client = as_user(cast.city)

    def cost():
        with CaptureQueriesContext(connection) as context:
            assert client.get(at("hall", hall)).status_code == 200
        return len(context)

    crowd(hall, cast, 3)
    cost()
    few = cost()
    crowd(hall, cast, 297)
    assert cost() == few


def crowd(session, cast, n):
    first = User.objects.count()
    people = User.objects.bulk_create(
        User(username=f"crowd-{first + k}", name=f"考生{first + k:04d}") for k in range(n)
    )
    posts = Post.objects.bulk_create(
        Post(person=one, enterprise=cast.jinhai, kind="officer", appointed_on=timezone.localdate())
        for one in people
    )
    return Registration.objects.bulk_create(
        Registration(session=session, candidate=one, post=post, source="regulator")
        for one, post in zip(people, posts, strict=True)
    )


def test_three_devices_without_network_note_three_hundred_people_and_nothing_is_lost(cast, hall, as_user):
    """Each took down a hundred and twenty; sixty were taken down by two of them."""
    people = crowd(hall, cast, 300)
    client = as_user(cast.city)
    nine = timezone.now() - timedelta(hours=1)
    kept = {}
    for device, first in (("A", 0), ("B", 100), ("C", 200)):
        for k in range(first, min(first + 120, 300)) if device != "C" else [*range(200, 300), *range(20)]:
            at_ = (nine + timedelta(seconds=k)).isoformat()
            kept.setdefault(device, []).append({"key": str(uuid4()), "registration": people[k].pk, "at": at_})
    for _again in range(2):  # the answer to the first sending was lost
        for device in ("B", "C", "A"):
            assert send(client, hall, *kept[device], device=device).status_code == 200
    assert Arrival.objects.count() == sum(map(len, kept.values())) == 360
    rows = queries.rows_of(hall)
    assert all(row.registration.arrived_at for row in rows)
    assert sum(row.is_doubled for row in rows) == 60
    numbers = Arrival.objects.values_list("registration", "number")
    assert len(set(numbers)) == 360


# --- Those who wait ---------------------------------------------------------------------------------------------------


def test_the_pulse_tells_those_who_wait_and_names_nobody(cast, hall, admitted):
    pulse.forget()
    assert json.loads(pulse.body_of(hall.pk)) == {"changed": {}}
    noted(hall, admitted, cast)
    pulse.forget()
    assert json.loads(pulse.body_of(hall.pk)) == {"changed": {}, "arrived": [admitted.pk]}
    arrivals.go(hall, by=cast.city)
    pulse.forget()
    assert json.loads(pulse.body_of(hall.pk))["go"] is True
    other = build.make_session(cast, "other", exam=hall.exam, is_held=True)
    assert json.loads(pulse.body_of(other.pk)) == {"changed": {}}


def test_her_page_says_what_is_still_to_do(cast, hall, admitted, as_user):
    client = as_user(cast.officer)
    page = client.get(at("session", hall)).content.decode()
    assert (
        reverse("exams:arrive", args=[admitted.pk, queries.pass_of(admitted.pk)]) not in page
    )  # it is in the picture
    assert "出示签到码和身份证件" in page
    assert "请先到监考人员处签到" in page
    noted(hall, admitted, cast)
    client.post(at("enter", hall), {"code": code_of(hall).lower()})
    part = client.get(at("waiting", hall)).content.decode()
    assert "data-ready" in part
    assert "data-go" not in part
    arrivals.go(hall, by=cast.city)
    assert "data-go" in client.get(at("waiting", hall)).content.decode()
    assert client.post(at("start", hall)).status_code == 302
    assert Attempt.objects.count() == 1


def test_the_word_is_asked_for_once_more_and_said_once(cast, hall, admitted, as_user):
    client = as_user(cast.city)
    assert "不能撤回" in client.get(at("hall_go", hall)).content.decode()
    hall.refresh_from_db()
    assert hall.go_at is None
    assert "0 名考生" in told(client.post(at("hall_go", hall), follow=True))[0]
    assert "已于" in told(client.post(at("hall_go", hall), follow=True))[0]


def test_only_who_is_registered_may_wait(cast, hall, admitted, as_user):
    assert as_user(cast.director).get(at("waiting", hall)).status_code == 404
    assert as_user(cast.director).post(at("enter", hall), {"code": code_of(hall)}).status_code == 404
