"""Builders of classes, outside trainings and rules of hours."""

from datetime import date, timedelta

from django.utils import timezone

from accounts import papers
from accounts.tests.files import a_picture
from courses.actions import classes, hour_rules, outside, writing
from courses.engine import classes as engine
from courses.models import ClassMeeting, Course, HourRule, Lesson, OutsideTraining
from courses.tests import stories

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def planned(cast, *, by=None, begins=None, hours=2, **fields):
    """A class of Jinhai by its manager, two hours from now on unless said otherwise."""
    begins = begins or timezone.now()
    fields = {
        "unit": cast.jinhai.unit, "title": "岗位集中培训", "teacher": "周老师", "place": "三楼会议室", "capacity": 30, "minutes": hours * 60,
    } | fields  # fmt: skip
    return classes.plan(
        ClassMeeting(begins_at=begins, ends_at=begins + timedelta(hours=hours), **fields),
        by=by or cast.manager,
    )


def begun(cast, **more):
    """The same, open for signing in since its beginning."""
    made = planned(cast, **more)
    return classes.begin(made, by=made.planned_by, now=made.begins_at)


def signed(meeting, user, *minutes):
    """Somebody arrives and leaves and so on, so many minutes after the beginning."""
    for n, minute in enumerate(minutes):
        classes.sign(
            meeting, user, direction="out" if n % 2 else "in", now=meeting.begins_at + minute * MINUTE
        )


def ended(meeting, by=None):
    """It ends when it was planned to."""
    return classes.end(meeting, by=by or meeting.planned_by, now=meeting.ends_at)


def code(meeting, now=None):
    """What the screen shows."""
    return engine.code(classes.secret_of(meeting), now or timezone.now())


def taught(cast, code="taught", *, minutes=60, kind=Lesson.Kind.CLASSROOM, articles=0):
    """A published course of the city with one lesson that is learned in a class, and articles of two minutes before it."""
    course = writing.write(
        Course(code=code, name=f"课程{code}", unit=cast.city_organ), prerequisites=(), by=cast.editor
    )
    for n in range(articles):
        writing.write_lesson(
            course, by=cast.editor, kind=Lesson.Kind.ARTICLE, title=f"第{n + 1}课", body="正文", minutes=2
        )
    writing.write_lesson(course, by=cast.editor, kind=kind, title="面授", minutes=minutes)
    return writing.publish(course, by=cast.editor)


def lesson_of(course):
    """Its lesson that is learned in a class."""
    return course.lessons.get(kind__in=Lesson.IN_CLASS)


def evidence(name="证书.png", size=(40, 30)):
    """A file that may be kept."""
    return papers.prepare(a_picture(size=size), name)


def written(cast, user=None, **fields):
    """An outside training of the officer that is not yet entered."""
    user = user or cast.officer
    day = timezone.localdate() - timedelta(days=9)
    fields = {
        "organiser": "市质量协会", "title": "过程质量控制", "begins_on": day, "ends_on": day, "minutes": 240,
    } | fields  # fmt: skip
    return OutsideTraining(person=user, post=user.posts.first(), **fields)


def submitted(cast, user=None, *, by=None, **fields):
    """The same, entered by herself unless somebody else is named."""
    made = written(cast, user, **fields)
    return outside.submit(made, evidence(), by=by or made.person)


def confirmed(cast, user=None, **more):
    """And confirmed by the manager."""
    return outside.confirm(submitted(cast, user, **more), by=cast.manager)


def ruled(cast, **fields):
    """A rule of the city for everybody, twelve hours a year, in force since last year."""
    fields = {
        "name": "演示规则", "unit": cast.city_organ, "hours": 12, "basis": "故事中的文件第一条", "sources": list(HourRule.Source.values),
        "starts_on": date(timezone.localdate().year - 1, 1, 1),
    } | fields  # fmt: skip
    return hour_rules.add(HourRule(**fields), by=cast.admin)


def finished_course(cast, user=None, code="hours", minutes=(2, 3)):
    """Somebody studies a course of so many minutes to its end."""
    enrolment = stories.enrolled(cast, stories.published(cast, code, minutes=minutes), user)
    stories.finish(enrolment)
    return enrolment
