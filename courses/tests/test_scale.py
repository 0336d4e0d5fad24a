"""Courses for very many at once, the way of a post, the hours of an organ; and that none of it costs more with more people."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import appoint
from accounts.models import Enterprise, Post, Unit, User
from audit.models import AuditEvent
from audit.transitions import Refused
from courses import tasks_plans
from courses.actions import assigning, closing_days, pathing
from courses.models import Assignment, Enrolment, LearnedHours, LearnedPeriod, Path
from courses.queries import assigning as assigned
from courses.queries import hours, learning, paths
from courses.tests import stories
from operations.tests.stories import work_off
from tests import build
from tests.people import uscc


def today(days=0):
    return timezone.localdate() + timedelta(days=days)


def crowd(cast, count, kind="officer", first=0):
    """So many more people in Jinhai's posts."""
    made = User.objects.bulk_create(
        User(username=f"crowd-{kind}-{first + n}", name=f"人员{first + n}") for n in range(count)
    )
    Post.objects.bulk_create(
        Post(person=one, enterprise=cast.jinhai, kind=kind, appointed_on=today(-100)) for one in made
    )
    return made


def spent(client, address):
    """How many queries a page asks once it is warm."""
    client.get(address)
    with CaptureQueriesContext(connection) as counted:
        assert client.get(address).status_code == 200
    return len(counted)


# --- Bulk assignment -----------------------------------------------------------------------------------------------------


def asked(cast, courses, token="a" * 32, **chosen):
    return assigning.ask(token, by=cast.manager, courses=courses, chosen=chosen, due_on=today(30))


def test_the_dry_run_counts_before_anything_is_given(cast):
    first, second = (
        stories.published(cast, "first"),
        stories.published(cast, "second", post_kinds=["officer"]),
    )
    crowd(cast, 7)
    stories.enrolled(cast, first)
    told = assigned.outlook(cast.manager, [first, second], {}, today())
    assert [(one.people, one.held, one.fresh) for one in told] == [(10, 1, 9), (8, 0, 8)]
    told = assigned.outlook(cast.manager, [first], {"kinds": ["director"]}, today())
    assert [(one.people, one.fresh) for one in told] == [(1, 1)]
    told = assigned.outlook(cast.manager, [first], {"categories": [cast.gas.pk]}, today())
    assert [one.people for one in told] == [0]
    assert Enrolment.objects.count() == 1


def test_an_assignment_gives_all_courses_to_everybody_chosen(cast):
    courses = [stories.published(cast, code) for code in ("first", "second", "third")]
    crowd(cast, 9)
    one = asked(cast, courses, kinds=["officer"])
    assert asked(cast, courses, kinds=["officer"]) == one  # pressed twice
    assert (one.total, Enrolment.objects.count()) == (30, 0)
    work_off()
    one.refresh_from_db()
    assert (one.state, one.given, one.total, one.refusals) == ("done", 30, 30, 0)
    assert Enrolment.objects.filter(due_on=today(30), assigned_by=cast.manager).count() == 30
    assert AuditEvent.objects.filter(action="enrolment.made").count() == 30
    with pytest.raises(Refused, match="没有需要新安排的人员"):
        asked(cast, courses, "b" * 32, kinds=["officer"])


def test_a_worker_that_dies_in_the_middle_leaves_nothing_twice(cast):
    courses = [stories.published(cast, code) for code in ("first", "second")]
    crowd(cast, 9)
    one, pieces, enrol = asked(cast, courses, kinds=["officer"]), [], assigning._enrol

    def dying(course, posts, asked, now):
        pieces.append(len(posts))
        if len(pieces) == 4:
            raise KeyboardInterrupt
        return enrol(course, posts, asked, now)

    with patch.object(assigning, "PIECE", 4):
        with patch.object(assigning, "_enrol", dying), pytest.raises(KeyboardInterrupt):
            tasks_plans.assign.call(one.pk)
        one.refresh_from_db()
        assert (one.state, one.given, Enrolment.objects.count()) == ("waiting", 10, 10)
        assert tasks_plans.assign.call(one.pk) == "done"
    one.refresh_from_db()
    assert (one.given, one.total, Enrolment.objects.count()) == (20, 20, 20)
    assert tasks_plans.assign.call(one.pk) == "done"
    assert Enrolment.objects.count() == 20


