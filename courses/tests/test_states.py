"""Every verb in each state of a course and of an enrolment: what is not in the tables is refused and changes nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.transitions import Refused, move
from courses.actions import enrolling, planning, presence, quizzes, writing
from courses.models import Assignment, Course, Enrolment, TrainingPlan
from courses.tests import stories
from exams.tests.test_states import snapshot

COURSES, ENROLMENTS = ("draft", "published", "withdrawn"), ("active", "completed", "cancelled")
LEGAL = {
    Course: {("draft", "published"), ("published", "withdrawn"), ("withdrawn", "published")},
    Enrolment: {("active", "completed"), ("active", "cancelled")},
    TrainingPlan: {("draft", "in_force"), ("draft", "dropped"), ("in_force", "closed")},
    Assignment: {("waiting", "done"), ("waiting", "stopped"), ("stopped", "waiting")},
}


def in_state(cast, state):
    """A course in a state, come there by its own acts, with somebody who began it while it could be begun."""
    course = stories.drafted(cast, quiz=2)
    if state == "draft":
        return course, None
    writing.publish(course, by=cast.editor)
    course.refresh_from_db()
    enrolment = stories.enrolled(cast, course)
    if state == "withdrawn":
        writing.withdraw(course, by=cast.editor, why="修订")
        course.refresh_from_db()
    return course, enrolment


def learner_in(cast, state):
    """An enrolment in a state."""
    _course, enrolment = in_state(cast, "published")
    if state == "completed":
        stories.finish(enrolment)
    elif state == "cancelled":
        enrolling.cancel(enrolment, by=cast.manager, why="调岗")
    enrolment.refresh_from_db()
    return enrolment


def rewrite(cast, course):
    lesson = course.lessons.first()
    return writing.write_lesson(course, by=cast.editor, lesson=lesson, title="新", body="新", minutes=9)


COURSE_VERBS = {
    "write a lesson": (rewrite, COURSES),
    "publish what was changed": (
        lambda cast, course: rewrite(cast, course) and writing.publish(course, by=cast.editor),
        COURSES,
    ),
    "publish": (lambda cast, course: writing.publish(course, by=cast.editor), ("draft", "withdrawn")),
    "withdraw": (lambda cast, course: writing.withdraw(course, by=cast.editor, why="试"), ("published",)),
    "enrol": (lambda cast, course: stories.enrolled(cast, course, cast.director), ("published",)),
}
ENROLMENT_VERBS = {
    "cancel": (lambda cast, one: enrolling.cancel(one, by=cast.manager, why="试"), ("active",)),
    "open a lesson": (lambda cast, one: presence.open_visit(one, stories.revisions(one)[0]), ("active",)),
    "begin a quiz": (lambda cast, one: quizzes.begin(one, stories.revisions(one)[-1]), ("active",)),
    "enrol again": (lambda cast, one: stories.enrolled(cast, one.course), ENROLMENTS),
}


@pytest.mark.parametrize("state", COURSES)
@pytest.mark.parametrize("verb", COURSE_VERBS)
def test_each_verb_of_a_course_in_each_state(cast, verb, state):
    course, _enrolment = in_state(cast, state)
    act, legal = COURSE_VERBS[verb]
    _tried(lambda: act(cast, course), state in legal)


@pytest.mark.parametrize("state", ENROLMENTS)
@pytest.mark.parametrize("verb", ENROLMENT_VERBS)
def test_each_verb_of_an_enrolment_in_each_state(cast, verb, state):
    enrolment = learner_in(cast, state)
    act, legal = ENROLMENT_VERBS[verb]
    _tried(lambda: act(cast, enrolment), state in legal)


def _tried(act, is_legal):
    rows = snapshot()
    if is_legal:
        act()
        return
    with pytest.raises(Refused), transaction.atomic():
        act()
    assert snapshot() == rows


PLANS = ("draft", "in_force", "closed", "dropped")


def planned(cast, state):
    """A plan in a state, come there by its own acts, with one line that is over when it is closed."""
    plan = planning.draft(cast.jinhai, by=cast.manager, year=2026, title="计划")
    soon = timezone.localdate() + timedelta(days=9)
    if state == "dropped":
        planning.drop(plan, by=cast.manager)
    else:
        course = stories.published(cast)
        planning.add_entry(plan, by=cast.manager, course=course, post_kinds=["officer"], due_on=soon)
    if state in ("in_force", "closed"):
        planning.put_in_force(plan, by=cast.manager)
    if state == "closed":
        planning.close(plan, by=cast.manager, conclusion="完", now=timezone.now() + timedelta(days=20))
    plan.refresh_from_db()
    return plan


PLAN_VERBS = {
    "rewrite": (
        lambda cast, plan: planning.rewrite(plan, by=cast.manager, year=2027, title="新"),
        ("draft",),
    ),
    "add a line": (
        lambda cast, plan: planning.add_entry(
            plan,
            by=cast.manager,
            course=stories.published(cast, "more"),
            due_on=timezone.localdate() + timedelta(days=3),
            why="试",
        ),
        ("draft", "in_force"),
    ),
    "put in force": (lambda cast, plan: planning.put_in_force(plan, by=cast.manager), ("draft",)),
    "drop": (lambda cast, plan: planning.drop(plan, by=cast.manager), ("draft",)),
    "close": (
        lambda cast, plan: planning.close(
            plan, by=cast.manager, conclusion="完", now=timezone.now() + timedelta(days=30)
        ),
        ("in_force",),
    ),
}


@pytest.mark.parametrize("state", PLANS)
@pytest.mark.parametrize("verb", PLAN_VERBS)
def test_each_verb_of_a_plan_in_each_state(cast, verb, state):
    plan = planned(cast, state)
    act, legal = PLAN_VERBS[verb]
    _tried(lambda: act(cast, plan), state in legal)


@pytest.mark.parametrize("model", LEGAL, ids=lambda model: model.__name__)
def test_the_moves_are_those_of_the_picture(model):
    assert {(before, after) for before, to in model.MOVES.items() for after in to} == LEGAL[model]
    assert set(model.MOVES) == set(model.State.values)


@pytest.mark.parametrize("state", ENROLMENTS)
def test_a_finished_or_cancelled_enrolment_stays_so(cast, state):
    enrolment = learner_in(cast, state)
    for after in {*ENROLMENTS, "nowhere"} - {to for before, to in LEGAL[Enrolment] if before == state}:
        with pytest.raises(Refused, match="不被允许"), transaction.atomic():
            move(enrolment, to=after, by=cast.manager)


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Enrolment, {"state": "completed"}),
        (Enrolment, {"completed_at": timezone.now()}),
        (Enrolment, {"state": "cancelled"}),
        (Course, {"state": "withdrawn"}),
        (Course, {"current": None}),
    ],
)
def test_the_database_ties_each_stamp_to_its_state(cast, model, change):
    in_state(cast, "published")
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)
