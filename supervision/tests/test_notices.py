"""Notices, that they were read, another time or place, and absences: what is said is kept, what changes is said anew."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.files import a_picture
from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import attempts, rooms
from exams.models import Registration
from supervision import presenting_notices, rules
from supervision.actions import absences, checks, draws, notices, sittings
from supervision.models import AbsenceRequest, NoticeReading, Outcome, SpotNotice
from supervision.queries import notices as queries
from supervision.queries import sittings as sitting_queries
from supervision.tests import stories
from tests import build

HOUR = timedelta(hours=1)
WORDS = {"bring": "身份证", "contact": "西青局 022-0000"}


@pytest.fixture
def house(cast):
    """A crowd in Jinhai, enough who may be sent, and a small blueprint."""
    stories.crowd(cast, 6)
    cast.sent = stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", truefalse=8, each=0)
    cast.blueprint = build.make_blueprint(cast, bank, {"truefalse": 4}, "spot")
    return cast


def called(house, people=2, **more):
    """A check whose people are registered for a session that opens tomorrow."""
    opens = timezone.now() + 24 * HOUR
    times = {"opens_at": opens, "closes_at": opens + 2 * HOUR} | more
    return stories.called(house, **times, **stories.lean(house.blueprint, people))


def issued(house, people=2, **more):
    check = called(house, people, **more)
    notices.issue(check, by=house.district, **WORDS)
    return check


def signed_in(user):
    """A browser of somebody's own."""
    client = Client()
    client.force_login(user)
    return client


def people_of(check):
    return list(sitting_queries.examinees(check))


def told(check):
    """Of each that counts number, kind and reason of the last notice, in the order of names."""
    found = queries.notices_of(people_of(check))
    return [(found[one.pk].number, found[one.pk].kind, found[one.pk].why) for one in people_of(check)]


# --- Issuing ----------------------------------------------------------------------------------------------------------


def test_everybody_is_told_once_in_the_organs_series_and_the_same_is_not_said_twice(house):
    check = issued(house, 3)
    rows = list(SpotNotice.objects.order_by("pk"))
    assert [row.serial_number for row in rows] == [1, 2, 3]
    assert {(row.unit, row.place, row.bring, row.seat) for row in rows} == {(house.xiqing, check.place, "身份证", None)}  # fmt: skip
    assert notices.issue(check, by=house.district, **WORDS) == []
    with pytest.raises(Refused, match="写明变更的理由；没有发出任何通知"):
        notices.issue(check, by=house.district, bring="准考证", contact="西青局 022-0000")
    assert SpotNotice.objects.count() == 3
    notices.issue(check, by=house.district, bring="准考证", contact="西青局 022-0000", why="要求有变")
    assert told(check) == [(2, "summons", "要求有变")] * 3
    assert SpotNotice.objects.order_by("-pk").first().serial_number == 6
    assert AuditEvent.objects.filter(action="notice.issued").count() == 6
    with pytest.raises(IntegrityError), transaction.atomic():
        SpotNotice.objects.filter(number=2).first().examinee.notices.create(
            number=2, kind="summons", unit=house.xiqing, year=2026, serial_number=99, subject="x",
            opens_at=timezone.now(), closes_at=timezone.now(), legal_basis="x", why="x", by=house.city,
        )  # fmt: skip


def test_nothing_is_issued_before_anybody_is_registered_nor_when_it_is_over(house):
    draw = stories.drawn(house, **stories.lean(house.blueprint))
    with pytest.raises(Refused, match="登记抽中人员之后"):
        notices.issue(draw.check_of, by=house.district, **WORDS)
    check = stories.called(house, draw.check_of)
    with pytest.raises(Refused, match="没有待考的人员"):
        notices.issue(check, by=house.district, now=check.session.closes_at, **WORDS)
    assert not SpotNotice.objects.exists()


def test_a_seat_given_after_the_notice_is_told_with_the_next_version(house):
    check = issued(house)
    room = rooms.add(check.session, by=house.district, name="第一考场", capacity=8)
    rooms.seat_all(check.session, by=house.district)
    assert told(check) == [(2, "summons", "座位变动：安排座位")] * 2
    one = people_of(check)[0]
    free = room.seats.filter(registration__isnull=True).last()
    rooms.move(one.registration, free, by=house.district, why="靠门")
    last = queries.notices_of([one])[one.pk]
    assert (last.number, last.room, last.seat, last.why) == (3, "第一考场", free.number, "座位变动：靠门")
    assert told(check)[1] == (2, "summons", "座位变动：安排座位")