def test_one_who_is_refused_does_not_hold_up_the_others(cast):
    course = stories.published(cast)
    made = crowd(cast, 3)
    one, enrol_many = asked(cast, [course], kinds=["officer"]), assigning.enrolling.enrol_many

    def merged(course, posts, **more):
        if any(post.person_id == made[1].pk for post in posts):
            raise Refused("有人的账号刚刚被合并，请刷新后再试。")
        return enrol_many(course, posts, **more)

    with patch.object(assigning.enrolling, "enrol_many", merged):
        tasks_plans.assign.call(one.pk)
    one.refresh_from_db()
    assert (one.state, one.given, one.total) == ("done", 3, 3)
    assert assigned.refused_in(one) == [(cast.post(made[1]), course, "有人的账号刚刚被合并，请刷新后再试。")]


def test_who_no_longer_manages_gives_nothing(cast):
    one = asked(cast, [stories.published(cast)])
    cast.manager.grants.update(ends_on=today())
    assert tasks_plans.assign.call(one.pk) == "stopped"
    one.refresh_from_db()
    assert (one.refusal, Enrolment.objects.count()) == ("安排人已不再管理企业，安排没有继续。", 0)
    cast.manager.grants.update(ends_on=None)
    assigning.again(one, by=cast.manager)
    work_off()
    one.refresh_from_db()
    assert (one.state, one.given) == ("done", 3)


def test_the_pages_of_an_assignment(cast, as_user):
    course = stories.published(cast)
    client, address = as_user(cast.manager), reverse("courses:bulk")
    said = {"courses": [course.pk], "kinds": ["officer", "director"], "due_on": today(9), "act": "look"}
    page = client.post(address, said).content.decode()
    assert "2 人 × 1 门：新增 2，已在学或已学完 0" in page
    assert Assignment.objects.count() == 0
    assert client.post(address, said | {"due_on": today(-1)}).status_code == 422
    made = client.post(address, said | {"act": "go", "token": "c" * 32})
    one = Assignment.objects.get()
    assert made["Location"] == reverse("courses:bulk_run", args=[one.pk])
    assert "已安排 0 / 2 人次" in client.get(made["Location"]).content.decode()
    work_off()
    assert "完成于" in client.get(made["Location"]).content.decode()
    assert as_user(cast.stranger_manager).get(made["Location"]).status_code == 404


# --- The way of a post ---------------------------------------------------------------------------------------------------


def way(kind="officer", starts_on=None, category="", steps=(("course", "story", 30), ("quiz", "story", 30), ("exam", "stories", 45), ("certificate", "", 45))):  # fmt: skip
    rows = [
        {"path": f"way-{kind}", "name": "路径", "post": kind, "category": category, "kind": step, "code": code, "days": str(days)}
        for step, code, days in steps
    ]  # fmt: skip
    return pathing.load(rows, starts_on=starts_on or today(-1))


def stand(user):
    [(_path, _post, stands)] = paths.own(user, today())
    return [(one.known.step.kind, one.is_done, one.is_begun, one.is_late, one.due_on) for one in stands]


def test_the_way_leads_from_the_course_to_the_certificate(cast):
    session = build.make_session(cast)
    course = stories.published(cast, quiz=2, minutes=(1,), session=session)
    way()
    path_day = today(-1)
    assert stand(cast.officer) == [
        ("course", False, False, False, path_day + timedelta(days=30)),
        ("quiz", False, False, False, path_day + timedelta(days=30)),
        ("exam", False, False, False, path_day + timedelta(days=45)),
        ("certificate", False, False, False, path_day + timedelta(days=45)),
    ]
    enrolment = stories.enrolled(cast, course, due_on=today(5))
    assert stand(cast.officer)[0] == ("course", False, True, False, today(5))
    stories.finish(enrolment)
    assert [row[1] for row in stand(cast.officer)] == [True, True, False, False]
    assert stand(cast.officer)[2][2]  # registered by the course
    build.certified(cast, cast.officer, session=session)
    assert [row[1] for row in stand(cast.officer)] == [True, True, True, True]


def test_steps_whose_course_does_not_exist_are_left_out(cast):
    stories.published(cast)
    way(steps=(("course", "story", 30), ("course", "nowhere", 30), ("exam", "nowhere", 45)))
    assert [row[0] for row in stand(cast.officer)] == ["course"]


