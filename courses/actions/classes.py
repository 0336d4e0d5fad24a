"""Holding a class: planned, opened for signing in, ended; and people who arrive and leave."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import records, vault
from accounts.models import RecordKind, User
from audit.append import append
from audit.log import name_of, record, record_many
from audit.models import AuditEvent, Outcome
from audit.transitions import Refused, move
from courses import rules, rules_classes
from courses.actions.completing import settle
from courses.actions.presence import locked as locked_enrolment
from courses.engine import classes as engine
from courses.models import ClassAttendance, ClassCredit, ClassMeeting, ClassSign, LessonRevision
from courses.queries import classes as queries
from courses.queries.progress import unmet_of

MOST_TRIES, LOCKED_FOR = 5, timedelta(minutes=5)
State, Direction, How = ClassMeeting.State, ClassSign.Direction, ClassSign.How


def locked(meeting):
    """The class as it is now; whoever else signs or ends it waits."""
    found = ClassMeeting.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("unit", "lesson").get(pk=meeting.pk)


def secret_of(meeting):
    """From what the codes of a class follow."""
    return vault.derived(f"class code:{meeting.pk}")


@transaction.atomic
def plan(meeting, *, by):
    """Keep what a form says of a class, new or still planned."""
    if meeting.pk is None:
        meeting.planned_by = by
        meeting.save()
        record("class.planned", meeting, by=by)
        return meeting
    if reason := rules_classes.why_not_change(locked(meeting)):
        raise Refused(reason)
    meeting.save()
    record("class.changed", meeting, by=by)
    return meeting


@transaction.atomic
def begin(meeting, *, by, now=None):
    """Open the signing in; from now on the screen shows its code."""
    now, meeting = now or timezone.now(), locked(meeting)
    if reason := rules_classes.why_not_begin(meeting, now):
        raise Refused(reason)
    return move(meeting, to=State.UNDER_WAY, by=by, begun_at=now)


@transaction.atomic
def cancel(meeting, *, by, why, now=None):
    """Take a class back, with the reason that its people read; who was there is no longer, and nothing counts."""
    meeting, why = locked(meeting), why.strip()[:200]
    if reason := rules_classes.why_not_cancel(meeting):
        raise Refused(reason)
    if len(why) < 2:
        raise Refused(_("请写明取消理由。"))
    meeting.attendances.filter(is_here=True).update(is_here=False)
    return move(
        meeting, to=State.CANCELLED, by=by, why=why, cancelled_at=now or timezone.now(), cancelled_why=why
    )


def check_code(meeting, typed, *, by, now=None):
    """Let a code of the screen pass. Raises Refused for an old one, for a wrong one, and for any after five wrong ones."""
    now = now or timezone.now()
    if _wrong_tries(meeting, by, now) >= MOST_TRIES:
        raise Refused(_("口令连续错误 5 次，请 5 分钟后再试，或请组织者登记。"))
    verdict = engine.judge(secret_of(meeting), typed, now)
    if verdict == engine.OLD:
        raise Refused(_("二维码已经更换，请重新扫描屏幕上的二维码。"))
    if verdict == engine.WRONG:
        record("class.code_refused", meeting, by=by, outcome=Outcome.REFUSED)
        raise Refused(_("口令不对，请按屏幕当前显示的扫描或输入。"))


def _wrong_tries(meeting, by, now):
    found = AuditEvent.objects.filter(action="class.code_refused", target=name_of(meeting), actor=by.pk)
    return found.filter(at__gt=now - LOCKED_FOR).count()


@transaction.atomic
def sign(meeting, person, *, direction, how=How.SCANNED, now=None):
    """Somebody arrives or leaves by her own phone, whose code has passed; the second time changes nothing."""
    now, meeting = now or timezone.now(), locked(meeting)
    if reason := rules_classes.why_not_sign(meeting, now):
        raise Refused(reason)
    return _write(meeting, person, direction, now, by=person, how=how)


@transaction.atomic
def enter(meeting, person, *, direction, why, by, at=None, now=None):
    """The organiser enters, with the reason, that somebody without a phone came or left."""
    now, meeting, why = now or timezone.now(), locked(meeting), why.strip()[:200]
    at = at or now
    if reason := rules_classes.why_not_enter(meeting, person, by=by, at=at, why=why, now=now):
        raise Refused(reason)
    return _write(meeting, person, direction, at, by=by, how=How.ENTERED, why=why)


def _write(meeting, person, direction, at, *, by, how, why=""):
    """The next sign of somebody, unless she already stands there: her seat, whether she is here, and the line that stays."""
    # Two classes that take the same person at once take turns.
    if User.objects.select_for_update(no_key=True).get(pk=person.pk).merged_into_id:
        raise Refused(_("有人的账号刚刚被合并，请刷新后再试。"))
    attendance, signs = queries.attendance_of(meeting, person)
    last = signs[-1] if signs else None
    if last is not None and last.direction == direction:
        return attendance
    if reason := rules_classes.why_not_next(last, direction, at):
        raise Refused(reason)
    if direction == Direction.ARRIVED:
        attendance = _seated(meeting, person, attendance)
    else:
        ClassAttendance.objects.filter(pk=attendance.pk).update(is_here=False)
    row = ClassSign(
        attendance=attendance, number=len(signs) + 1, direction=direction, how=how, at=at, why=why
    )
    facts = {"direction": str(direction), "how": str(how), "at": at.isoformat()}
    if how == How.ENTERED:
        row.by = by
        append([row])
        record("class.entered", attendance, by=by, why=why, **facts)
    else:
        append([row])
        record("class.signed", attendance, by=by, **facts)
    return attendance


def _seated(meeting, person, attendance):
    """Her row as being here, if she may come, sits in no other class, and there is a seat."""
    post = queries.posts_in_reach(meeting, timezone.localdate()).filter(person=person).first()
    if post is None:
        raise Refused(
            _("这个课堂只计入正在学习该课程的人员，请先加入课程。")
            if meeting.lesson_id
            else _("您的任职不在这个课堂的范围内，不能签到。")
        )
    if meeting.lesson_id:
        enrolment = queries.enrolments_for(meeting).filter(person=person).select_related("course").first()
        if reason := rules.why_not_study(enrolment, unmet_of(enrolment)):
            raise Refused(reason)
    if (elsewhere := queries.elsewhere(person)) is not None:
        raise Refused(_("您还在“%(title)s”课堂里，请先在那里签退。") % {"title": elsewhere.meeting.title})
    if attendance is not None:
        ClassAttendance.objects.filter(pk=attendance.pk).update(is_here=True)
        return attendance
    if meeting.attendances.count() >= meeting.capacity:
        raise Refused(_("课堂已满（%(most)s 人），不能再签到。") % {"most": meeting.capacity})
    try:
        with transaction.atomic():
            return ClassAttendance.objects.create(meeting=meeting, person=person, post=post)
    except IntegrityError:
        raise Refused(_("刚刚有另一次签到，请刷新后再试。")) from None


@transaction.atomic
def end(meeting, *, by, now=None):
    """End a class and fix everybody's minutes: they count for her enrolment, stand in her file, and may complete a course."""
    now, meeting = now or timezone.now(), locked(meeting)
    if reason := rules_classes.why_not_end(meeting):
        raise Refused(reason)
    move(meeting, to=State.ENDED, by=by, ended_at=now, facts={"came": meeting.attendances.count()})
    rows = queries.rows_of(meeting)
    meeting.attendances.filter(is_here=True).update(is_here=False)
    enrolments = {}
    if meeting.lesson_id:
        people = [row.attendance.person_id for row in rows]
        found = queries.enrolments_for(meeting).filter(person__in=people)
        enrolments = {one.person_id: locked_enrolment(one) for one in found.order_by("pk")}
    revisions = _revisions(meeting, enrolments.values())
    credits = [_credit(row, meeting, enrolments, revisions, now) for row in rows]
    ClassCredit.objects.bulk_create(credits, batch_size=500)
    record_many([("class.credited", one.attendance, {"minutes": one.minutes}) for one in credits], by=by)
    records.enter_many([_line(row, meeting) for row in rows if row.minutes], by=by)
    for enrolment in enrolments.values():
        if enrolment.state == "active":
            settle(enrolment, now=now)
    return meeting


