"""Giving courses to people and taking them back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.log import record_many
from audit.transitions import Refused, move
from courses import rules
from courses.models import Enrolment


def enrol(course, post, *, by, due_on=None, now=None):
    """Enrol one post-holder; a second time changes nothing."""
    return enrol_many(course, [post], by=by, due_on=due_on, now=now)[0]


@transaction.atomic
def enrol_many(course, posts, *, by, due_on=None, now=None):
    """Enrol several post-holders in the edition that is given out, all or none; who studies it already stays as she is."""
    now = now or timezone.now()
    for post in posts:
        if reason := rules.why_not_enrol(course, post, now):
            raise Refused(reason if post.person_id == by.pk else f"{post.person}：{reason}")
    if due_on and due_on < timezone.localdate(now):
        raise Refused(_("完成期限不能早于今天。"))
    people = [post.person_id for post in posts]
    # Two who enrol one person take turns, so that the second finds the first's row.
    locked = User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk")
    if any(merged for _pk, merged in locked.values_list("pk", "merged_into_id")):
        raise Refused(_("有人的账号刚刚被合并，请刷新后再试。"))
    active = Enrolment.objects.filter(course=course, state=Enrolment.State.ACTIVE, person__in=people)
    held = set(active.values_list("person", flat=True))
    wanted = {post.person_id: post for post in reversed(posts) if post.person_id not in held}
    made = Enrolment.objects.bulk_create(
        Enrolment(
            person=post.person,
            course=course,
            edition_id=course.current_id,
            post=post,
            assigned_by=None if by.pk == person else by,
            due_on=due_on,
            enrolled_at=now,
        )
        for person, post in wanted.items()
    )
    rows = {row.person_id: row for row in made}
    if held:
        rows |= {
            row.person_id: row
            for row in active.filter(person__in=held).select_related("course", "edition", "person", "post")
        }
    due = {"due": due_on.isoformat()} if due_on else {}
    record_many([("enrolment.made", rows[person], due) for person in wanted], by=by)
    return [rows[post.person_id] for post in posts]


@transaction.atomic
def cancel(enrolment, *, by, why, now=None):
    """Take a course back that somebody is studying, with the reason; what she did stays."""
    if not why.strip():
        raise Refused(_("请写明取消理由。"))
    return move(
        enrolment,
        to=Enrolment.State.CANCELLED,
        by=by,
        why=why.strip()[:200],
        cancelled_at=now or timezone.now(),
    )


@transaction.atomic
def set_due(enrolments, *, due_on, by):
    """Give those who are still studying another day, each with a line of the log."""
    held = Enrolment.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=[one.pk for one in enrolments], state=Enrolment.State.ACTIVE
    )
    rows = list(held.select_related("course", "person").order_by("pk"))
    told = [
        ("enrolment.due_changed", row, {"before": str(row.due_on or ""), "after": due_on.isoformat()}) for row in rows
    ]  # fmt: skip
    Enrolment.objects.filter(pk__in=[row.pk for row in rows]).update(due_on=due_on)
    record_many(told, by=by)
    return rows