def test_seats_given_before_the_notice_stand_in_its_first_version(house):
    check = called(house)
    rooms.add(check.session, by=house.district, name="第一考场", capacity=8)
    rooms.seat_all(check.session, by=house.district)
    assert not SpotNotice.objects.exists()
    notices.issue(check, by=house.district, **WORDS)
    assert {row.room for row in SpotNotice.objects.all()} == {"第一考场"} and told(check) == [(1, "summons", "")] * 2  # fmt: skip


def test_another_time_or_place_announces_itself(house):
    check = issued(house)
    opens = timezone.now() + 48 * HOUR
    times = {"opens_at": opens, "closes_at": opens + HOUR, "place": "  三楼   大厅"}
    with pytest.raises(Refused, match="写明改期或改地点的理由"):
        notices.reschedule(check, by=house.district, why=" ", **times)
    with pytest.raises(Refused, match="晚于开放时间"):
        notices.reschedule(check, by=house.district, why="停电", **(times | {"closes_at": opens}))
    with pytest.raises(Refused, match="晚于现在"):
        notices.reschedule(check, by=house.district, why="停电", **(times | {"opens_at": timezone.now() - HOUR}))  # fmt: skip
    check = notices.reschedule(check, by=house.district, why="停电", **times)
    check.refresh_from_db()
    assert (check.session.opens_at, check.session.place, check.place) == (opens, "三楼 大厅", "三楼 大厅")
    assert check.starts_on == timezone.localdate(opens)
    assert told(check) == [(2, "summons", "停电")] * 2
    with pytest.raises(Refused, match=r"已于 .* 开放"):
        notices.reschedule(check, by=house.district, why="停电", now=opens, **times)
    stories.begun(house, check)
    with pytest.raises(Refused, match="考核开始之前"):
        notices.reschedule(check, by=house.district, why="停电", **times)


def test_an_abandoned_check_tells_everybody_not_to_come(house):
    check = issued(house)
    checks.abandon(check, by=house.district, why="台风")
    assert told(check) == [(2, "cancelled", "台风")] * 2
    assert AuditEvent.objects.filter(action="notice.cancelled").count() == 2


# --- Replaced ---------------------------------------------------------------------------------------------------------


def test_whose_place_a_reserve_took_starts_no_more_and_both_are_told(house):
    check = issued(house, opens_at=timezone.now() - HOUR, closes_at=timezone.now() + HOUR)
    out = people_of(check)[0]
    draws.replace(out.drawn, by=house.district, why="住院")
    with pytest.raises(Refused, match="登记已撤销：由后备人员替补：住院"):
        attempts.start(Registration.objects.get(pk=out.registration_id), by=out.registration.candidate)
    assert out.notices.first().is_cancelled and out.notices.first().why == "由后备人员替补：住院"
    into = next(one for one in people_of(check) if one.notices.count() == 1 and one.pk > out.pk)
    assert (into.notices.get().bring, into.notices.get().why) == ("身份证", "")
    assert Registration.objects.filter(session=check.session).admitted().count() == 2


def test_who_has_begun_is_not_replaced(house):
    check = stories.called(house, **stories.lean(house.blueprint))
    [one] = people_of(check)
    attempts.start(one.registration, by=one.registration.candidate)
    with pytest.raises(Refused, match="已经开始答题"):
        draws.replace(one.drawn, by=house.district, why="住院")
    assert people_of(check) == [one] and not SpotNotice.objects.exists()


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_the_first_opening_of_each_side_is_written_once_a_version(house, as_user):
    check = issued(house)
    one = people_of(check)[0]
    address = reverse("supervision:notice", args=[one.pk])
    person = one.registration.candidate
    as_user(house.district).get(address)
    assert not NoticeReading.objects.exists()  # the office reads without a trace
    for user in (person, person, house.manager, house.manager):
        assert as_user(user).get(address).status_code == 200
    rows = NoticeReading.objects.order_by("pk")
    assert [(row.side, row.by, row.address) for row in rows] == [("person", person, "127.0.0.1"), ("enterprise", house.manager, "127.0.0.1")]  # fmt: skip
    assert AuditEvent.objects.filter(action="notice.read").count() == 2
    case = presenting_notices.panel(check, people_of(check), timezone.now())
    assert (case["told"], case["by_person"], case["by_enterprise"]) == (2, 1, 1)
    assert [row.examinee for row in case["unread"]] == people_of(check)[1:]
    notices.issue(check, by=house.district, bring="准考证", contact="x", why="要求有变")
    assert len(presenting_notices.panel(check, people_of(check), timezone.now())["unread"]) == 2
    stranger = as_user(house.stranger_manager).get(address)
    assert stranger.status_code == 404


