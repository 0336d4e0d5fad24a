"""Appointing and dismissing."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import records
from accounts.actions.papers import attach
from accounts.actions.people import enter_person, refuse_merged
from accounts.exchange import appointment_bounds
from accounts.models import Post, PostPaper, RecordKind, User
from audit.log import record
from audit.transitions import Refused

# The personnel file is Chinese whatever language its writer reads.
KIND_WORDS = {"principal": "主要负责人", "director": "质量安全总监", "officer": "质量安全员"}


def line_of(post, **more):
    """What the personnel file says of a post; the same for a single act and for an import."""
    enterprise, word = post.enterprise, KIND_WORDS[post.kind]
    ended = post.ended_on is not None
    return records.Line(
        person_id=post.person_id,
        subject=f"post:{post.pk}",
        kind=RecordKind.POST,
        occurred_on=post.ended_on if ended else post.appointed_on,
        title=f"{'离任' if ended else '任职'}：{enterprise.unit.name} {word}",
        facts={
            "enterprise": enterprise.unit.name,
            "uscc": enterprise.uscc,
            "post_kind": post.kind,
            "full_time": post.full_time,
            "appointed_on": post.appointed_on.isoformat(),
            "ended_on": post.ended_on.isoformat() if ended else "",
            "paper": post.paper,
            **more,
        },
    )


@transaction.atomic
def appoint(person, *, enterprise, kind, appointed_on, full_time=True, categories=None, paper="", by):
    """Give a person a post in an enterprise; doing it twice changes nothing."""
    # Two clerks at once: the second sees what the first wrote.
    refuse_merged(User.objects.select_for_update().get(pk=person.pk))
    held = Post.objects.filter(person=person, enterprise=enterprise, kind=kind, ended_on=None).first()
    if held and held.appointed_on == appointed_on:
        return held
    if held:
        raise Refused(
            _("此人自 {day} 起已任此岗位；如为重新任职，请先登记离任。").format(
                day=held.appointed_on.isoformat()
            )
        )
    first, last = appointment_bounds(timezone.localdate())
    if not first <= appointed_on <= last:
        raise Refused(_("任职日期应在 {first} 至 {last} 之间。").format(first=first, last=last))
    post = Post.objects.create(
        person=person,
        enterprise=enterprise,
        kind=kind,
        full_time=full_time,
        appointed_on=appointed_on,
        paper=paper,
    )
    post.categories.set(enterprise.categories.all() if categories is None else categories)
    records.enter_many([line_of(post)], by=by)
    record("post.appointed", post, by=by, paper=paper, appointed_on=appointed_on.isoformat())
    return post


@transaction.atomic
def take_on(enterprise, *, name, id_number, phone="", email="", username="", file=None, by, **post):
    """Appoint whoever has this ID number, entering the person first if nobody has; the paper is kept with the post."""
    person = enter_person(name=name, id_number=id_number, phone=phone, email=email, username=username, by=by)
    made = appoint(person, enterprise=enterprise, by=by, **post)
    if file:
        attach(made, file, role=PostPaper.Role.APPOINTMENT, by=by)
    return made


@transaction.atomic
def dismiss(post, *, ended_on, reason="", paper="", file=None, by):
    """End a post, for a reason and by a paper; its end is written once."""
    post = (
        Post.objects.select_for_update(of=("self",))
        .select_related("enterprise__unit", "person")
        .get(pk=post.pk)
    )
    if post.ended_on == ended_on:
        return post
    if post.ended_on:
        raise Refused(_("这次任职已登记为 {day} 离任，不能改写。").format(day=post.ended_on.isoformat()))
    if ended_on < post.appointed_on:
        raise Refused(_("离任日期早于任职日期。"))
    if ended_on > timezone.localdate():
        raise Refused(_("离任日期不能晚于今天。"))
    post.ended_on = ended_on
    post.save(update_fields=["ended_on"])
    records.enter_many([line_of(post, end_paper=paper, end_reason=reason)], by=by)
    record("post.ended", post, by=by, paper=paper, reason=reason, ended_on=ended_on.isoformat())
    if file:
        attach(post, file, role=PostPaper.Role.DISMISSAL, by=by)
    return post