def test_who_is_late_is_late_by_the_day_that_was_set_her(cast):
    course = stories.published(cast)
    way(starts_on=today(-90))
    assert [row[3] for row in stand(cast.officer)][:1] == [True]
    stories.enrolled(cast, course, due_on=today(5))
    assert [row[3] for row in stand(cast.officer)][:1] == [False]
    Enrolment.objects.update(due_on=today(-1))
    assert [row[3] for row in stand(cast.officer)][:1] == [True]


def test_the_filters_agree_with_what_the_rows_say(cast):
    course = stories.published(cast, minutes=(1,))
    way(steps=(("course", "story", 30),), starts_on=today(-90))
    first, second, third = crowd(cast, 3)
    stories.finish(stories.enrolled(cast, course, first))
    stories.enrolled(cast, course, second, due_on=today(3))
    path = Path.objects.get()
    steps = paths.steps_of([path.pk])[path.pk]
    found = {
        state: {post.person for post in paths.list_walkers(cast.manager, path, steps, today(), state=state)}
        for state in ("late", "open", "done")
    }
    assert found == {
        "late": {third, cast.officer},
        "open": {second, third, cast.officer},
        "done": {first},
    }
    rows = paths.list_walkers(cast.manager, path, steps, today())
    told = paths.along(list(rows), steps, today())
    assert {post.person for post in rows if told[post.pk][0].is_late} == found["late"]
    assert {post.person for post in rows if told[post.pk][0].is_done} == found["done"]


def test_the_shipped_paths_load_and_change_nothing_the_second_time(cast, capsys):
    from django.core.management import call_command

    call_command("load_paths")
    before = list(Path.objects.values_list("code", "starts_on"))
    call_command("load_paths", "--from", "2020-01-01")
    assert list(Path.objects.values_list("code", "starts_on")) == before
    assert {"officer", "director", "principal"} <= {code for code, _day in before}
    with pytest.raises(Refused, match="第 2 行：没有“boss”这种岗位"):
        pathing.load([dict.fromkeys(pathing.HEADINGS, "") | {"post": "boss", "days": "1"}], starts_on=today())


def test_the_first_screen_and_the_matrix_tell_the_next_step(cast, as_user):
    course = stories.published(cast)
    way()
    client = as_user(cast.officer)
    for name in ("dashboards:home", "courses:mine"):
        page = client.get(reverse(name)).content.decode()
        assert f"下一步：学课程“{course.name}”" in page
    assert "还有 29 天" in page
    page = as_user(cast.manager).get(reverse("courses:paths")).content.decode()
    assert cast.officer.name in page
    assert "未开始" in page


# --- Hours ---------------------------------------------------------------------------------------------------------------


LAST = 2025  # a year that is over, whenever these stories are told


def noon(month, day):
    return timezone.make_aware(datetime(LAST, month, day, 12))


def learned(cast):
    """An officer with some verified time on three days of a year that is over."""
    enrolment = stories.enrolled(cast, stories.published(cast, minutes=(60,)))
    [lesson] = stories.revisions(enrolment)
    for month, day in ((3, 1), (3, 20), (4, 2)):
        stories.study(enrolment, lesson, 400, start=noon(month, day))
    return enrolment


def sums(unit):
    by_place, by_course, whole = hours.standing(unit, LAST, today())
    return [
        whole.seconds,
        sum(one.seconds for one in by_place.values()),
        sum(one.seconds for one in by_course.values()),
    ]


def test_days_and_months_that_are_over_say_the_same_as_the_credits(cast):
    enrolment = learned(cast)
    assert sums(cast.xiqing) == [0, 0, 0]  # nothing is closed yet
    assert closing_days.close_days(now=noon(4, 2)) == 32
    assert closing_days.close_days(now=noon(4, 2)) == 0
    credits = enrolment.credits.filter(answer__at__lt=noon(4, 1)).aggregate(whole=Sum("seconds"))["whole"]
    assert credits > 400
    assert sums(cast.xiqing) == [credits, credits, credits]
    assert hours.seconds_in([enrolment.pk], LAST) == {enrolment.pk: credits}
    assert sums(cast.nankai) == [0, 0, 0]
    months = LearnedPeriod.objects.filter(kind="month")
    assert [(one.first_on, one.seconds) for one in months] == [(date(LAST, 3, 1), credits)]
    periods, last = hours.periods_of(LAST)
    assert (len(periods), last) == (2, date(LAST, 4, 1))  # March, and the first of April
    assert closing_days.close_days(now=noon(4, 3)) == 1
    whole = enrolment.credits.aggregate(whole=Sum("seconds"))["whole"]
    assert sums(cast.xiqing) == [whole, whole, whole]
    assert LearnedHours.objects.count() == 4


