"""The training plan of an enterprise: written as a draft, put into force, amended with reasons, closed with its result."""

from collections import defaultdict

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.planning import chunks
from audit.log import record
from audit.transitions import Refused, move
from courses import rules_plans
from courses.actions import enrolling
from courses.models import PlanEntry, PlanEntryEnd, PlanMember, PlanOutcome, TrainingPlan
from courses.queries import plans as queries
from exams.actions import sessions
from exams.models import Registration

AT_ONCE = 500  # people in one transaction
WAITED_FOR = 200  # places that are given in front of the page; more go to the background worker
State = TrainingPlan.State


def _locked(plan):
    """The plan as it is now, which nobody else changes until this act is over."""
    return (
        TrainingPlan.objects.select_for_update(of=("self",), no_key=True)
        .select_related("enterprise__unit")
        .get(pk=plan.pk)
    )


@transaction.atomic
def draft(enterprise, *, by, year, title, aim=""):
    """Begin a plan."""
    try:
        with transaction.atomic():
            plan = TrainingPlan.objects.create(
                enterprise=enterprise, year=year, title=title.strip(), aim=aim.strip(), made_by=by
            )
    except IntegrityError:
        raise Refused(_("本企业这一年度已有同名的计划，请换一个名称。")) from None
    record("plan.drafted", plan, by=by, year=year)
    return plan


@transaction.atomic
def rewrite(plan, *, by, year, title, aim=""):
    """Change what a draft is called."""
    plan = _locked(plan)
    if plan.state != State.DRAFT:
        raise Refused(_("计划生效以后，名称和年度不能再改。"))
    plan.year, plan.title, plan.aim = year, title.strip(), aim.strip()
    try:
        with transaction.atomic():
            plan.save(update_fields=["year", "title", "aim"])
    except IntegrityError:
        raise Refused(_("本企业这一年度已有同名的计划，请换一个名称。")) from None
    record("plan.changed", plan, by=by, year=year)
    return plan


@transaction.atomic
def add_entry(
    plan, *, by, due_on, course=None, session=None, post_kinds=(), named=(), days=30, why="", now=None
):
    """Add a line to a plan; to one in force with the reason, and it is carried out at once."""
    now, plan = now or timezone.now(), _locked(plan)
    entry = _write(
        plan, by, now, why, course=course, session=session, post_kinds=post_kinds, named=named, due_on=due_on, days=days
    )  # fmt: skip
    record("plan_entry.added", plan, by=by, number=entry.number, due=due_on.isoformat(), why=entry.why)
    if plan.state == State.IN_FORCE:
        carry_out(plan, now=now)
    return entry


@transaction.atomic
def amend_entry(entry, *, by, due_on, why="", now=None, **fields):
    """Replace a line by another, which carries on what the first gave: the days of those who are not done move with it."""
    now, plan = now or timezone.now(), _locked(entry.plan)
    _end(entry, plan, by, now, why)
    made = _write(
        plan, by, now, why, replaces=entry, due_on=due_on, named=fields.get("named", list(entry.named.all())),
        **{name: fields.get(name, getattr(entry, name)) for name in ("course", "session", "post_kinds", "days")},
    )  # fmt: skip
    record(
        "plan_entry.replaced", plan, by=by, number=made.number, before=entry.number, due=due_on.isoformat(), why=made.why
    )  # fmt: skip
    if plan.state == State.IN_FORCE:
        carry_out(plan, now=now)
    return made


@transaction.atomic
def end_entry(entry, *, by, why="", now=None):
    """Take a line out of a plan, of one in force with the reason; what people were given by it stays."""
    plan = _locked(entry.plan)
    made = _end(entry, plan, by, now or timezone.now(), why)
    record("plan_entry.ended", plan, by=by, number=entry.number, why=made.why)
    return made


def _reason(plan, why):
    why = why.strip()[:200]
    if plan.state == State.IN_FORCE and not why:
        raise Refused(_("计划已生效，修改请写明理由。"))
    return why


def _write(plan, by, now, why, *, named, **fields):
    if reason := rules_plans.why_not_write(plan):
        raise Refused(reason)
    why = _reason(plan, why)
    last = PlanEntry.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    fields["post_kinds"] = list(fields["post_kinds"])
    entry = PlanEntry(plan=plan, number=last + 1, why=why, by=by, at=now, **fields)
    if entry.course is None and entry.session is None:
        raise Refused(rules_plans.why_not_entry(entry, (), now))
    entry.save()
    entry.named.set(named)
    if reason := rules_plans.why_not_entry(entry, queries.fitting(entry, timezone.localdate(now))[:1], now):
        raise Refused(reason)
    return entry


def _end(entry, plan, by, now, why):
    if reason := rules_plans.why_not_write(plan):
        raise Refused(reason)
    if PlanEntryEnd.objects.filter(entry=entry).exists():
        raise Refused(_("第 %(number)s 项已经终止。") % {"number": entry.number})
    return PlanEntryEnd.objects.create(entry=entry, why=_reason(plan, why), by=by, at=now)


