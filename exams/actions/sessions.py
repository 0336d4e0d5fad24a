"""Planning and publishing sessions, admitting people to them."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.log import record, record_many
from audit.transitions import Refused, move
from exams import tasks
from exams.actions import papers
from exams.models import Exam, ExamSession, Registration
from exams.rules import why_not_publish, why_not_register


@transaction.atomic
def define(*, by, **fields):
    """Define an exam from which sessions may be planned."""
    exam = Exam.objects.create(**fields)
    record("exam.defined", exam, by=by, blueprint=exam.blueprint.code, unit=exam.unit.code)
    return exam


@transaction.atomic
def plan(exam, *, by, code, name, opens_at, closes_at, unit=None, place="", papers_wanted=12, **terms):
    """Plan a session of an exam: its terms are copied from the exam, single ones may be given otherwise."""
    session = ExamSession.objects.create(
        exam=exam,
        code=code,
        name=name,
        unit=unit or exam.unit,
        opens_at=opens_at,
        closes_at=closes_at,
        place=place,
        papers_wanted=papers_wanted,
        **(exam.terms() | terms),
    )
    record("session.planned", session, by=by, exam=exam.code)
    return session


@transaction.atomic
def publish(session, *, by, now=None):
    """Publish a planned session: enough papers to begin with are composed here and now, the rest by the background worker."""
    now = now or timezone.now()
    if reason := why_not_publish(session, now):
        raise Refused(reason)
    _compose_first(session, by)
    return move(session, to=ExamSession.State.PUBLISHED, by=by, published_at=now)


def _compose_first(session, by):
    """Compose the first chunk and leave the rest to the worker, in the same transaction."""
    composed = papers.compose(session, min(session.papers_wanted, papers.FIRST), by=by)
    if session.papers_wanted > papers.FIRST:
        tasks.compose_papers.enqueue(session.pk)
    return composed


@transaction.atomic
def renew_papers(session, *, by):
    """Compose a fresh set of papers for a standing session; new attempts take from it, old ones keep theirs."""
    # Under the lock that a top-up takes as well: one of them numbers its papers first.
    session = ExamSession.objects.select_for_update(no_key=True).get(pk=session.pk)
    if session.state != ExamSession.State.PUBLISHED:
        raise Refused(_("只有已发布的场次可以重新组卷。"))
    composed = _compose_first(session, by)
    session.papers_from = composed[0].number
    session.save(update_fields=["papers_from"])
    return composed


@transaction.atomic
def cancel(session, *, by, why):
    """Cancel a published session; nobody may begin any more, who sits goes on to her own end (or is paused), what was sat stays."""
    if not why.strip():
        raise Refused(_("请写明取消原因。"))
    return move(session, to=ExamSession.State.CANCELLED, by=by, why=why)


def register(session, post, *, by, source, due_on=None, now=None):
    """Admit one post-holder; a second time changes nothing."""
    return register_many(session, [post], by=by, source=source, due_on=due_on, now=now)[0]


@transaction.atomic
def register_many(session, posts, *, by, source, due_on=None, now=None):
    """Admit several post-holders at once, all or none; those already admitted stay as they are."""
    now = now or timezone.now()
    by_herself = source == Registration.Source.SELF
    for post in posts:
        if reason := why_not_register(session, post, now, by_herself=by_herself):
            raise Refused(f"{post.person}：{reason}" if not by_herself else reason)
    # Two registrations of one person take turns, so that the second knows of the first and writes nothing.
    people = User.objects.select_for_update(no_key=True).filter(pk__in=[p.person_id for p in posts])
    list(people.order_by("pk").values_list("pk"))
    held = set(
        Registration.objects.filter(session=session, candidate__in=[p.person_id for p in posts]).values_list(
            "candidate_id", flat=True
        )
    )
    # Of a person with two posts the first named is meant.
    wanted = {post.person_id: post for post in reversed(posts) if post.person_id not in held}
    Registration.objects.bulk_create(
        [
            Registration(
                session=session,
                candidate_id=person,
                post=post,
                source=source,
                registered_by=by,
                registered_at=now,
                due_on=due_on,
            )
            for person, post in wanted.items()
        ],
        ignore_conflicts=True,
    )
    now_held = {
        r.candidate_id: r
        for r in Registration.objects.filter(
            session=session, candidate__in=[p.person_id for p in posts]
        ).select_related("session", "candidate", "post")
    }
    record_many([("registration.made", now_held[person], {"source": source}) for person in wanted], by=by)
    return [now_held[post.person_id] for post in posts]
