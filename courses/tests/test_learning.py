"""Who studies earns what she was there for, once; who replays earns nothing; the end is a row, a line in the file, a registration."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import records
from audit.models import AuditEvent
from audit.transitions import Refused
from courses.actions import enrolling, presence, quizzes, writing
from courses.engine.hours import credited
from courses.models import (
    Beat,
    Completion,
    Course,
    Credit,
    Enrolment,
    Lesson,
    PresenceAnswer,
    PresenceCheck,
    QuizTry,
)
from courses.queries.progress import progress_of
from courses.tests import stories
from exams.models import Item, Registration
from tests import build


def minutes_of(enrolment):
    return progress_of([enrolment])[enrolment.pk].minutes


def seconds_of(enrolment):
    return progress_of([enrolment])[enrolment.pk].seconds


def test_whoever_studies_and_taps_finishes_and_is_registered_for_the_exam(cast):
    session = build.make_session(cast)
    course = stories.published(cast, quiz=3, session=session)
    enrolment = stories.enrolled(cast, course, due_on=timezone.localdate() + timedelta(days=7))
    stories.finish(enrolment)
    made = Completion.objects.get(enrolment=enrolment)
    registration = Registration.objects.get(session=session, candidate=cast.officer)
    assert (made.registration, made.why_not, registration.source) == (registration, "", "course")
    [line] = records.latest(cast.officer, "training")
    assert (line.subject, line.facts["minutes"], line.facts["lessons"]) == (
        f"course:{enrolment.pk}",
        6,
        ["第1课", "第2课", "练一练"],
    )
    acts = AuditEvent.objects.filter(
        action__in=["enrolment.made", "enrolment.completed", "registration.made"]
    )
    assert list(acts.order_by("pk").values_list("action", "actor_name")) == [
        ("enrolment.made", "赵敏"),
        ("registration.made", "王雨晨"),
        ("enrolment.completed", "王雨晨"),
    ]


def test_the_credits_are_what_anybody_folds_from_all_beats(cast):
    enrolment = stories.enrolled(cast, stories.published(cast, minutes=(5, 5)))
    first, second = stories.revisions(enrolment)
    _told, now = stories.study(enrolment, first, 400)
    stories.study(enrolment, second, 500, start=now + timedelta(minutes=9), every=31)
    again = presence.verified_again(enrolment)
    kept = {}
    for revision, seconds in Credit.objects.values_list("revision", "seconds"):
        kept[revision] = kept.get(revision, 0) + seconds
    assert {key: int(value) for key, value in again.items()} == kept
    needs = {one.pk: one.seconds for one in (first, second)}
    assert seconds_of(enrolment) == sum(credited(again, needs).values()) > 0


def test_a_lesson_gives_no_more_than_it_needs(cast):
    enrolment = stories.enrolled(cast, stories.published(cast))
    first, _second = stories.revisions(enrolment)
    stories.study(enrolment, first, 900)
    assert minutes_of(enrolment) == 2
    assert sum(Credit.objects.values_list("seconds", flat=True)) > 120


@pytest.mark.parametrize("every", [15, 2], ids=["1x", "10x"])
def test_who_beats_for_hours_and_never_taps_earns_nothing(cast, every):
    enrolment = stories.enrolled(cast, stories.published(cast))
    told, _now = stories.study(enrolment, stories.revisions(enrolment)[0], 1800, every=every, answers=False)
    assert PresenceCheck.objects.count() > 5
    assert (seconds_of(enrolment), told.is_done, PresenceAnswer.objects.count()) == (0, False, 0)


def test_a_hidden_tab_is_never_asked_and_earns_nothing(cast):
    enrolment = stories.enrolled(cast, stories.published(cast))
    stories.study(enrolment, stories.revisions(enrolment)[0], 1800, visible=False)
    assert (seconds_of(enrolment), PresenceCheck.objects.count()) == (0, 0)


def test_of_three_tabs_only_the_newest_beats(cast):
    course = stories.published(cast, minutes=(60,))
    other = stories.published(cast, "other", minutes=(60,))
    first, second = stories.enrolled(cast, course), stories.enrolled(cast, other)
    now = timezone.now()
    tabs = [
        presence.open_visit(one, stories.revisions(one)[0], now=now + timedelta(seconds=n))
        for n, one in enumerate((first, first, second))
    ]
    for n in range(1, 60):
        for tab in tabs:
            told = presence.beat(tab, number=n, is_visible=True, now=now + timedelta(seconds=5 + 15 * n))
            assert told.is_elsewhere == (tab != tabs[2])
            if told.check:
                presence.answer(told.check, token=presence.token_of(told.check), now=told.check.at)
    assert set(Beat.objects.values_list("visit", flat=True)) == {tabs[2].pk}
    assert seconds_of(first) == 0
    assert 600 <= seconds_of(second) <= 15 * 59


def test_a_beat_that_comes_twice_or_hurries_is_not_written(cast):
    enrolment = stories.enrolled(cast, stories.published(cast))
    now = timezone.now()
    visit = presence.open_visit(enrolment, stories.revisions(enrolment)[0], now=now)
    for number, second in [(1, 0), (1, 15), (2, 2), (2, 15), (1, 40)]:
        presence.beat(visit, number=number, is_visible=True, now=now + timedelta(seconds=second))
    assert [(b.number, b.at) for b in Beat.objects.order_by("pk")] == [
        (1, now),
        (2, now + timedelta(seconds=15)),
    ]


def test_a_check_takes_one_answer_in_time_with_its_own_token(cast):
    enrolment = stories.enrolled(cast, stories.published(cast))
    _told, _now = stories.study(enrolment, stories.revisions(enrolment)[0], 300, answers=False)
    check = PresenceCheck.objects.order_by("number").first()
    assert 90 <= check.gap <= 240
    with pytest.raises(Refused, match="规定时间"):
        presence.answer(check, token=presence.token_of(check), now=check.until + timedelta(seconds=1))
    with pytest.raises(Refused, match="不是这次"):
        presence.answer(check, token="0" * 32, now=check.at)
    later = PresenceCheck(pk=check.pk + 1)
    with pytest.raises(Refused, match="不是这次"):
        presence.answer(check, token=presence.token_of(later), now=check.at)
    presence.answer(check, token=presence.token_of(check), now=check.at)
    with pytest.raises(Refused, match="已经应答"):
        presence.answer(check, token=presence.token_of(check), now=check.at)
    assert seconds_of(enrolment) > 0


def test_the_next_check_voids_nothing_that_was_verified(cast):
    enrolment = stories.enrolled(cast, stories.published(cast, minutes=(30,)))
    [lesson] = stories.revisions(enrolment)
    _told, now = stories.study(enrolment, lesson, 300)
    before = seconds_of(enrolment)
    told, _now = stories.study(enrolment, lesson, 600, start=now + timedelta(seconds=20), answers=False)
    assert (seconds_of(enrolment), bool(told.missed or told.check)) == (before, True)


def test_an_enrolment_is_held_once_and_the_second_giving_changes_nothing(cast):
    course = stories.published(cast)
    first = stories.enrolled(cast, course)
    assert stories.enrolled(cast, course, by=cast.officer) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(person=cast.officer, course=course, edition=first.edition, post=first.post)


def test_a_new_edition_is_for_those_who_come_later(cast):
    course = stories.published(cast)
    before = stories.enrolled(cast, course)
    [lesson, _other] = course.lessons.order_by("position")
    writing.write_lesson(course, by=cast.editor, lesson=lesson, title="第1课（修订）", body="新", minutes=4)
    with pytest.raises(Refused, match="没有差别"):
        writing.publish(writing.publish(course, by=cast.editor), by=cast.editor)
    after = stories.enrolled(cast, Course.objects.get(pk=course.pk), cast.director)
    assert [one.minutes for one in stories.revisions(before)] == [2, 3]
    assert [one.minutes for one in stories.revisions(after)] == [4, 3]


def test_what_is_no_longer_given_out_takes_no_time(cast):
    course = stories.published(cast)
    enrolment = stories.enrolled(cast, course)
    visit = presence.open_visit(enrolment, stories.revisions(enrolment)[0])
    writing.withdraw(course, by=cast.editor, why="条文已修订")
    with pytest.raises(Refused, match="条文已修订"):
        presence.beat(visit, number=1, is_visible=True)
    with pytest.raises(Refused, match="条文已修订"):
        stories.enrolled(cast, course, cast.director)
    writing.publish(course, by=cast.editor)  # brought back, it goes on
    assert not presence.beat(visit, number=1, is_visible=True).is_elsewhere


def test_refusals_say_why(cast):
    draft = stories.drafted(cast, "draft")
    with pytest.raises(Refused, match="尚未发布"):
        stories.enrolled(cast, draft)
    with pytest.raises(Refused, match="不适用于质量安全员"):
        stories.enrolled(cast, stories.published(cast, "heads", post_kinds=["principal"]))
    first = stories.published(cast, "first")
    second = writing.write(
        Course(code="second", name="进阶", unit=cast.city_organ), prerequisites=[first], by=cast.editor
    )
    writing.write_lesson(second, by=cast.editor, kind=Lesson.Kind.ARTICLE, title="一", body="文", minutes=1)
    enrolment = stories.enrolled(cast, writing.publish(second, by=cast.editor))
    with pytest.raises(Refused, match="先修课程：课程first"):
        presence.open_visit(enrolment, stories.revisions(enrolment)[0])
    stories.finish(stories.enrolled(cast, first))
    presence.open_visit(enrolment, stories.revisions(enrolment)[0])
    with pytest.raises(Refused, match="取消理由"):
        enrolling.cancel(enrolment, by=cast.manager, why=" ")
    enrolling.cancel(enrolment, by=cast.manager, why="已调岗")
    with pytest.raises(Refused, match="已取消"):
        presence.open_visit(enrolment, stories.revisions(enrolment)[0])
    with pytest.raises(Refused, match="不能早于今天"):
        stories.enrolled(cast, first, cast.director, due_on=timezone.localdate() - timedelta(days=1))


def test_a_course_whose_session_is_over_is_finished_all_the_same(cast):
    session = build.make_session(cast, post_kinds=["principal"])
    enrolment = stories.enrolled(cast, stories.published(cast, minutes=(1,), session=session))
    stories.finish(enrolment)
    made = Completion.objects.get()
    assert (made.registration, made.why_not) == (None, "该考试不适用于质量安全员岗位。")
    assert Registration.objects.count() == 0


def test_a_quiz_draws_only_what_no_paper_can_hold(cast):
    build.make_bank(cast, "secure", each=4)
    course = stories.published(cast, minutes=(1,), quiz=4)
    enrolment = stories.enrolled(cast, course)
    quiz = stories.revisions(enrolment)[-1]
    go = quizzes.begin(enrolment, quiz)
    assert quizzes.begin(enrolment, quiz) == go
    today = timezone.localdate()
    drawn = set(Item.objects.filter(revisions__in=go.items))
    assert drawn <= set(Item.objects.for_practice(today))
    assert set(Item.objects.drawable(today)) & set(Item.objects.for_practice(today)) == set()
    assert {item.bank for item in Item.objects.drawable(today)} == {
        bank for bank in {item.bank for item in Item.objects.all()} if not bank.is_practice
    }


def test_a_quiz_is_passed_by_sixty_of_a_hundred_and_may_be_done_again(cast):
    enrolment = stories.enrolled(cast, stories.published(cast, minutes=(1,), quiz=5))
    quiz = stories.revisions(enrolment)[-1]
    first = quizzes.begin(enrolment, quiz)
    told = quizzes.hand_in(first, stories.right(first, 0.4))
    assert (told.right, told.is_passed) == (2, False)
    assert quizzes.hand_in(first, stories.right(first)) == told
    second = quizzes.begin(enrolment, quiz)
    told = quizzes.hand_in(second, stories.right(second, 0.6))
    assert (second.number, told.right, told.is_passed) == (2, 3, True)
    with pytest.raises(Refused):
        third = quizzes.begin(enrolment, quiz)
        quizzes.hand_in(third, {1: "nonsense"})
    QuizTry.objects.get(pk=third.pk)


def test_progress_costs_the_same_for_one_and_for_many(cast, django_assert_num_queries):
    course = stories.published(cast, quiz=3)
    rows = [stories.enrolled(cast, course, user) for user in (cast.officer, cast.director, cast.principal)]
    for some in (rows[:1], rows):
        with django_assert_num_queries(3):
            progress_of(some)


def test_the_moves_of_courses_and_enrolments(cast):
    course = stories.published(cast)
    enrolment = stories.enrolled(cast, course)
    stories.finish(enrolment)
    enrolment.refresh_from_db()
    with pytest.raises(Refused):
        enrolling.cancel(enrolment, by=cast.manager, why="晚了")
    draft = stories.drafted(cast, "draft")
    with pytest.raises(Refused):
        writing.withdraw(draft, by=cast.editor, why="还没发布")
    with pytest.raises(Refused, match="撤下理由"):
        writing.withdraw(course, by=cast.editor, why="")


def test_the_command_finds_a_credit_that_nobody_earned(cast, capsys, settings):
    enrolment = stories.enrolled(cast, stories.published(cast, minutes=(9,)))
    [lesson] = stories.revisions(enrolment)
    stories.study(enrolment, lesson, 400)
    settings.LEARNING = settings.LEARNING | {"apart": 5}  # what was verified before stays verified
    call_command("verify_learning")
    settings.LEARNING = settings.LEARNING | {"apart": 40}
    assert "已核对 1 项" in capsys.readouterr().out
    missed = stories.enrolled(cast, stories.published(cast, "other", minutes=(9,)))
    [other] = stories.revisions(missed)
    stories.study(missed, other, 400, answers=False)
    answer = PresenceAnswer.objects.first()
    Credit.objects.create(answer=answer, enrolment=missed, revision=other, seconds=540)
    with pytest.raises(CommandError, match=f"不符的学习：{missed.pk}"):
        call_command("verify_learning")