def _revisions(meeting, enrolments):
    """Which revision of the lesson each edition holds: {edition: key}."""
    editions = {one.edition_id for one in enrolments}
    found = LessonRevision.objects.filter(lesson=meeting.lesson_id, places__edition__in=editions)
    return dict(found.values_list("places__edition", "pk"))


def _credit(row, meeting, enrolments, revisions, now):
    enrolment = enrolments.get(row.attendance.person_id)
    if enrolment is not None and enrolment.state != "active":
        enrolment = None
    return ClassCredit(
        attendance=row.attendance,
        minutes=queries.minutes_of(meeting, row.signs),
        enrolment=enrolment,
        revision_id=revisions[enrolment.edition_id] if enrolment else None,
        at=now,
    )


def _line(row, meeting):
    person, post = row.attendance.person, row.attendance.post
    return records.Line(
        person_id=person.pk,
        subject=f"class:{row.attendance.pk}",
        kind=RecordKind.TRAINING,
        occurred_on=timezone.localdate(meeting.begins_at),
        title=meeting.title,
        facts={
            "name": meeting.title,
            "form": meeting.kind,
            "teacher": meeting.teacher,
            "place": meeting.place or meeting.address,
            "minutes": row.minutes,
            "organiser": meeting.unit.name,
            "enterprise": post.enterprise.unit.name,
            "post": post.get_kind_display(),
            "signs": [
                f"{timezone.localtime(one.at):%H:%M:%S} {one.get_direction_display()}" for one in row.signs
            ],
        },
    )
