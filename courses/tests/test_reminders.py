"""Of what learners and managers are reminded, each once at its step, and of nothing that is done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.delegating import delegate
from accounts.models import User
from courses import reminders
from courses.actions import enrolling
from courses.models import Enrolment
from courses.tests import stories
from messaging.actions import planning
from messaging.models import Message


def studying(cast, *people, code="story"):
    """Enrolments of some people in one course."""
    course = stories.published(cast, code)
    return [stories.enrolled(cast, course, one) for one in people]


def due(enrolment, days):
    """Put its day so many days from now."""
    day = timezone.localdate() + timedelta(days=days)
    Enrolment.objects.filter(pk=enrolment.pk).update(due_on=day)
    return day


@pytest.mark.parametrize(
    ("days", "kind", "occasion"),
    [
        (15, None, None), (14, "learning.near", "14"), (4, "learning.near", "14"), (3, "learning.near", "3"),
        (1, "learning.near", "1"), (0, "learning.near", "1"), (-1, "learning.late", "week1"),
        (-8, "learning.late", "week2"), (-84, "learning.late", "week12"), (-85, None, None),
    ],
)  # fmt: skip
def test_a_day_is_reminded_of_at_its_steps_and_weekly_when_it_is_over(cast, days, kind, occasion, settings):
    settings.DIGEST_WEEKDAY = 8  # never
    [enrolment] = studying(cast, cast.officer)
    day = due(enrolment, days)
    planning.plan(timezone.localdate())
    expected = [(kind, cast.officer.pk, f"enrolment:{enrolment.pk}", f"{occasion}:{day}")] if kind else []
    assert list(Message.objects.values_list("kind", "recipient", "subject", "occasion")) == expected


def test_of_all_days_of_a_term_each_step_is_told_once(cast, settings):
    settings.DIGEST_WEEKDAY = 8
    [enrolment] = studying(cast, cast.officer)
    day = due(enrolment, 20)
    for passed in range(20 + 16):
        planning.plan(timezone.localdate() + timedelta(days=passed))
    assert list(Message.objects.order_by("pk").values_list("occasion", flat=True)) == [
        f"{one}:{day}" for one in ("14", "3", "1", "week1", "week2", "week3")
    ]


def test_nobody_is_reminded_of_what_is_done_taken_back_or_not_hers_any_more(cast):
    done, back, gone = studying(cast, cast.officer, cast.director, cast.principal)
    stories.finish(done)
    for one in (done, back, gone):
        due(one, -3)
    enrolling.cancel(back, by=cast.manager, why="调岗")
    User.objects.filter(pk=cast.principal.pk).update(is_active=False)
    planning.plan(timezone.localdate())
    assert Message.objects.count() == 0
    assert reminders.still_studied({f"enrolment:{one.pk}" for one in (done, back)}) == set()
    assert reminders.still_studied({f"enrolment:{gone.pk}"}) == {f"enrolment:{gone.pk}"}


def test_a_manager_gets_one_message_a_week_for_all_who_are_late(cast, settings):
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    settings.DIGEST_WEEKDAY = 3
    first, second = studying(cast, cast.officer, cast.director)
    [third] = studying(cast, cast.officer, code="second")
    [foreign] = studying(cast, cast.stranger, code="third")
    for enrolment, days in ((first, -21), (second, -8), (third, -9), (foreign, 3)):
        Enrolment.objects.filter(pk=enrolment.pk).update(due_on=monday + timedelta(days=days))
    for day in range(14):
        planning.plan(monday + timedelta(days=day), only="learning.digest")
    found = list(Message.objects.order_by("pk"))
    year, week, _day = monday.isocalendar()
    assert [(one.recipient, one.occasion) for one in found][:1] == [(cast.manager, f"{year}-W{week:02}")]
    assert [one.recipient for one in found] == [cast.manager, cast.manager, cast.stranger_manager]
    facts = found[0].facts
    assert (facts["count"], facts["courses"], facts["days"]) == (2, 3, 23)
    assert facts["late"] == [
        ["王雨晨", "课程story", 23],
        ["王雨晨", "课程second", 11],
        ["李䶮", "课程story", 10],
    ]
    assert next(str(line) for line in reminders.named(facts)) == "王雨晨 · 课程story · 已逾期 23 天"


def test_a_role_that_is_lent_as_well_brings_no_second_message(cast, settings):
    settings.DIGEST_WEEKDAY = 1
    [enrolment] = studying(cast, cast.officer)
    due(enrolment, -10)
    today = timezone.localdate()
    delegate(
        cast.manager.grants.get(), cast.director, unit=cast.jinhai.unit, first=today, last=today, reason="出差期间代管",
        by=cast.manager,
    )  # fmt: skip
    planning.plan(today, only="learning.digest")
    assert sorted(Message.objects.values_list("recipient", flat=True)) == sorted(
        [cast.manager.pk, cast.director.pk]
    )


def test_many_are_planned_with_as_many_statements_as_few(cast, django_assert_num_queries):
    course = stories.published(cast)
    asked = []
    for people in ((cast.officer,), (cast.director, cast.principal)):
        for one in people:
            due(stories.enrolled(cast, course, one), 3)
        with django_assert_num_queries(2):  # a page, and the look that there is no other
            asked.append(len(list(reminders.near(timezone.localdate()))))
    assert asked == [1, 3]