def test_the_hours_page_opens_the_lists_behind_its_figures(cast, as_user):
    enrolment = learned(cast)
    Enrolment.objects.update(due_on=today(-1))
    closing_days.close_days(now=noon(4, 5))
    client = as_user(cast.district)
    page = client.get(reverse("courses:hours"), {"year": LAST}).content.decode()
    assert enrolment.course.name in page
    assert f"学时截至 {LAST}-04-04" in page
    for state in ("", "active", "late"):
        listed = client.get(
            reverse("courses:hours_people"), {"unit": cast.xiqing.code, "state": state, "year": LAST}
        ).content.decode()
        assert cast.officer.name in listed
    listed = client.get(reverse("courses:hours_people"), {"unit": cast.xiqing.code, "state": "completed"})
    assert cast.officer.name not in listed.content.decode()
    assert client.get(reverse("courses:hours_people"), {"unit": cast.nankai.code}).status_code == 404
    sheet = client.get(reverse("courses:hours_people"), {"unit": cast.xiqing.code, "export": "xlsx"})
    assert sheet["Content-Type"].startswith("application/vnd.openxml")
    assert as_user(cast.manager).get(reverse("courses:hours")).status_code == 403


def test_the_team_list_as_a_workbook(cast, as_user):
    stories.enrolled(cast, stories.published(cast))
    sheet = as_user(cast.manager).get(reverse("courses:team"), {"export": "xlsx"})
    assert sheet["Content-Type"].startswith("application/vnd.openxml")
    assert AuditEvent.objects.filter(action="learning.exported").count() == 1


# --- What it costs -------------------------------------------------------------------------------------------------------


def test_pages_cost_the_same_for_three_people_and_for_forty(cast, as_user):
    courses = [stories.published(cast, code) for code in ("story", "second")]
    way()
    assigning.carry_out(asked(cast, courses))
    pages = [
        (cast.manager, "courses:team"),
        (cast.manager, "courses:paths"),
        (cast.manager, "courses:bulk"),
        (cast.district, "courses:hours"),
        (cast.district, "courses:hours_people"),
        (cast.officer, "dashboards:home"),
        (cast.officer, "courses:mine"),
    ]

    def every():
        return {
            name: spent(
                as_user(user), reverse(name) + ("?unit=TJ-XQ" if name.endswith("hours_people") else "")
            )
            for user, name in pages
        }

    before = every()
    crowd(cast, 40)
    assigning.carry_out(asked(cast, courses, "d" * 32))
    assert every() == before


def test_a_learner_with_many_posts_asks_no_more_queries(cast, django_assert_num_queries):
    course = stories.published(cast)
    other = stories.published(cast, "gas", category=cast.gas)
    way()

    def counted():
        user = User.objects.get(pk=cast.officer.pk)
        with CaptureQueriesContext(connection) as queries:
            found = learning.open_courses(user), learning.posts_for(user, course), paths.own(user, today())
        return len(queries), found

    before, (offered, _posts, _ways) = counted()
    assert offered == [course]
    for serial in range(70, 75):
        unit = Unit.objects.create(
            kind="enterprise",
            code=uscc(serial),
            name=f"企业{serial}",
            parent=cast.nankai,
            region=cast.nankai.region,
        )
        firm = Enterprise.objects.create(unit=unit, uscc=uscc(serial), sells=True)
        firm.categories.add(cast.gas)
        appoint(
            cast.officer, enterprise=firm, kind="officer", appointed_on=today(-3), by=cast.stranger_manager
        )
    after, (offered, posts, ways) = counted()
    assert (after, set(offered), len(posts), len(ways)) == (before, {course, other}, 6, 6)