@transaction.atomic
def put_in_force(plan, *, by, now=None):
    """Make a draft the plan: everybody for whom its lines are is enrolled and registered, whoever comes later by the background worker."""
    now, plan = now or timezone.now(), _locked(plan)
    entries = queries.standing(queries.entries_of(plan))
    if reason := rules_plans.why_not_put_in_force(plan, entries, now):
        raise Refused(reason)
    move(plan, to=State.IN_FORCE, by=by, facts={"entries": len(entries)}, in_force_at=now)
    carry_out(plan, now=now)
    return plan


def carry_out(plan, *, now):
    """Give now what few lack, and leave many to the background worker."""
    from courses import tasks_plans as tasks  # here, since the task is made of this module's acts

    today = timezone.localdate(now)
    wanted = sum(queries.missing(one, today).count() for one in queries.standing(queries.entries_of(plan)))
    if wanted > WAITED_FOR:
        tasks.fill_plan.enqueue(plan.pk)
    else:
        fill(plan, now=now)


def fill(plan, *, now=None):
    """Give everybody who fits and lacks it what the lines ask, some hundreds in a transaction; a second time nothing is left to do.

    A line whose course was withdrawn or whose session is over gives nothing; its plan's page says why.
    """
    now, given = now or timezone.now(), 0
    today = timezone.localdate(now)
    for entry in queries.standing(queries.entries_of(plan)):
        found = queries.missing(entry, today)
        if rules_plans.why_not_give(entry, found.first(), now):
            continue
        for keys in chunks(found.values_list("pk", flat=True), AT_ONCE):
            given += _give(entry, keys, now)
    return given


@transaction.atomic
def _give(entry, keys, now):
    plan = entry.plan = _locked(entry.plan)
    if plan.state != State.IN_FORCE or PlanEntryEnd.objects.filter(entry=entry).exists():
        return 0
    today = timezone.localdate(now)
    posts = {}
    for post in queries.missing(entry, today).filter(pk__in=keys):
        posts.setdefault(post.person_id, post)  # of two posts of a person the first is meant
    groups = defaultdict(list)
    for post in posts.values():
        groups[queries.due_of(entry, post, today)].append(post)
    rows = []
    for due, some in groups.items():
        enrolments = _enrolments(entry, some, due, now)
        registrations = _registrations(entry, some, due, now)
        rows += [
            PlanMember(
                entry=entry,
                post=post,
                enrolment_id=enrolments.get(post.person_id),
                registration_id=registrations.get(post.person_id),
                due_on=due,
                at=now,
            )
            for post in some
        ]
    PlanMember.objects.bulk_create(rows, batch_size=AT_ONCE)
    return len(rows)


def _enrolments(entry, posts, due, now):
    """The enrolment of each person by which she does the course: what she finished this year, what she studies, or a new one."""
    if entry.course is None:
        return {}
    done = queries.finished_before(entry.plan, entry.course, [post.person_id for post in posts])
    left = [post for post in posts if post.person_id not in done]
    if not left:
        return done
    if entry.replaces_id:
        later = queries.due_elsewhere(entry, [post.person_id for post in left])
        enrolling.set_due(list(later), due_on=due, by=entry.by)
    made = enrolling.enrol_many(entry.course, left, by=entry.by, due_on=due, now=now)
    return done | {row.person_id: row.pk for row in made}


def _registrations(entry, posts, due, now):
    """The registration of each person for the session of a line."""
    if entry.session is None:
        return {}
    made = sessions.register_many(
        entry.session, posts, by=entry.by, source=Registration.Source.MANAGER, due_on=due, now=now
    )
    if entry.replaces_id:
        sessions.set_due([row for row in made if row.due_on != due], due_on=due, by=entry.by)
    return {row.candidate_id: row.pk for row in made}


@transaction.atomic
def drop(plan, *, by, why=""):
    """Throw a draft away."""
    return move(_locked(plan), to=State.DROPPED, by=by, why=why.strip()[:200])


@transaction.atomic
def close(plan, *, by, conclusion, now=None):
    """Close a plan with what its maker concludes, and write down of every place who did it, when, and who did not."""
    now, plan, conclusion = now or timezone.now(), _locked(plan), conclusion.strip()[:1000]
    today = timezone.localdate(now)
    entries = queries.standing(queries.entries_of(plan))
    if reason := rules_plans.why_not_close(plan, entries, queries.counts_of(plan, today), today):
        raise Refused(reason)
    if not conclusion:
        raise Refused(_("请写明总结。"))
    rows = [
        _outcome(member, today, now)
        for member in queries.members_of(plan).select_related("entry", "post").order_by("pk")
    ]
    PlanOutcome.objects.bulk_create(rows, batch_size=AT_ONCE)
    told = queries.outcomes_of(plan)
    return move(plan, to=State.CLOSED, by=by, facts=told, closed_at=now, conclusion=conclusion)


def _outcome(member, today, now):
    words, day = PlanOutcome.Word, queries.done_on(member)
    if day:
        word = words.LATE if day > member.due_on else words.DONE
    elif member.post.ended_on and member.post.ended_on <= today:
        word = words.LEFT
    else:
        word = words.OPEN
    return PlanOutcome(member=member, word=word, done_on=day, at=now)