def test_a_notice_stands_on_both_homes_until_it_was_read_and_its_day_is_over(house, as_user):
    check = issued(house)
    one = people_of(check)[0]
    person = one.registration.candidate
    home = reverse("dashboards:home")
    before = as_user(person).get(home).content.decode()
    assert "抽查考核通知" in before and "未读" in before
    desk = as_user(house.manager).get(home).content.decode()
    assert all(other.registration.candidate.name + "：" in desk for other in people_of(check))
    as_user(person).get(reverse("supervision:notice", args=[one.pk]))
    assert "已读" in as_user(person).get(home).content.decode()
    checks.abandon(check, by=house.district, why="台风")
    assert "不需要参加" in as_user(person).get(home).content.decode()
    as_user(person).get(reverse("supervision:notice", args=[one.pk]))
    assert "抽查考核通知" not in as_user(person).get(home).content.decode()


def test_the_pdf_says_what_its_version_says_and_counts_as_read(house, as_user):
    check = issued(house, is_held=True)
    one = people_of(check)[0]
    answer = as_user(one.registration.candidate).get(reverse("certificates:spot_notice", args=[one.pk, 1]))
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert NoticeReading.objects.get().side == "person"
    assert (
        as_user(house.stranger).get(reverse("certificates:spot_notice", args=[one.pk, 1])).status_code == 404
    )
    assert as_user(house.city).get(reverse("certificates:spot_notice", args=[one.pk, 2])).status_code == 404


# --- Absence ----------------------------------------------------------------------------------------------------------


def test_an_absence_is_asked_for_once_at_a_time_and_before_the_exam_opens(house):
    check = called(house)
    one = people_of(check)[0]
    person = one.registration.candidate
    with pytest.raises(Refused, match="写明不能参加的理由"):
        absences.ask(one, by=person, side="person", why=" ")
    asked = absences.ask(one, by=person, side="person", why="住院")
    with pytest.raises(Refused, match="待处理"):
        absences.ask(one, by=house.manager, side="enterprise", why="住院")
    with pytest.raises(Refused, match="写明准予或不准予的理由"):
        absences.decide(asked, by=house.district, is_granted=True, why="")
    absences.decide(asked, by=house.district, is_granted=False, why="没有证明")
    with pytest.raises(Refused, match="已经答复过"):
        absences.decide(asked, by=house.district, is_granted=True, why="补了证明")
    again = absences.ask(one, by=house.manager, side="enterprise", why="住院，附证明")
    absences.decide(again, by=house.district, is_granted=True, why="证明属实")
    with pytest.raises(Refused, match="已准予缓考"):
        absences.ask(one, by=person, side="person", why="再来")
    with pytest.raises(Refused, match="应在此前申请"):
        absences.ask(people_of(check)[1], by=person, side="person", why="迟到", now=check.session.opens_at)
    assert list(AbsenceRequest.objects.order_by("pk").values_list("number", "side")) == [(1, "person"), (2, "enterprise")]  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        AbsenceRequest.objects.create(examinee=one, number=3, side="person", why="", by=person)


def excuse(house, one, now=None):
    asked = absences.ask(one, by=house.manager, side="enterprise", why="住院", now=now)
    return absences.decide(asked, by=house.district, is_granted=True, why="证明属实", now=now)


def test_who_was_excused_has_that_as_her_outcome_and_keeps_being_owed(house, as_user):
    opens = timezone.now() - timedelta(minutes=1)
    check = called(house, 2, opens_at=opens, closes_at=opens + HOUR)
    one, other = people_of(check)
    excuse(house, one, now=opens - HOUR)
    check = stories.begun(house, check)
    stories.sat(other)
    # Nobody is waited for who was excused: the other handed in, so it may be concluded before the session closes.
    check = sittings.conclude(check, by=house.district)
    outcome = Outcome.objects.get(examinee=one)
    assert (outcome.conclusion, outcome.why, outcome.points) == ("excused", "证明属实", None)
    assert Outcome.objects.get(examinee=other).conclusion == "passed"
    assert list(queries.owed(house.district)) == [one] and list(queries.owed(house.other_district)) == []
    assert (
        one.registration.candidate.name
        in as_user(house.district).get(reverse("supervision:owed")).content.decode()
    )
    asked = AbsenceRequest.objects.create(
        examinee=other, number=1, side="person", why="事后", by=house.manager
    )
    assert "结果已登记" in rules.why_not_rule_on_absence(asked)


