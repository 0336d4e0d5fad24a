"""Rooms and seats: nobody sits twice, no seat holds two, and what is changed is written down; a withdrawn registration leaves all lists."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Post, User
from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import arrivals, attempts, rooms, sessions
from exams.engine.seating import neighbours
from exams.models import ExamSession, Registration, Room, Seat
from exams.queries import arrivals as arrival_queries
from exams.queries import candidate, live
from exams.queries import rooms as queries
from exams.queries import sessions as session_queries
from exams.tests.together import together
from supervision.tests.stories import crowd
from tests import build

HOUR = timedelta(hours=1)


@pytest.fixture
def session(cast):
    """A session of the city with six people of Jinhai and six of Hengtong."""
    session = build.make_session(cast)
    for firm, code in ((cast.jinhai, "j"), (cast.hengtong, "h")):
        crowd(cast, 6, firm, code=code)
        for person in User.objects.filter(username__startswith=f"{code}-"):
            build.admitted(session, person)
    return session


def seated(session):
    return {s.registration.candidate.username: s for s in Seat.objects.filter(room__session=session, registration__isnull=False).select_related("room", "registration__candidate", "registration__post")}  # fmt: skip


def test_everybody_is_seated_once_and_neighbours_come_from_different_enterprises(cast, session):
    rooms.add(session, by=cast.city, name="第一考场", capacity=12, width=4)
    assert rooms.seat_all(session, by=cast.city) == 12
    found = seated(session)
    assert sorted(seat.number for seat in found.values()) == list(range(1, 13))
    at = {seat.number: seat.registration.post.enterprise_id for seat in found.values()}
    assert [n for n, firm in at.items() if any(at.get(o) == firm for o in neighbours(n, 4))] == []
    assert rooms.seat_all(session, by=cast.city) == 0
    assert AuditEvent.objects.filter(action="seat.given").count() == 12


def test_too_few_seats_seat_nobody_and_say_how_many_are_missing(cast, session):
    rooms.add(session, by=cast.city, name="第一考场", capacity=5)
    with pytest.raises(Refused, match="还有 12 人没有座位，空座只有 5 个"):
        rooms.seat_all(session, by=cast.city)
    assert seated(session) == {}
    rooms.add(session, by=cast.city, name="第二考场", capacity=7)
    assert rooms.seat_all(session, by=cast.city) == 12


def test_a_seat_cannot_hold_two_nor_one_person_two_seats(cast, session):
    room = rooms.add(session, by=cast.city, name="第一考场", capacity=3)
    one, other = session.registrations.order_by("pk")[:2]
    Seat.objects.filter(room=room, number=1).update(registration=one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.filter(room=room, number=2).update(registration=one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.create(room=room, number=1, registration=other)


def test_one_person_is_moved_with_a_reason_to_a_seat_that_is_free(cast, session):
    room = rooms.add(session, by=cast.city, name="第一考场", capacity=20)
    rooms.seat_all(session, by=cast.city)
    found = seated(session)
    one, other = found["j-0"], found["h-0"]
    free = room.seats.filter(registration__isnull=True).first()
    with pytest.raises(Refused, match="写明调换座位的理由"):
        rooms.move(one.registration, free, by=cast.city, why=" ")
    with pytest.raises(Refused, match="已有人"):
        rooms.move(one.registration, other, by=cast.city, why="靠门")
    rooms.move(one.registration, free, by=cast.city, why="视力不好")
    assert seated(session)["j-0"].number == free.number
    told = AuditEvent.objects.get(action="seat.changed").data
    assert told == {"why": "视力不好", "before": f"第一考场 {one.number}", "after": f"第一考场 {free.number}"}
    elsewhere = rooms.add(build.make_session(cast, "other", exam=session.exam), by=cast.city, name="别处", capacity=1)  # fmt: skip
    with pytest.raises(Refused, match="刚刚变动"):
        rooms.move(one.registration, elsewhere.seats.get(), by=cast.city, why="走错")


def test_a_room_goes_only_while_it_is_empty_and_nothing_changes_once_the_session_is_over(cast, session):
    room = rooms.add(session, by=cast.city, name="第一考场", capacity=12)
    with pytest.raises(Refused, match="换一个名称"):
        rooms.add(session, by=cast.city, name="第一考场", capacity=1)
    rooms.seat_all(session, by=cast.city)
    with pytest.raises(Refused, match="已安排 12 人"):
        rooms.remove(room, by=cast.city)
    spare = rooms.add(session, by=cast.city, name="第二考场", capacity=1)
    rooms.remove(spare, by=cast.city)
    assert list(Room.objects.all()) == [room]
    with pytest.raises(Refused, match="截止"):
        rooms.add(session, by=cast.city, name="第三考场", capacity=1, now=session.closes_at)
    sessions.cancel(session, by=cast.city, why="停用")
    with pytest.raises(Refused, match="尚未发布或已结束"):
        rooms.seat_all(session, by=cast.city)


def test_supervisors_are_people_of_the_organs_by_name(cast, session):
    assert queries.named_to_supervise(session, cast.city.name, timezone.localdate()) == ([cast.city], [])
    people, unclear = queries.named_to_supervise(session, f"{cast.district.name}、无此人，{cast.officer.name}", timezone.localdate())  # fmt: skip
    assert people == [cast.district] and unclear == ["无此人", cast.officer.name]


def test_the_plan_shows_the_grid_and_the_candidate_and_the_door_her_seat(cast, session, as_user):
    address = reverse("exams:rooms", args=[session.code])
    desk = as_user(cast.city)
    assert "12 人还没有座位" in desk.get(address).content.decode()
    said = {"name": "第一考场", "capacity": 12, "width": 4, "supervisors": cast.district.name}
    assert desk.post(address, said).status_code == 302
    refused = desk.post(address, said | {"name": "第二考场", "supervisors": "无此人"})
    assert refused.status_code == 422 and "没有找到，或有同名的人：无此人" in refused.content.decode()
    desk.post(reverse("exams:seat_all", args=[session.code]))
    page = desk.get(address).content.decode()
    assert page.count("<td class=") == 12 and cast.district.name in page
    seat = seated(session)["j-0"]
    briefing = as_user(seat.registration.candidate).get(reverse("exams:session", args=[session.code]))
    assert f"第一考场 {seat.number} 号" in briefing.content.decode()
    ExamSession.objects.update(is_held=True)
    desk = as_user(cast.city)
    assert f"第一考场 {seat.number} 号" in desk.get(reverse("exams:hall", args=[session.code])).content.decode()  # fmt: skip
    desk.post(reverse("exams:reseat", args=[session.code]), {"registration": seat.registration_id})
    assert seated(session)["j-0"].number == seat.number
    desk.post(reverse("exams:room_remove", args=[session.code, seat.room_id]))
    assert Room.objects.count() == 1


def test_the_plan_costs_the_same_for_many(cast, session, as_user):
    rooms.add(session, by=cast.city, name="第一考场", capacity=250)
    rooms.seat_all(session, by=cast.city)
    client = as_user(cast.city)

    def cost(name):
        with CaptureQueriesContext(connection) as told:
            assert client.get(reverse(name, args=[session.code])).status_code == 200
        return len(told)

    ExamSession.objects.update(is_held=True)
    client.get(reverse("exams:rooms", args=[session.code]))
    few = [cost("exams:rooms"), cost("exams:hall")]
    crowd(cast, 200, code="many")
    posts = list(Post.objects.filter(person__username__startswith="many-"))
    sessions.register_many(session, posts, by=cast.city, source=Registration.Source.REGULATOR)
    rooms.seat_all(session, by=cast.city)
    assert [cost("exams:rooms"), cost("exams:hall")] == few


# --- Withdrawn registrations ------------------------------------------------------------------------------------------


def test_who_is_withdrawn_starts_no_more_and_stands_on_no_list(cast, session, as_user):
    ExamSession.objects.update(is_held=True)
    session.refresh_from_db()
    rooms.add(session, by=cast.city, name="第一考场", capacity=12)
    rooms.seat_all(session, by=cast.city)
    one = session.registrations.get(candidate__username="j-0")
    with pytest.raises(Refused, match="写明撤销登记的理由"):
        sessions.withdraw(one, by=cast.city, why=" ")
    sessions.withdraw(one, by=cast.city, why="住院")
    sessions.withdraw(one, by=cast.city, why="又一次")
    one.refresh_from_db()
    assert (one.withdrawn_why, Seat.objects.filter(registration=one).count()) == ("住院", 0)
    assert AuditEvent.objects.filter(action="registration.withdrawn").count() == 1
    with pytest.raises(Refused, match="登记已撤销：住院"):
        attempts.start(one, by=one.candidate)
    with pytest.raises(Refused, match="不能再次登记"):
        sessions.register(session, one.post, by=cast.city, source=Registration.Source.REGULATOR)
    now = timezone.now()
    assert len(arrival_queries.rows_of(session)) == 11
    assert sum(people for _code, _label, people in live.counts(session, now)) == 11
    assert session_queries.counts(cast.city, [session])[session.pk]["registered"] == 11
    assert session_queries.list_registrations(cast.city, session, on=now.date()).count() == 11
    assert candidate.registered(one.candidate, now) == []
    assert one not in queries.unseated(session)
    with pytest.raises(Refused):
        arrivals.note(session, [arrivals.Note("3f0f5b52-6b0c-4f0c-9a3e-1d1d1d1d1d1d", one.pk, "present")], by=cast.city)  # fmt: skip
    client = as_user(one.candidate)
    assert session.name not in client.get(reverse("exams:mine")).content.decode()
    client.post(reverse("exams:start", args=[session.code]))
    assert not one.attempts.exists()
    door = reverse("exams:arrive", args=[one.pk, arrival_queries.pass_of(one.pk)])
    assert as_user(cast.city).get(door).status_code == 404


def test_who_has_begun_is_not_withdrawn_and_the_database_wants_the_reason(cast, session):
    one, other = session.registrations.order_by("pk")[:2]
    attempts.start(one, by=one.candidate)
    with pytest.raises(Refused, match="已经开始答题"):
        sessions.withdraw(one, by=cast.city, why="住院")
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.filter(pk=other.pk).update(withdrawn_at=timezone.now())


def test_a_session_is_moved_only_before_it_opens(cast, session):
    with pytest.raises(Refused, match=r"已于 .* 开放"):
        sessions.reschedule(session, by=cast.city, opens_at=timezone.now() + HOUR, closes_at=timezone.now() + 2 * HOUR, place="", why="停电")  # fmt: skip
    assert not AuditEvent.objects.filter(action="session.rescheduled").exists()


# --- Many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_of_many_who_seat_at_once_one_does_and_nobody_has_two_seats(cast, session):
    rooms.add(session, by=cast.city, name="第一考场", capacity=12)
    behind = ExamSession.objects.filter(pk=session.pk)
    came = together(20, lambda _n: rooms.seat_all(session, by=cast.city), behind=behind)
    assert sorted(came) == [0] * 19 + [12]
    assert len(seated(session)) == 12


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_one_free_seat_one_gets_it(cast, session):
    room = rooms.add(session, by=cast.city, name="第一考场", capacity=13, width=13)
    rooms.seat_all(session, by=cast.city)
    [free] = room.seats.filter(registration__isnull=True)
    people = list(session.registrations.order_by("pk"))

    def act(n):
        try:
            return rooms.move(people[n], free, by=cast.city, why="靠门").registration_id == people[n].pk
        except Refused:
            return False

    came = together(12, act, behind=ExamSession.objects.filter(pk=session.pk))
    assert sum(came) == 1
    assert len(seated(session)) == 12
