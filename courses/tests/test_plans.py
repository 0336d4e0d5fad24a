"""Training plans: drafted, put into force, amended, closed; whoever comes later gets what they ask."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import appoint, dismiss
from accounts.models import User
from audit.models import AuditEvent
from audit.transitions import Refused
from courses import tasks_plans
from courses.actions import enrolling, planning, writing
from courses.models import Enrolment, PlanEntry, PlanMember, PlanOutcome, TrainingPlan
from courses.queries import plans as queries
from courses.tests import stories
from exams.models import Registration
from tests import build


def today(days=0):
    return timezone.localdate() + timedelta(days=days)


def drafted(cast, *courses, title="年度计划", **line):
    """A draft with a line for each course, until in thirty days."""
    plan = planning.draft(cast.jinhai, by=cast.manager, year=today().year, title=title)
    for course in courses:
        planning.add_entry(plan, by=cast.manager, course=course, **{"due_on": today(30)} | line)
    return plan


def newcomer(cast, days_ago=0, kind="officer", name="新来的"):
    user = User.objects.create_user(f"new-{User.objects.count()}", name=name)
    appoint(user, enterprise=cast.jinhai, kind=kind, appointed_on=today(-days_ago), by=cast.manager)
    return user


def told(plan):
    return {
        (row.post.person.name, row.entry.number): row.due_on
        for row in PlanMember.objects.filter(entry__plan=plan).select_related("post__person", "entry")
    }


def test_a_plan_in_force_enrols_and_registers_everybody_fitting(cast):
    session = build.make_session(cast)
    plan = drafted(cast, stories.published(cast), post_kinds=["officer", "director"], session=session)
    assert Enrolment.objects.count() == 0
    planning.put_in_force(plan, by=cast.manager)
    people = {cast.officer.name, cast.director.name}
    assert told(plan) == {(name, 1): today(30) for name in people}
    assert {(e.person.name, e.due_on, e.assigned_by) for e in Enrolment.objects.all()} == {
        (name, today(30), cast.manager) for name in people
    }
    assert {(r.candidate.name, r.due_on, r.source) for r in Registration.objects.all()} == {
        (name, today(30), "manager") for name in people
    }
    assert planning.fill(plan) == 0


def test_who_is_appointed_later_is_found_by_the_worker_and_has_her_own_days(cast):
    plan = drafted(cast, stories.published(cast), post_kinds=["officer"], due_on=today(10), days=20)
    planning.put_in_force(plan, by=cast.manager, now=timezone.now() - timedelta(days=3))
    late = newcomer(cast)
    director = newcomer(cast, kind="director", name="新总监")
    assert tasks_plans.fill_plans.call() == 1
    assert told(plan) == {(cast.officer.name, 1): today(10), (late.name, 1): today(20)}
    assert tasks_plans.fill_plans.call() == 0
    assert not Enrolment.objects.filter(person=director).exists()


def test_a_named_line_is_for_the_named_alone(cast):
    course = stories.published(cast)
    plan = drafted(cast, course, named=[cast.post(cast.director)])
    planning.put_in_force(plan, by=cast.manager)
    newcomer(cast)
    tasks_plans.fill_plan.call(plan.pk)
    assert [row.person for row in Enrolment.objects.all()] == [cast.director]


def test_what_somebody_studies_or_finished_this_year_is_not_given_again(cast):
    course = stories.published(cast, minutes=(1,))
    studying = stories.enrolled(cast, course, cast.director)
    done = stories.enrolled(cast, course)
    stories.finish(done)
    plan = drafted(cast, course, post_kinds=["officer", "director"])
    planning.put_in_force(plan, by=cast.manager)
    assert Enrolment.objects.count() == 2
    assert {row.enrolment_id for row in PlanMember.objects.all()} == {studying.pk, done.pk}
    [entry] = queries.entries_of(plan)
    assert queries.counts_of(plan, today()) == {entry.pk: {"people": 2, "done": 1, "behind": 0}}


def test_an_amended_line_takes_its_people_along(cast):
    session = build.make_session(cast)
    plan = drafted(cast, stories.published(cast), post_kinds=["officer"], session=session)
    planning.put_in_force(plan, by=cast.manager)
    [entry] = queries.entries_of(plan)
    with pytest.raises(Refused, match="写明理由"):
        planning.amend_entry(entry, by=cast.manager, due_on=today(60))
    made = planning.amend_entry(entry, by=cast.manager, due_on=today(60), why="学习材料延期到货")
    assert (made.number, made.replaces, made.post_kinds) == (2, entry, ["officer"])
    assert [e.due_on for e in Enrolment.objects.all()] == [today(60)]
    assert [r.due_on for r in Registration.objects.all()] == [today(60)]
    with pytest.raises(Refused, match="第 1 项已经终止"):
        planning.end_entry(entry, by=cast.manager, why="再来一次")
    acts = AuditEvent.objects.filter(action__in=("enrolment.due_changed", "registration.due_changed"))
    assert acts.count() == 2
    assert [one.number for one in queries.standing(queries.entries_of(plan))] == [2]


def test_a_line_added_to_a_plan_in_force_is_carried_out_at_once(cast):
    plan = drafted(cast, stories.published(cast, "first"))
    planning.put_in_force(plan, by=cast.manager)
    second = stories.published(cast, "second")
    planning.add_entry(
        plan, by=cast.manager, course=second, due_on=today(5), post_kinds=["principal"], why="新规定"
    )
    assert [e.person for e in Enrolment.objects.filter(course=second)] == [cast.principal]


def test_a_plan_is_closed_with_who_did_it_and_who_did_not(cast):
    course = stories.published(cast, minutes=(1,))
    plan = drafted(cast, course)
    planning.put_in_force(plan, by=cast.manager)
    stories.finish(Enrolment.objects.get(person=cast.officer))
    dismiss(cast.post(cast.director), ended_on=today(), by=cast.manager)
    with pytest.raises(Refused, match="还有 2 人未完成"):
        planning.close(plan, by=cast.manager, conclusion="好")
    later = timezone.now() + timedelta(days=31)
    with pytest.raises(Refused, match="写明总结"):
        planning.close(plan, by=cast.manager, conclusion="  ", now=later)
    planning.close(plan, by=cast.manager, conclusion="多数按期完成", now=later)
    assert {(o.member.post.person.name, o.word) for o in PlanOutcome.objects.all()} == {
        (cast.officer.name, "done"),
        (cast.director.name, "left"),
        (cast.principal.name, "open"),
    }
    assert queries.outcomes_of(plan) == {"done": 1, "left": 1, "open": 1}
    plan.refresh_from_db()
    with pytest.raises(Refused, match="已经总结"):
        planning.add_entry(plan, by=cast.manager, course=course, due_on=today(60), why="晚了")


def test_late_is_told_apart_from_in_time(cast):
    course = stories.published(cast, minutes=(1,))
    plan = drafted(cast, course, due_on=today(1), post_kinds=["officer"])
    planning.put_in_force(plan, by=cast.manager)
    stories.finish(Enrolment.objects.get(), start=timezone.now() + timedelta(days=4))
    planning.close(plan, by=cast.manager, conclusion="逾期", now=timezone.now() + timedelta(days=5))
    assert [o.word for o in PlanOutcome.objects.all()] == ["late"]


def test_refusals_say_why(cast):
    plan = drafted(cast)
    with pytest.raises(Refused, match="还没有内容"):
        planning.put_in_force(plan, by=cast.manager)
    course = stories.published(cast, post_kinds=["principal"])
    for line, why in (
        ({}, "请选择课程或考试场次"),
        ({"course": course, "due_on": today(-1)}, "不能早于今天"),
        ({"course": course, "post_kinds": ["officer"]}, "没有符合条件的在任人员"),
        ({"course": stories.drafted(cast, "draft")}, "尚未发布"),
    ):
        with pytest.raises(Refused, match=why):
            planning.add_entry(plan, by=cast.manager, **{"due_on": today(9)} | line)
    assert PlanEntry.objects.count() == 0
    with pytest.raises(Refused, match="同名的计划"):
        drafted(cast)
    planning.drop(plan, by=cast.manager)
    drafted(cast)  # the name is free again
    with pytest.raises(Refused, match="已作废"):
        planning.add_entry(plan, by=cast.manager, course=course, due_on=today(9))


def test_a_withdrawn_course_gives_nothing_and_the_page_says_so(cast, as_user):
    course = stories.published(cast)
    plan = drafted(cast, course, post_kinds=["officer"])
    planning.put_in_force(plan, by=cast.manager)
    writing.withdraw(course, by=cast.editor, why="条文已修订")
    newcomer(cast)
    assert tasks_plans.fill_plans.call() == 0
    page = as_user(cast.manager).get(reverse("courses:plan", args=[plan.pk])).content.decode()
    assert "1 人未能安排：课程已撤下：条文已修订" in page


def test_a_place_is_given_once_and_what_was_done_never_changes(cast):
    plan = drafted(cast, stories.published(cast), post_kinds=["officer"])
    planning.put_in_force(plan, by=cast.manager)
    member = PlanMember.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanMember.objects.create(entry=member.entry, post=member.post, due_on=today())
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanMember.objects.update(due_on=today(99))
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingPlan.objects.update(state="closed")


def test_a_course_that_was_taken_back_is_not_done(cast):
    plan = drafted(cast, stories.published(cast), post_kinds=["officer"])
    planning.put_in_force(plan, by=cast.manager)
    enrolling.cancel(Enrolment.objects.get(), by=cast.manager, why="调岗")
    [counts] = queries.counts_of(plan, today(31)).values()
    assert counts == {"people": 1, "done": 0, "behind": 1}


# --- Pages ---------------------------------------------------------------------------------------------------------------


def test_a_manager_plans_from_the_first_line_to_the_printed_result(cast, as_user):
    course, session = stories.published(cast), build.make_session(cast)
    client = as_user(cast.manager)
    made = client.post(
        reverse("courses:plan_new"),
        {"enterprise": cast.jinhai.pk, "year": today().year, "title": "年度计划", "aim": "人人过关"},
    )
    plan = TrainingPlan.objects.get()
    assert made["Location"] == reverse("courses:plan", args=[plan.pk])
    line = {
        "course": course.pk,
        "session": session.pk,
        "post_kinds": ["officer"],
        "due_on": today(20),
        "days": 30,
    }
    refused = client.post(reverse("courses:entry_new", args=[plan.pk]), line | {"due_on": today(-3)})
    assert (refused.status_code, "不能早于今天" in refused.content.decode()) == (422, True)
    client.post(reverse("courses:entry_new", args=[plan.pk]), line)
    page = client.get(reverse("courses:plan", args=[plan.pk])).content.decode()
    assert "计划生效" in page
    client.post(reverse("courses:plan_force", args=[plan.pk]))
    people = client.get(reverse("courses:plan_people", args=[plan.pk])).content.decode()
    assert cast.officer.name in people
    assert cast.director.name not in people
    sheet = client.get(reverse("courses:plan_people", args=[plan.pk]), {"export": "xlsx"})
    assert sheet["Content-Type"].startswith("application/vnd.openxml")
    client.post(reverse("courses:entry_end", args=[plan.pk, 1]), {"why": "停办"})
    client.post(reverse("courses:plan_close", args=[plan.pk]), {"conclusion": "未开展"})
    plan.refresh_from_db()
    assert plan.state == "closed"


def test_a_draft_is_its_makers_alone(cast, as_user):
    plan = drafted(cast, stories.published(cast))
    address = reverse("courses:plan", args=[plan.pk])
    assert as_user(cast.district).get(address).status_code == 404
    planning.put_in_force(plan, by=cast.manager)
    for who, status in ((cast.district, 200), (cast.other_district, 404), (cast.stranger_manager, 404)):
        assert as_user(who).get(address).status_code == status


def test_a_plan_costs_the_same_for_one_and_for_many(cast, as_user):
    course = stories.published(cast)
    plan = drafted(cast, course)
    planning.put_in_force(plan, by=cast.manager)
    client = as_user(cast.manager)
    addresses = [reverse(name, args=[plan.pk]) for name in ("courses:plan", "courses:plan_people")]
    spent = [_queries(client, address) for address in addresses]
    for n in range(5):
        newcomer(cast, name=f"新人{n}")
    tasks_plans.fill_plans.call()
    assert [_queries(client, address) for address in addresses] == spent


def _queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as spent:
        assert client.get(address).status_code == 200
    return len(spent)