def test_who_was_excused_and_came_all_the_same_has_what_she_sat(house):
    opens = timezone.now() - timedelta(minutes=1)
    check = called(house, 1, opens_at=opens, closes_at=opens + HOUR)
    [one] = people_of(check)
    excuse(house, one, now=opens - HOUR)
    check = stories.begun(house, check)
    stories.sat(one)
    sittings.conclude(check, by=house.district)
    assert Outcome.objects.get().conclusion == "passed"


def test_the_pages_of_an_absence(house, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    check = issued(house)
    one = people_of(check)[0]
    client = signed_in(one.registration.candidate)
    address = reverse("supervision:absence_ask", args=[one.pk])
    refused = client.post(address, {"side": "person", "why": ""})
    assert refused.status_code == 422 and "请写明不能参加的理由" in refused.content.decode()
    assert client.post(address, {"side": "enterprise", "why": "住院"}).status_code == 422
    proof = SimpleUploadedFile("证明.png", a_picture())
    assert client.post(address, {"side": "person", "why": "住院", "file": proof}).status_code == 302
    asked = AbsenceRequest.objects.get()
    page = stories.seen(house.district, "examinee", check.code, one.pk)
    assert "住院" in page and "证明.png" in page
    assert "缓考申请" in stories.seen(house.district, "check", check.code)
    desk = signed_in(house.district)
    decide = reverse("supervision:absence_decide", args=[check.code, asked.pk])
    desk.post(decide, {"answer": "grant", "why": ""})
    assert not hasattr(AbsenceRequest.objects.get(), "decision")
    desk.post(decide, {"answer": "grant", "why": "证明属实"})
    assert AbsenceRequest.objects.get().decision.is_granted
    assert "证明属实" in client.get(reverse("supervision:notice", args=[one.pk])).content.decode()


def test_the_pages_of_issuing_and_moving(house):
    check = called(house)
    assert "2 人还没有通知书" in stories.seen(house.district, "check", check.code)
    stories.posted(house.district, "notices_issue", check, contact="")
    assert not SpotNotice.objects.exists()
    stories.posted(house.district, "notices_issue", check, **WORDS)
    assert SpotNotice.objects.count() == 2
    opens = timezone.localtime() + 72 * HOUR
    when = {"opens_at": f"{opens:%Y-%m-%dT%H:%M}", "closes_at": f"{opens + HOUR:%Y-%m-%dT%H:%M}"}
    stories.posted(house.district, "reschedule", check, place="新址", **when)
    assert SpotNotice.objects.count() == 2
    stories.posted(house.district, "reschedule", check, place="新址", why="停电", **when)
    assert told(check) == [(2, "summons", "停电")] * 2


# --- Held by default --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "is_held"), [("hall", True), ("on_site", False)])
def test_in_a_hall_the_session_is_held_unless_said_otherwise(house, mode, is_held):
    check = stories.drawn(house, mode=mode, **stories.lean(house.blueprint)).check_of
    opens = timezone.localtime() + HOUR
    ticked = 'id="session-is_held" checked' in " ".join(
        stories.seen(house.district, "check", check.code).split()
    )
    assert ticked is is_held
    assert draws.register(check, by=house.district, opens_at=opens, closes_at=opens + HOUR).session.is_held is is_held  # fmt: skip


# --- Costs ------------------------------------------------------------------------------------------------------------


def test_pages_cost_the_same_for_5_and_for_200(house):
    def cost(client, address):
        with CaptureQueriesContext(connection) as queries_told:
            assert client.get(address).status_code == 200
        return len(queries_told)

    stories.crowd(house, 210, code="many")
    few, many = issued(house, 5), None
    desk, manager = signed_in(house.district), signed_in(house.manager)
    home = reverse("dashboards:home")

    def costs(check):
        one = people_of(check)[0]
        pages = [
            (desk, reverse("supervision:check", args=[check.code])),
            (manager, home),
            (signed_in(one.registration.candidate), reverse("supervision:notice", args=[one.pk])),
            (desk, reverse("supervision:owed")),
        ]
        for client, address in pages:
            client.get(address)
        return [cost(client, address) for client, address in pages]

    before = costs(few)
    rule = few.profile
    opens = timezone.now() + 24 * HOUR
    many = stories.called(
        house, opens_at=opens, closes_at=opens + HOUR, **stories.lean(house.blueprint, 200, rule)
    )
    with CaptureQueriesContext(connection) as told_all:
        notices.issue(many, by=house.district, **WORDS)
    assert len(told_all) < 25
    assert costs(many) == before
