"""Several courses to thousands of people: asked for once, carried out in pieces, and begun again where a worker died."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import scope
from accounts.planning import chunks
from audit.log import record
from audit.transitions import Refused, move
from courses.actions import enrolling
from courses.models import Assignment, Enrolment
from courses.queries import assigning as queries
from courses.queries.team import ASSIGNS
from courses.rules import why_not_given
from operations import statistics

PIECE = 500  # people in one transaction; what it gave is kept, whatever happens to the next
MOST_TOLD = 100
State = Assignment.State


@transaction.atomic
def ask(token, *, by, courses, chosen, due_on, now=None):
    """Note that courses are to be given to everybody chosen, and enqueue it; asked twice it is one assignment."""
    from courses import tasks_plans as tasks  # here, since the task is made of this module's acts

    now = now or timezone.now()
    if due_on < timezone.localdate(now):
        raise Refused(_("完成期限不能早于今天。"))
    if not courses:
        raise Refused(_("请至少选择一门课程。"))
    for course in courses:
        if reason := why_not_given(course):
            raise Refused(reason)
    fresh = sum(one.fresh for one in queries.outlook(by, courses, chosen, timezone.localdate(now)))
    if not fresh and not Assignment.objects.filter(token=token).exists():
        raise Refused(_("没有需要新安排的人员：符合条件的人都已在学或已学完。"))
    asked, is_new = Assignment.objects.get_or_create(
        token=token,
        defaults={"asked_by": by, "asked_at": now, "chosen": chosen, "due_on": due_on, "total": fresh},
    )
    if is_new:
        asked.courses.set(courses)
        record("assignment.asked", asked, by=by, courses=[one.code for one in courses], fresh=fresh)
        tasks.assign.enqueue(asked.pk)
    return asked


def carry_out(asked, *, now=None):
    """Give what is lacking, course by course and piece by piece; whoever begins again finds what was given and goes on."""
    now = now or timezone.now()
    if asked.state != State.WAITING:
        return asked
    if reason := _why_not(asked):
        return _stop(asked, reason, now)
    today = timezone.localdate(now)
    work = [
        (course, list(queries.lacking(asked.asked_by, course, asked.chosen, today).values_list("pk", flat=True)))
        for course in asked.courses.select_related("current").order_by("code")
    ]  # fmt: skip
    left = sum(len(keys) for _course, keys in work)
    Assignment.objects.filter(pk=asked.pk).update(total=asked.given + left, refused=[], refusals=0)
    asked.refresh_from_db()
    for course, keys in work:
        for piece in chunks(keys, PIECE):
            if not _give(asked, course, piece, today, now):
                return asked
    statistics.learn([Enrolment], left)
    return _done(asked, now)


def _why_not(asked):
    by = asked.asked_by
    if not by.is_active or not scope.has_role(by, *ASSIGNS):
        return _("安排人已不再管理企业，安排没有继续。")
    if asked.due_on < timezone.localdate():
        return _("完成期限已过，安排没有继续。")
    return ""


@transaction.atomic
def _give(asked, course, piece, today, now):
    """One piece, with how far it has come; of two workers the second waits and finds less to do."""
    held = Assignment.objects.select_for_update(of=("self",), no_key=True).get(pk=asked.pk)
    if held.state != State.WAITING:
        asked.state = held.state
        return False
    posts = {}
    for post in queries.lacking(asked.asked_by, course, asked.chosen, today).filter(pk__in=piece):
        posts.setdefault(post.person_id, post)
    given, refused = _enrol(course, list(posts.values()), asked, now)
    held.given += given
    held.total -= len(piece) - given  # whoever got it meanwhile, or has two posts, is no longer expected
    held.refusals += len(refused)
    held.refused = (held.refused + refused)[:MOST_TOLD]
    held.save(update_fields=["given", "total", "refusals", "refused"])
    return True


def _enrol(course, posts, asked, now):
    """All at once; where one is refused each by herself, so that the others do not wait for her."""
    try:
        with transaction.atomic():
            enrolling.enrol_many(course, posts, by=asked.asked_by, due_on=asked.due_on, now=now)
        return len(posts), []
    except Refused:
        given, refused = 0, []
    for post in posts:
        try:
            with transaction.atomic():
                enrolling.enrol_many(course, [post], by=asked.asked_by, due_on=asked.due_on, now=now)
            given += 1
        except Refused as sentence:
            refused.append([post.pk, course.pk, str(sentence).removeprefix(f"{post.person}：")])
    return given, refused


def _done(asked, now):
    asked.refresh_from_db()
    if asked.state != State.WAITING:
        return asked
    facts = {"given": asked.given, "refused": asked.refusals}
    return move(asked, to=State.DONE, by=asked.asked_by, facts=facts, finished_at=now)


def _stop(asked, reason, now):
    return move(asked, to=State.STOPPED, by=asked.asked_by, why=reason, refusal=reason[:200], finished_at=now)


@transaction.atomic
def again(asked, *, by):
    """Let the background worker go on with what it gave up; what it has in its hands stays as it is."""
    from courses import tasks_plans as tasks  # see above

    asked = Assignment.objects.select_for_update(of=("self",), no_key=True).get(pk=asked.pk)
    if asked.state == State.DONE or (asked.state == State.WAITING and queries.is_under_way(asked)):
        return asked
    if asked.state == State.STOPPED:
        if reason := _why_not(asked):
            raise Refused(reason)
        move(asked, to=State.WAITING, by=by, refusal="", finished_at=None)
    record("assignment.again", asked, by=by)
    tasks.assign.enqueue(asked.pk)
    return asked
