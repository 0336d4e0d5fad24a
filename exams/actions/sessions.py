"""Planning and publishing sessions, admitting people to them."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.log import record, record_many
from audit.transitions import Refused, move
from exams import keeping, tasks
from exams.actions import papers
from exams.models import Attempt, Exam, ExamSession, Registration, Seat
from exams.rules import minute, why_not_publish, why_not_register, why_not_reschedule


@transaction.atomic
def define(*, by, **fields):
    """Define an exam from which sessions may be planned."""
    exam = Exam.objects.create(**fields)
    record("exam.defined", exam, by=by, blueprint=exam.blueprint.code, unit=exam.unit.code)
    return exam


@transaction.atomic
def plan(
    exam,
    *,
    by,
    code,
    name,
    opens_at,
    closes_at,
    unit=None,
    place="",
    papers_wanted=12,
    is_held=False,
    passed_over=(),
    **terms,
):
    """Plan a session of an exam: its terms are copied from the exam, single ones may be given otherwise.

    Items that are passed over come into its papers only where the bank has no more.
    """
    session = ExamSession.objects.create(
        exam=exam,
        code=code,
        name=name,
        unit=unit or exam.unit,
        opens_at=opens_at,
        closes_at=closes_at,
        place=place,
        papers_wanted=papers_wanted,
        is_held=is_held,
        **(exam.terms() | terms),
    )
    session.passed_over.set(passed_over)
    record("session.planned", session, by=by, exam=exam.code, passed_over=len(passed_over))
    return session


@transaction.atomic
def publish(session, *, by, now=None):
    """Publish a planned session: enough papers to begin with are composed here and now, the rest by the background worker."""
    now = now or timezone.now()
    keeping.guard(session)
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
    keeping.guard(session)
    if session.state != ExamSession.State.PUBLISHED:
        raise Refused(_("只有已发布的场次可以重新组卷。"))
    composed = _compose_first(session, by)
    session.papers_from = composed[0].number
    session.save(update_fields=["papers_from"])
    return composed


@transaction.atomic
def cancel(session, *, by, why, keeper=None):
    """Cancel a published session; nobody may begin any more, who sits goes on to her own end (or is paused), what was sat stays."""
    keeping.guard(session, keeper)
    if not why.strip():
        raise Refused(_("请写明取消原因。"))
    return move(session, to=ExamSession.State.CANCELLED, by=by, why=why)


def register(session, post, *, by, source, due_on=None, now=None, keeper=None):
    """Admit one post-holder; a second time changes nothing."""
    return register_many(session, [post], by=by, source=source, due_on=due_on, now=now, keeper=keeper)[0]


@transaction.atomic
def register_many(session, posts, *, by, source, due_on=None, now=None, keeper=None):
    """Admit several post-holders at once, all or none; those already admitted stay as they are."""
    now = now or timezone.now()
    by_herself = source == Registration.Source.SELF
    if session.exam.kind == Exam.Kind.SPOT_CHECK and source == Registration.Source.MANAGER:
        raise Refused(_("抽查考核的考生经抽取产生，只由监管部门登记。"))
    keeping.guard(session, keeper)
    for post in posts:
        if reason := why_not_register(session, post, now, by_herself=by_herself):
            raise Refused(f"{post.person}：{reason}" if not by_herself else reason)
    # Two registrations of one person take turns, so that the second knows of the first and writes nothing.
    people = User.objects.select_for_update(no_key=True).filter(pk__in=[p.person_id for p in posts])
    for _pk, merged_into in people.order_by("pk").values_list("pk", "merged_into_id"):
        if merged_into:  # between the look at the post and the lock
            raise Refused(_("有人的账号刚刚被合并，请刷新后再试。"))
    rows = Registration.objects.filter(session=session, candidate__in=[p.person_id for p in posts])
    held = set()
    for person, name, why in rows.values_list("candidate_id", "candidate__name", "withdrawn_why"):
        if why:
            raise Refused(
                _("%(name)s 在本场次的登记已撤销（%(why)s），不能再次登记。") % {"name": name, "why": why}
            )
        held.add(person)
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


@transaction.atomic
def set_due(registrations, *, due_on, by):
    """Give registrations another day until which to sit, each with a line of the log."""
    told = [
        ("registration.due_changed", row, {"before": str(row.due_on or ""), "after": due_on.isoformat()})
        for row in registrations
    ]
    Registration.objects.filter(pk__in=[row.pk for row in registrations]).update(due_on=due_on)
    record_many(told, by=by)
    return registrations


def withdraw(registration, *, by, why, now=None, keeper=None):
    """Withdraw one registration; a second time changes nothing."""
    return withdraw_many([registration], by=by, why=why, now=now, keeper=keeper)[0]


@transaction.atomic
def withdraw_many(registrations, *, by, why, now=None, keeper=None):
    """Withdraw registrations with the reason, before anything was sat under them, all or none; their seats are free again."""
    now, why = now or timezone.now(), why.strip()
    # Behind whoever gives seats, and under the lock that a start takes as well: one of them comes first.
    held = ExamSession.objects.select_for_update(of=("self",), no_key=True).select_related("exam")
    for session in held.filter(pk__in={one.session_id for one in registrations}).order_by("pk"):
        keeping.guard(session, keeper)
    rows = list(
        Registration.objects.filter(pk__in=[one.pk for one in registrations])
        .select_for_update(of=("self",), no_key=True)
        .select_related("session", "candidate")
        .order_by("pk")
    )
    fresh = [row for row in rows if not row.withdrawn_at]
    if fresh and not why:
        raise Refused(_("请写明撤销登记的理由。"))
    begun = set(Attempt.objects.filter(registration__in=fresh).values_list("registration", flat=True))
    names = [row.candidate.name for row in fresh if row.on_paper or row.pk in begun]
    if names:
        raise Refused(_("%(name)s 已经开始答题，登记不能撤销。") % {"name": _("、").join(names)})
    for row in fresh:
        row.withdrawn_at, row.withdrawn_why = now, why[:200]
    Registration.objects.bulk_update(fresh, ["withdrawn_at", "withdrawn_why"], batch_size=500)
    Seat.objects.filter(registration__in=fresh).update(registration=None)
    record_many([("registration.withdrawn", row, {"why": why}) for row in fresh], by=by)
    return rows


@transaction.atomic
def reschedule(session, *, by, opens_at, closes_at, place, why, now=None, keeper=None):
    """Move a published session that has not opened yet to another time or place, with the reason; terms, papers and people stay."""
    now, why = now or timezone.now(), why.strip()
    session = ExamSession.objects.select_for_update(no_key=True).get(pk=session.pk)
    keeping.guard(session, keeper)
    if reason := why_not_reschedule(session, opens_at, now):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明改期或改地点的理由。"))
    before = {"opens": minute(session.opens_at), "closes": minute(session.closes_at), "place": session.place}
    session.opens_at, session.closes_at, session.place = opens_at, closes_at, place
    session.save(update_fields=["opens_at", "closes_at", "place"])
    record(
        "session.rescheduled", session, by=by, why=why, before=before,
        after={"opens": minute(opens_at), "closes": minute(closes_at), "place": place},
    )  # fmt: skip
    return session
