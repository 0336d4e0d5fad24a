"""A house with one of everything that an address can name."""

from datetime import date, timedelta
from types import SimpleNamespace

from django.utils import timezone

from accounts import papers
from accounts.actions import attach, merge
from accounts.models import Hold, Import, Post, PostPaper, RoleGrant, User
from accounts.tests.files import a_picture
from api.tests.stories import make_token
from courses.actions import assigning, planning, quizzes
from courses.models import FileExport
from courses.tests import after_exams as after
from courses.tests import class_stories as classes
from courses.tests import stories as courses
from exams.actions import rooms
from exams.models import Item, MoveRequest
from exams.queries.arrivals import pass_of
from messaging.tests.stories import told
from operations.tests.stories import failed_task
from practice.actions import answering, mocks
from supervision.actions import absences, amending, notices, packages, sittings
from supervision.actions.evidence import attach as keep
from supervision.actions.publishing import object_to
from supervision.actions.standing import declare
from supervision.tests import failing, stories
from tests import build


def merged(cast):
    """A merge of two accounts of one person of Jinhai's."""
    twice = User.objects.create_user("twice", name=cast.principal.name)
    Post.objects.create(person=twice, enterprise=cast.jinhai, kind="director", appointed_on="2026-03-02")
    return merge(cast.principal, twice, reason="同一人两份档案", by=cast.city)


def make_house(cast):
    """One of everything that an address can name."""
    attach(
        cast.post(cast.officer),
        papers.prepare(a_picture(), "任命.png"),
        role=PostPaper.Role.APPOINTMENT,
        by=cast.manager,
    )
    session = build.make_session(cast, max_attempts=1)
    certificate = build.certified(cast, cast.officer, session=session)
    build.admitted(session, cast.principal)
    hall = build.make_session(cast, "hall", exam=session.exam, is_held=True)
    admission = build.admitted(hall, cast.officer)
    stories.inspectors(cast)  # so that the second check finds some who did not inspect the first
    room = rooms.add(hall, by=cast.city, name="第一考场", capacity=4)
    rooms.seat_all(hall, by=cast.city)  # so that whoever is let in is told why it cannot go
    draw = stories.drawn(cast, **stories.lean(session.exam.blueprint), universe={"kinds": ["officer"]})
    profile = draw.check_of.profile
    soon = timezone.now() + timedelta(hours=1)
    check = stories.called(cast, draw.check_of, opens_at=soon, closes_at=soon + timedelta(hours=1))
    examinee = check.examinees.get()
    notices.issue(check, by=cast.district, bring="身份证", contact="西青局")
    asked = absences.ask(examinee, by=cast.officer, side="person", why="住院")
    [evidence] = keep(draw.check_of, examinee, [papers.prepare(a_picture(), "现场.png")], by=cast.district)
    away = failing.absent(cast, session.exam.blueprint, profile)
    revoked = failing.revoked(cast, away[cast.officer])
    sittings.amend(away[cast.officer], by=cast.city, why="证明系伪造", conclusion="absent")
    failing.confirmed(away[cast.officer])
    notice = failing.served(cast, away[cast.officer])
    proposal = amending.propose(away[cast.director], by=cast.district, conclusion="excused", why="住院")
    [proof] = keep(
        notice.check_of, notice.service, [papers.prepare(a_picture(), "回证.png")], by=cast.district
    )
    interest = declare(cast.district, cast.jinhai, by=cast.district, note="故事", starts_on="2025-01-06")
    recorded = _recorded(cast, session.exam.blueprint, profile)
    stories.on_paper(cast, examinee)
    package = packages.make(packages.ask(draw.check_of, by=cast.district, why="行政复议举证"))
    planned = stories.planned(cast, profile=profile, blueprint=session.exam.blueprint, quotas={"": 1})
    running = build.begun(session, cast.director)
    move = MoveRequest.objects.create(attempt=running, device="b" * 32, code="000000")
    return SimpleNamespace(
        draw=draw.code,
        drawn=draw.check_of.code,
        planned=planned.code,
        **recorded,
        **_learned(cast, certificate.attempt),
        **_practised(cast),
        **_classes(cast),
        examinee=examinee.pk,
        evidence=evidence.pk,
        failed=notice.check_of.code,
        absent=away[cast.principal].pk,
        notice=notice.pk,
        notice_revoked=revoked.pk,
        proposal=proposal.pk,
        notice_fresh=failing.issued(cast, away[cast.director]).pk,
        proof=proof.pk,
        room=room.pk,
        absence=asked.pk,
        round=examinee.registration.session.code,
        package=package.pk,
        interest=interest.pk,
        officer=cast.officer.pk,
        director=cast.director.pk,
        jinhai=cast.jinhai.uscc,
        post=cast.post(cast.officer).pk,
        grant=cast.manager.grants.get().pk,
        session=session.code,
        hall=hall.code,
        admission=admission.pk,
        pass_=pass_of(admission.pk),
        finished=certificate.attempt.pk,
        running=running.pk,
        move=move.pk,
        bank="stories",
        item=Item.objects.filter(type="single").first().code,
        blueprint="stories",
        certificate=certificate.number,
        code=certificate.code,
        task=failed_task().pk,
        hold=Hold.objects.create(person=cast.officer, reason="投诉正在核查").pk,
        message=told(cast.officer).pk,
        token=make_token(cast, cast.xiqing)[0].pk,
        lent=_lent(cast),
        merge=merged(cast).pk,
        import_=Import.objects.create(by=cast.station, state=Import.State.DONE).pk,
    )


