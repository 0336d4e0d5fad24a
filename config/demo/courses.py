"""Chapter of learning: a general course and two of products, who was given them or began one, and how far they are."""

import re
from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Unit, User
from catalog.models import LegalProvision, ProductCategory
from config.demo import files
from courses import files as course_files
from courses import rules
from courses.actions import enrolling, presence, quizzes, writing
from courses.models import Beat, Course, Enrolment, Lesson, LessonRevision
from courses.queries.quizzes import places, token_name
from exams import markup, tokens
from exams.models import ExamSession, ItemBank

FOLDER = files.FIXTURES / "courses"
EVERY = 40  # seconds between the beats of the past, as far apart as they may lie
TO_THE_END = 10_000  # minutes
KEEP = {Lesson.Kind.VIDEO: course_files.keep_video, Lesson.Kind.DOCUMENT: course_files.keep_document}


def load(today):
    """Write and publish the courses, give them to some, and tell how far they came."""
    by = {user.username: user for user in User.objects.filter(username__in=("editor", "manager"))}
    provisions = {
        (row.document.code, row.article): row for row in LegalProvision.objects.select_related("document")
    }
    published = files.moment(f"{today - timedelta(days=60)} 09:00")
    lessons, courses = files.rows("lessons.csv", today), {}
    for row in files.rows("courses.csv", today):
        course = _course(row, today, by["editor"])
        for lesson in lessons:
            if lesson["course"] == course.code:
                _lesson(course, lesson, provisions, by["editor"])
        courses[course.code] = writing.publish(course, by=by["editor"], note="首版", now=published)
    for row in files.rows("enrolments.csv", today):
        began = files.moment(f"{row['given']} 09:00")
        person = User.objects.get(name=row["person"], posts__ended_on=None)
        [enrolment] = enrolling.enrol_many(
            courses[row["course"]],
            [person.posts.filter(ended_on=None).first()],
            by=by[row["by"]] if row["by"] else person,
            due_on=files.day(row["due"]) if row["due"] else None,
            now=began,
        )
        study(enrolment, start=began + timedelta(hours=1), minutes=int(row["minutes"] or TO_THE_END))


def _course(row, today, by):
    category = ProductCategory.objects.in_force(today).filter(name=row["category"]).first()
    return writing.write(
        Course(
            code=row["code"],
            name=row["name"],
            summary=row["summary"],
            unit=Unit.objects.get(code="TJ"),
            category=category,
            post_kinds=row["posts"].split(),
            bank=ItemBank.objects.get(code=row["bank"]),
            session=ExamSession.objects.get(code=row["session"]),
        ),
        prerequisites=(),
        by=by,
    )


def _lesson(course, row, provisions, by):
    def upload(name):
        return ContentFile((FOLDER / course.code / name).read_bytes(), name=name)

    body, kind = (FOLDER / course.code / row["source"]).read_text(encoding="utf-8"), Lesson.Kind(row["kind"])
    names = {
        name: course_files.keep_picture(course, upload(name), by=by).digest
        for name in markup.pictures_in(body)
    }
    writing.write_lesson(
        course,
        by=by,
        kind=kind,
        title=row["title"],
        body=re.sub(r"\s+\Z", "\n", markup.with_pictures(body, names)),
        file=KEEP[kind](course, upload(row["file"]), by=by) if row["file"] else None,
        captions=course_files.keep_captions(course, upload(row["captions"]), by=by)
        if row["captions"]
        else None,
        minutes=int(row["minutes"]),
        items=int(row["items"] or 0),
        provisions=[provisions[tuple(one.split(":"))] for one in row["provisions"].split()],
    )


def study(enrolment, *, start, minutes):
    """Somebody reads her lessons in their order, taps whenever she is asked, and stops after so many minutes or at the end."""
    now, stop = start, start + timedelta(minutes=minutes)
    for revision in LessonRevision.objects.filter(places__edition=enrolment.edition).order_by(
        "places__position"
    ):
        if revision.kind == Lesson.Kind.QUIZ and now < stop:
            practise(enrolment, revision, now)
        now = read(enrolment, revision, now, min(stop, now + timedelta(minutes=revision.minutes + 1)))
    while minutes == TO_THE_END and Enrolment.objects.get(pk=enrolment.pk).state == Enrolment.State.ACTIVE:
        now = read(enrolment, revision, now, now + timedelta(minutes=1))
    return now


def read(enrolment, revision, start, stop):
    """Keep one lesson open from one moment to another."""
    now, number = start, 0
    if now >= stop:
        return now
    quiet_until = _quiet_until(enrolment, now)
    visit = presence.open_visit(enrolment, revision, now=now)
    while now <= stop:
        number += 1
        if now < quiet_until:
            Beat.objects.create(visit=visit, number=number, is_visible=True, at=now)
            now += timedelta(seconds=EVERY)
            continue
        told = presence.beat(visit, number=number, is_visible=True, now=now)
        if told.check:
            told = presence.answer(
                told.check, token=presence.token_of(told.check), now=now + timedelta(seconds=4)
            )
            quiet_until = _quiet_until(enrolment, now)
        if told.is_complete:
            break
        now += timedelta(seconds=EVERY)
    return min(now, timezone.now())


def _quiet_until(enrolment, now):
    """Until when no check can come, so that a beat needs only to be written and nobody asks."""
    last = enrolment.checks.order_by("-number").values_list("at", flat=True).first()
    since = last or (now if not enrolment.visits.exists() else None)
    return since + timedelta(seconds=rules.rhythm().check_from) if since else now


def practise(enrolment, revision, now):
    """Somebody does the quiz of a lesson, and everything is right."""
    go = quizzes.begin(enrolment, revision, now=now)
    said = {place.position: tokens.closed(token_name(go), place.position, place.key) for place in places(go)}
    quizzes.hand_in(go, said, now=now + timedelta(minutes=3))
