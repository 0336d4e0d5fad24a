"""After an exam: at most three short lessons on what was missed, written once, and told no sooner than the terms tell what that was."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import panels
from audit.models import AuditEvent
from courses.actions import suggesting, writing
from courses.models import LessonRevision, Suggestion, SuggestionReading
from courses.tests import after_exams as stories
from courses.tests import stories as course_stories
from exams.actions import interventions, regrading, release
from exams.models import Exam, ExamSession
from tests import build

LESSONS = (
    ("长课", 20, (1, 2)),
    ("第二条讲什么", 4, (2,)),
    ("第三条讲什么", 6, (3,)),
    ("第四条讲什么", 5, (4,)),
)


def told(attempt):
    """What was suggested after an attempt: (rank, lesson, provision)."""
    rows = Suggestion.objects.filter(attempt=attempt).order_by("rank")
    return [(one.rank, one.revision.title, str(one.provision)) for one in rows]


def page(client, name, *arguments):
    answer = client.get(reverse(name, args=arguments), follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def in_hand(cast, *articles, user=None, **terms):
    """An attempt that missed these articles, with the lessons there."""
    stories.course(cast, *LESSONS)
    return stories.missed(stories.session(cast, **terms), user or cast.officer, *articles)


def test_whoever_missed_something_gets_the_shortest_lesson_on_each(cast):
    attempt = in_hand(cast, 2, 3)
    suggesting.suggest(attempt)
    assert told(attempt) == [
        (1, "第二条讲什么", "《企业落实主体责任规定》第2条"),
        (2, "第三条讲什么", "《企业落实主体责任规定》第3条"),
    ]
    [line, _other] = AuditEvent.objects.filter(action="lesson.suggested").order_by("pk")
    assert (line.actor_id, line.data["attempt"]) == (None, attempt.pk)


def test_at_most_three_however_much_was_missed(cast):
    attempt = in_hand(cast, 1, 2, 3, 4, 5)
    suggesting.suggest(attempt)
    # The long lesson on the first article serves the second as well.
    assert [lesson for _rank, lesson, _why in told(attempt)] == ["长课", "第三条讲什么", "第四条讲什么"]


def test_a_fourth_cannot_be_written(cast):
    attempt = in_hand(cast, 1, 2, 3, 4)
    lessons = LessonRevision.objects.order_by("pk")
    for rank in (1, 2, 3):
        stories.suggestion(attempt, lessons[rank - 1], rank)
    for rank, lesson in ((4, lessons[3]), (3, lessons[3]), (2, lessons[0])):
        with pytest.raises(IntegrityError), transaction.atomic():
            stories.suggestion(attempt, lesson, rank)


@pytest.mark.parametrize("articles", [(), (3,)])
def test_nothing_missed_or_nothing_that_fits_gives_nothing(cast, as_user, articles):
    stories.course(cast, ("第一条讲什么", 5, (1,)))  # no item of the third's topic rests on the first
    attempt = stories.missed(stories.session(cast), cast.officer, *articles)
    suggesting.suggest(attempt)
    assert told(attempt) == []
    shown = as_user(cast.officer).get(
        reverse("courses:after", args=[attempt.pk]), headers={"HX-Request": "true"}
    )
    assert "针对失分的短课" not in shown.content.decode()


def test_lessons_come_from_courses_that_stand_open_to_her(cast):
    stories.course(cast, ("别人的课", 2, (2,)), code="foreign", category=cast.gas)
    stories.course(cast, ("总监的课", 2, (2,)), code="directors", post_kinds=["director"])
    attempt = in_hand(cast, 2)
    suggesting.suggest(attempt)
    assert [lesson for _rank, lesson, _why in told(attempt)] == ["第二条讲什么"]


def test_it_is_written_once_whatever_becomes_of_the_result(cast):
    attempt = in_hand(cast, 2)
    suggesting.suggest(attempt)
    before = told(attempt)
    stories.course(cast, ("更短的课", 1, (2,)), code="later")
    regrading.regrade(attempt, why="试题裁定", by=cast.city)
    suggesting.suggest(attempt)
    assert told(attempt) == before


def test_the_result_shows_them_at_once_with_the_reason_and_the_way(cast, as_user):
    attempt = in_hand(cast, 2)
    shown = page(as_user(cast.officer), "courses:after", attempt.pk)
    [one] = Suggestion.objects.all()
    assert "针对失分的短课" in shown
    assert "您在《企业落实主体责任规定》第2条的题目上失 2 分" in shown
    assert reverse("courses:suggested", args=[one.pk]) in shown


def test_it_is_read_without_an_enrolment_and_then_leaves_the_first_screen(cast, as_user):
    attempt = in_hand(cast, 2)
    suggesting.suggest(attempt)
    [one] = Suggestion.objects.all()
    client = as_user(cast.officer)
    assert "第二条讲什么" in page(client, "dashboards:home")
    lesson = page(client, "courses:suggested", one.pk)
    assert "第二条讲什么正文" in lesson and "我读完了" in lesson
    assert SuggestionReading.objects.count() == 0  # looking is not saying
    for _twice in range(2):
        assert client.post(reverse("courses:suggested_read", args=[one.pk])).status_code == 302
    assert SuggestionReading.objects.count() == 1
    assert "第二条讲什么" not in page(client, "dashboards:home")
    assert "已读" in page(client, "courses:after", attempt.pk)


def test_another_person_does_not_know_of_it(cast, as_user):
    attempt = in_hand(cast, 2)
    suggesting.suggest(attempt)
    [one] = Suggestion.objects.all()
    for other in (cast.director, cast.manager, cast.admin):
        assert as_user(other).get(reverse("courses:suggested", args=[one.pk])).status_code == 404


@pytest.mark.parametrize(
    ("disclosure", "is_told_before", "is_told_after"),
    [
        ("open", True, True),
        ("score_only", False, True),
        ("after_release", False, True),
        ("nothing", False, False),
    ],
)
def test_nothing_is_told_before_the_terms_tell_what_was_missed(
    cast, as_user, disclosure, is_told_before, is_told_after
):
    stories.course(cast, *LESSONS)
    room = stories.session(cast, disclosure=disclosure)
    attempt = stories.missed(room, cast.officer, 2)
    suggesting.suggest(attempt)
    [one] = Suggestion.objects.all()
    client = as_user(cast.officer)

    def tells():
        lesson = client.get(reverse("courses:suggested", args=[one.pk])).status_code
        places = (
            "第二条讲什么" in page(client, "courses:after", attempt.pk),
            "第二条讲什么" in page(client, "dashboards:home"),
        )
        return {lesson == 200, *places}

    assert tells() == {is_told_before}
    ExamSession.objects.filter(pk=room.pk).update(
        state="released", released_at=timezone.now() - timedelta(minutes=1)
    )
    assert tells() == {is_told_after}


@pytest.mark.parametrize(("disclosure", "is_told"), [("open", 200), ("score_only", 404)])
def test_a_file_of_a_withdrawn_course_is_for_whom_its_lesson_was_suggested_once_she_may_know(
    cast, as_user, settings, tmp_path, disclosure, is_told
):
    settings.MEDIA_ROOT = tmp_path
    course = stories.course(cast, *LESSONS)
    kept = course_stories.pictured(cast, course)
    attempt = stories.missed(stories.session(cast, disclosure=disclosure), cast.officer, 2)
    suggesting.suggest(attempt)
    address = reverse("courses:file", args=[course.code, kept.digest])
    assert as_user(cast.officer).get(address).status_code == 200  # the course stands open to her
    writing.withdraw(course, by=cast.editor, why="内容更新")
    assert as_user(cast.officer).get(address).status_code == is_told
    assert as_user(cast.director).get(address).status_code == 404


def test_of_a_spot_check_nothing_is_told_before_it_was_confirmed(cast, as_user):
    stories.course(cast, *LESSONS)
    room = stories.session(cast, kind=Exam.Kind.SPOT_CHECK)
    attempt = stories.missed(room, cast.officer, 2)
    client = as_user(cast.officer)
    page(client, "courses:after", attempt.pk)
    assert (attempt.released_at, Suggestion.objects.count()) == (None, 0)
    release.release_confirmed(attempt)
    assert "第二条讲什么" in page(client, "courses:after", attempt.pk)


def test_while_she_sits_an_exam_nothing_is_told_of_an_earlier_one(cast, as_user):
    attempt = in_hand(cast, 2)
    suggesting.suggest(attempt)
    [one] = Suggestion.objects.all()
    build.begun(build.make_session(cast, "second"), cast.officer)
    client = as_user(cast.officer)
    assert "第二条讲什么" not in page(client, "dashboards:home")
    assert "第二条讲什么正文" not in page(client, "courses:suggested", one.pk)


def test_of_a_voided_attempt_nothing_is_suggested(cast):
    attempt = in_hand(cast, 2)
    interventions.void(attempt, by=cast.city, why="替考")
    suggesting.suggest(attempt)
    assert told(attempt) == []


def test_the_way_to_practise_has_a_place_beside_the_lessons(cast, as_user, monkeypatch):
    attempt = stories.missed(
        stories.session(cast), cast.officer, 5
    )  # no lesson fits, and the place is there all the same
    seen = []
    monkeypatch.setitem(panels._tellers, panels.MISSED, [])
    panels.add(panels.MISSED, "courses/panels/after.html", lambda request, attempt: seen.append(attempt.pk))
    page(as_user(cast.officer), "courses:after", attempt.pk)
    assert seen == [attempt.pk]


def test_topics_help_where_no_lesson_cites_the_provision(cast):
    stories.course(cast, ("第一条讲什么", 5, (1,)))
    attempt = stories.missed(stories.session(cast), cast.officer, 4)  # items 1 and 4 are of one topic
    suggesting.suggest(attempt)
    [one] = Suggestion.objects.all()
    assert (one.revision.title, one.topic.name, str(one.provision)) == (
        "第一条讲什么",
        "知识点1",
        "《企业落实主体责任规定》第1条",
    )


def test_the_first_screen_costs_the_same_for_one_and_for_three(cast, as_user):
    attempt = in_hand(cast, 1, 2, 3, 4)
    lessons = list(LessonRevision.objects.order_by("pk"))
    client, costs = as_user(cast.officer), []
    for rank in (1, 2, 3):
        stories.suggestion(attempt, lessons[rank - 1], rank)
        page(client, "dashboards:home")
        with CaptureQueriesContext(connection) as asked:
            page(client, "dashboards:home")
        costs.append(len(asked))
    assert len(set(costs)) == 1
