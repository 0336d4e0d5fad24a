"""A class: who comes signs in when she arrives and when she leaves; at its end the minutes are fixed, and count."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import records
from accounts.models import Post
from audit.models import AuditEvent
from audit.transitions import Refused
from courses.actions import classes, presence
from courses.engine.classes import TURN
from courses.models import ClassAttendance, ClassCredit, ClassMeeting, ClassSign, Lesson
from courses.queries import classes as queries
from courses.queries.progress import progress_of
from courses.tests import class_stories as tell
from courses.tests import stories

MINUTE = tell.MINUTE


def minutes_of(meeting):
    return {
        one.attendance.person.name: one.minutes
        for one in ClassCredit.objects.filter(attendance__meeting=meeting).select_related(
            "attendance__person"
        )
    }


def test_whoever_comes_and_leaves_has_her_minutes_fixed_at_the_end_and_in_her_file(cast):
    meeting = tell.begun(cast)
    tell.signed(meeting, cast.officer, 0, 120)
    tell.signed(meeting, cast.director, 30, 60, 75, 121)
    tell.signed(meeting, cast.principal, 10)
    tell.ended(meeting)
    assert minutes_of(meeting) == {"王雨晨": 120, "李䶮": 75, "欧阳海": 0}
    [line] = records.latest(cast.officer, "training")
    assert (line.title, line.facts["minutes"], line.facts["organiser"]) == (
        "岗位集中培训",
        120,
        "津海电动车有限公司",
    )
    assert list(records.latest(cast.principal, "training")) == []
    assert ClassAttendance.objects.filter(is_here=True).count() == 0
    acts = AuditEvent.objects.filter(action__startswith="class").values_list("action", flat=True)
    assert sorted(set(acts)) == [
        "class.credited", "class.planned", "class.signed", "classmeeting.ended", "classmeeting.under_way",
    ]  # fmt: skip


def test_a_class_that_ends_early_counts_no_longer_and_one_that_began_late_no_earlier(cast):
    meeting = tell.planned(cast)
    meeting = classes.begin(meeting, by=cast.manager, now=meeting.begins_at + 10 * MINUTE)
    tell.signed(meeting, cast.officer, 12, 100)
    tell.signed(meeting, cast.director, 11, 60)
    classes.end(meeting, by=cast.manager, now=meeting.begins_at + 70 * MINUTE)
    assert minutes_of(meeting) == {"王雨晨": 58, "李䶮": 49}


def test_the_same_sign_again_changes_nothing(cast):
    meeting = tell.begun(cast)
    now = meeting.begins_at
    for _again in range(3):
        classes.sign(meeting, cast.officer, direction="in", now=now)
    assert ClassSign.objects.count() == 1
    assert AuditEvent.objects.filter(action="class.signed").count() == 1
    with pytest.raises(Refused, match="还没有签到"):
        classes.sign(meeting, cast.director, direction="out", now=now)


def test_nobody_is_in_two_classes_at_a_time(cast):
    first, second = tell.begun(cast), tell.begun(cast, title="另一课堂")
    now = first.begins_at
    classes.sign(first, cast.officer, direction="in", now=now)
    with pytest.raises(Refused, match="岗位集中培训"):
        classes.sign(second, cast.officer, direction="in", now=now + MINUTE)
    classes.sign(first, cast.officer, direction="out", now=now + MINUTE)
    classes.sign(second, cast.officer, direction="in", now=now + MINUTE)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClassAttendance.objects.filter(meeting=first).update(is_here=True)


def test_a_class_that_is_full_takes_nobody_more_but_lets_back_in_who_had_a_seat(cast):
    meeting = tell.begun(cast, capacity=1)
    tell.signed(meeting, cast.officer, 0, 5)
    with pytest.raises(Refused, match="课堂已满"):
        tell.signed(meeting, cast.director, 6)
    classes.sign(meeting, cast.officer, direction="in", now=meeting.begins_at + 9 * MINUTE)
    assert queries.here(meeting) == (1, 1)


def test_people_of_other_enterprises_and_without_a_post_may_not_come(cast):
    meeting = tell.begun(cast)
    for user in (cast.stranger, cast.manager, cast.editor):
        with pytest.raises(Refused, match="不在这个课堂的范围内"):
            tell.signed(meeting, user, 0)
    assert ClassAttendance.objects.count() == 0
    of_organ = tell.begun(cast, by=cast.city, unit=cast.city_organ)
    tell.signed(of_organ, cast.stranger, 0, 10)
    assert [row.attendance.person for row in queries.rows_of(of_organ)] == [cast.stranger]


def test_signing_in_is_open_from_the_organisers_word_until_an_hour_after_the_end(cast):
    meeting = tell.planned(cast)
    with pytest.raises(Refused, match="还没有开始签到"):
        tell.signed(meeting, cast.officer, 0)
    with pytest.raises(Refused, match="最早在开始前 60 分钟"):
        classes.begin(meeting, by=cast.manager, now=meeting.begins_at - 61 * MINUTE)
    meeting = classes.begin(meeting, by=cast.manager, now=meeting.begins_at - 60 * MINUTE)
    tell.signed(meeting, cast.officer, -10, 180)
    with pytest.raises(Refused, match="签到签退已关闭"):
        tell.signed(meeting, cast.director, 181)
    tell.ended(meeting)
    assert minutes_of(meeting) == {"王雨晨": 120}
    with pytest.raises(Refused, match="签到签退已关闭"):
        tell.signed(meeting, cast.director, 10)


def test_a_cancelled_class_counts_nothing_and_frees_its_people(cast):
    meeting = tell.begun(cast)
    tell.signed(meeting, cast.officer, 0)
    with pytest.raises(Refused, match="请写明取消理由"):
        classes.cancel(meeting, by=cast.manager, why=" ")
    classes.cancel(meeting, by=cast.manager, why="停电")
    assert (ClassCredit.objects.count(), ClassAttendance.objects.get().is_here) == (0, False)
    with pytest.raises(Refused, match="停电"):
        tell.signed(meeting, cast.director, 1)


# --- the organiser's hand ------------------------------------------------------------------------------------------------


def test_who_has_no_phone_is_entered_with_a_reason_and_by_whom(cast):
    meeting = tell.begun(cast, begins=timezone.now() - 2 * tell.HOUR)
    later = meeting.begins_at + 90 * MINUTE
    classes.enter(
        meeting,
        cast.officer,
        direction="in",
        why="没带手机",
        by=cast.manager,
        at=meeting.begins_at,
        now=later,
    )
    classes.enter(
        meeting, cast.officer, direction="out", why="没带手机", by=cast.manager, at=later, now=later
    )
    told = [(one.direction, one.how, one.why, one.by.name) for one in ClassSign.objects.order_by("pk")]
    assert told == [("in", "entered", "没带手机", "赵敏"), ("out", "entered", "没带手机", "赵敏")]
    tell.ended(meeting)
    assert minutes_of(meeting) == {"王雨晨": 90}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"why": ""}, "没有扫码的理由"),
        ({"at": timedelta(minutes=5)}, "不能晚于现在"),
        ({"at": timedelta(minutes=-5)}, "不能早于开始签到"),
        ({"by": "officer"}, "不能为自己登记"),
        ({"direction": "out"}, "还没有签到"),
    ],
)
def test_the_organiser_enters_nothing_without_a_reason_out_of_time_or_of_herself(cast, more, sentence):
    meeting = tell.begun(cast)
    now = meeting.begins_at
    said = {"direction": "in", "why": "没带手机", "by": cast.manager, "at": now} | more
    if isinstance(said["at"], timedelta):
        said["at"] = now + said["at"]
    if said["by"] == "officer":
        said["by"] = cast.officer
    with pytest.raises(Refused, match=sentence):
        classes.enter(meeting, cast.officer, now=now, **said)
    assert ClassSign.objects.count() == 0


def test_a_sign_is_never_before_the_one_before_it(cast):
    meeting = tell.begun(cast, begins=timezone.now() - tell.HOUR)
    tell.signed(meeting, cast.officer, 30)
    with pytest.raises(Refused, match="不能早于上一次"):
        classes.enter(
            meeting, cast.officer, direction="out", why="忘记", by=cast.manager, at=meeting.begins_at + 10 * MINUTE,
            now=meeting.begins_at + 50 * MINUTE,
        )  # fmt: skip


# --- the code ----------------------------------------------------------------------------------------------------------


def test_a_photographed_code_is_useless_after_its_turn_and_the_next(cast):
    meeting = tell.begun(cast)
    shot = timezone.now()
    code = tell.code(meeting, shot)
    classes.check_code(meeting, code, by=cast.officer, now=shot)
    with pytest.raises(Refused, match="二维码已经更换"):
        classes.check_code(meeting, code, by=cast.officer, now=shot + timedelta(seconds=2 * TURN))
    assert AuditEvent.objects.filter(action="class.code_refused").count() == 0  # honest, only late


def test_the_code_of_another_class_is_none_and_five_guesses_lock_the_guesser_alone(cast):
    meeting, other = tell.begun(cast), tell.begun(cast, title="另一课堂")
    now = timezone.now()
    for guess in (tell.code(other, now), "AAAAAA", "BBBBBB", "", "CCCCCC"):
        with pytest.raises(Refused, match="口令不对"):
            classes.check_code(meeting, guess, by=cast.officer, now=now)
    with pytest.raises(Refused, match="连续错误 5 次"):
        classes.check_code(meeting, tell.code(meeting, now), by=cast.officer, now=now)
    classes.check_code(meeting, tell.code(meeting, now), by=cast.director, now=now)
    later = now + timedelta(minutes=6)
    classes.check_code(meeting, tell.code(meeting, later), by=cast.officer, now=later)


# --- lessons that are learned in a class -----------------------------------------------------------------------------------


def test_a_lesson_is_completed_through_a_class_and_with_it_the_course(cast):
    course = tell.taught(cast, minutes=60)
    enrolment = stories.enrolled(cast, course)
    meeting = tell.begun(cast, lesson=tell.lesson_of(course), minutes=60)
    tell.signed(meeting, cast.officer, 0, 61)
    assert progress_of([enrolment])[enrolment.pk].minutes == 0  # fixed only at the end
    tell.ended(meeting)
    enrolment.refresh_from_db()
    progress = progress_of([enrolment])[enrolment.pk]
    assert (enrolment.state, progress.minutes, enrolment.completion.seconds) == ("completed", 60, 3600)
    assert {line.subject.split(":")[0] for line in records.latest(cast.officer, "training")} == {
        "class",
        "course",
    }


def test_two_classes_of_a_lesson_add_up_to_what_it_needs_and_no_more(cast):
    course = tell.taught(cast, minutes=60, articles=1)
    enrolment = stories.enrolled(cast, course)
    for _time in range(2):
        meeting = tell.begun(cast, lesson=tell.lesson_of(course), minutes=40)
        tell.signed(meeting, cast.officer, 0, 50)
        tell.ended(meeting)
    [article, lesson] = progress_of([enrolment])[enrolment.pk].steps
    assert (lesson.minutes, lesson.is_done, article.is_done) == (60, True, False)
    enrolment.refresh_from_db()
    assert enrolment.state == "active"


def test_no_page_of_such_a_lesson_counts_time(cast):
    course = tell.taught(cast, kind=Lesson.Kind.LIVE)
    enrolment = stories.enrolled(cast, course)
    [revision] = stories.revisions(enrolment)
    with pytest.raises(Refused, match="以签到和签退为准"):
        presence.open_visit(enrolment, revision)


def test_a_class_of_a_lesson_is_for_those_who_study_it(cast):
    course = tell.taught(cast)
    stories.enrolled(cast, course)
    meeting = tell.begun(cast, lesson=tell.lesson_of(course))
    with pytest.raises(Refused, match="请先加入课程"):
        tell.signed(meeting, cast.director, 0)
    assert [post.person for post in queries.posts_in_reach(meeting, timezone.localdate())] == [cast.officer]
    assert list(queries.coming(cast.officer, timezone.now())) == [meeting]
    assert list(queries.coming(cast.director, timezone.now())) == []


def test_the_list_of_who_came_costs_the_same_for_one_and_for_three(cast, django_assert_num_queries):
    meeting = tell.begun(cast)
    for n, user in enumerate((cast.officer, cast.director, cast.principal), start=1):
        tell.signed(meeting, user, 0, 60)
        with django_assert_num_queries(2):
            assert [row.minutes for row in queries.rows_of(meeting)] == [60] * n


def test_the_database_keeps_what_was_signed_and_fixed(cast):
    meeting = tell.begun(cast)
    tell.signed(meeting, cast.officer, 0, 60)
    tell.ended(meeting)
    for model, change in ((ClassSign, {"at": timezone.now()}), (ClassCredit, {"minutes": 999})):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**change)
    for change in ({"state": "planned"}, {"ended_at": None}, {"place": ""}, {"capacity": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClassMeeting.objects.update(**change)
    assert Post.objects.filter(person=cast.officer).exists()