def _recorded(cast, blueprint, profile):
    """A published check of somebody of the crowd, signed, with an objection of her enterprise."""
    stories.crowd(cast, 3)
    stories.inspectors(cast)
    for one in (cast.station, cast.city):  # as the district's has: none of the cast is sent
        declare(one, cast.jinhai, by=one, note="故事", starts_on="2025-01-06")
    kept = stories.drawn_without(cast, cast.everybody().values(), **stories.lean(blueprint, rule=profile))
    check = stories.published(cast, (1,), check=stories.called(cast, kept))
    one = check.examinees.get()
    row = one.minutes.get()
    return {
        "recorded": check.code,
        "recorded_one": one.pk,
        "minutes": row.pk,
        "minutes_code": row.code,
        "signature": row.signatures.exclude(image="").first().pk,
        "objection": object_to(one, by=cast.manager, side="enterprise", why="故事").pk,
    }


def _learned(cast, attempt):
    """A course for Jinhai's products that the officer studies: a check waits for her tap, and a go at the quiz for its end; a lesson of it
    was suggested after an exam, and somebody waits for the archive of training files.
    """
    course = courses.published(cast, "lessons", minutes=(9,), quiz=2, category=cast.ebike)
    file = courses.pictured(cast, course)
    enrolment = courses.enrolled(cast, course)
    lesson, quiz = courses.revisions(enrolment)
    go = quizzes.begin(enrolment, quiz)
    courses.study(enrolment, lesson, 300, answers=False)
    suggestion = after.suggestion(attempt, lesson)
    export = FileExport.objects.create(
        enterprise=cast.jinhai, year=timezone.localdate().year, by=cast.manager, people=1
    )
    return {
        "suggestion": suggestion.pk,
        "file_export": export.pk,
        "year": export.year,
        "course": course.code,
        "course_lesson": lesson.pk,
        "quiz_lesson": quiz.pk,
        "quiz_try": go.pk,
        "written_lesson": lesson.lesson_id,
        "course_file": file.digest,
        "enrolment": enrolment.pk,
        "visit": enrolment.visits.last().pk,
        "presence": enrolment.checks.last().pk,
        **_planned(cast, course),
    }


def _practised(cast):
    """An answer of the officer to an item of the course's practice bank, and a mock exam that she has begun."""
    mock = mocks.begin(cast.officer, count=10)
    item = Item.objects.filter(bank__is_practice=True).select_related("current").first()
    entry = answering.Entry(number=1, revision=item.current_id, payload=dict(item.current.key), mode="item")
    answering.take(cast.officer, "page-0123456789abcdef", [entry])
    return {
        "practice_item": item.pk,
        "practice_topic": item.topic_id,
        "practice_device": "page-0123456789abcdef",
        "mock": mock.pk,
    }


def _planned(cast, course):
    """A plan of Jinhai's that is carried out for its officers, and a bulk assignment that waits."""
    soon = timezone.localdate() + timedelta(days=20)
    plan = planning.draft(cast.jinhai, by=cast.manager, year=soon.year, title="年度培训计划")
    planning.add_entry(plan, by=cast.manager, course=course, post_kinds=["officer"], due_on=soon)
    planning.put_in_force(plan, by=cast.manager)
    asked = assigning.ask("0" * 32, by=cast.manager, courses=[course], chosen={}, due_on=soon)
    return {"plan": plan.pk, "assignment": asked.pk}


def _classes(cast):
    """A class of Jinhai that is under way and one to come, an outside training that waits for its check, a rule that is over."""
    rule = classes.ruled(cast, starts_on=date(2020, 1, 1), ends_on=date(2021, 1, 1))
    return {
        "meeting": classes.begun(cast).pk,
        "planned_meeting": classes.planned(cast).pk,
        "outside": classes.submitted(cast).pk,
        "hour_rule": rule.pk,
    }


def _lent(cast):
    """A role that was lent from yesterday on and ended today, so that nobody may do more for it."""
    given, today = cast.manager.grants.get(), timezone.localdate()
    return RoleGrant.objects.create(
        user=cast.director, role=given.role, unit=given.unit, delegated_from=given, starts_on=today - timedelta(days=1),
        ends_on=today,
    ).pk  # fmt: skip
