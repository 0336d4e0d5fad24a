"""What a person may know of the data kept about her: notices, who read what, and everything this floor holds."""

from collections import defaultdict
from functools import lru_cache

from django.db.models import DateTimeField, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

from accounts import oneself, outside, records
from accounts.models import Acceptance, AlertMail, Notice, Post, RoleGrant
from accounts.prepared import Prepared, given
from audit.log import name_of
from audit.models import AuditEvent

REVEALS = ("person.revealed", "person.data_viewed", "person.data_exported")
SIGN_INS = ("account.signed_in", "account.signed_out", "account.sign_in_failed", "account.password_changed")
# Higher floors add what they keep of a person: {title: a function that takes her and gives rows}.
CHAPTERS = {}
MOST_SIGN_INS = 200
MOST_ACTED, MOST_DONE = 20, 500  # how often others acted for one, and what they did

# One statement at every sign-in: the version in force, and whether this person knows it.
IN_FORCE = Prepared(
    lambda: (
        Notice.objects.filter(in_force_from__lte=given("now", DateTimeField()))
        .annotate(known=Exists(Acceptance.objects.filter(notice=OuterRef("pk"), person=given("person"))))
        .order_by("-number")
        .values_list("number", "known")[:1]
    )
)


def owed_by(person) -> int:
    """The number of the version in force that a person does not know yet, or 0."""
    row = IN_FORCE.one(person=person.pk, now=timezone.now())
    return row.number if row and not row.known else 0


def notice_in_force(now):
    """The version that people are shown, or None."""
    return Notice.objects.filter(in_force_from__lte=now).order_by("-number").first()


def acceptances_of(person):
    """Of which versions a person knows, newest first."""
    return (
        Acceptance.objects.filter(person__in=oneself.ids_of(person))
        .select_related("notice")
        .order_by("-notice__number")
    )


def readers_of(person):
    """Who read the full numbers of a person, and when, newest first."""
    masked = Q(action="person.data_exported", data__full=False)
    return (
        AuditEvent.objects.filter(target__in=_names(person), action__in=REVEALS)
        .exclude(masked)
        .order_by("-pk")
    )


def acted_for(person):
    """Who acted for a person, newest first: [(line of the beginning, line of the end or None, what was done)]."""
    told = AuditEvent.objects.filter(target__in=_names(person))
    begun = list(told.filter(action="acting.begun").order_by("-pk")[:MOST_ACTED])
    ends = told.filter(action="acting.ended", pk__gte=begun[-1].pk if begun else 0)
    ended = {line.data.get("begun"): line for line in ends}
    done = defaultdict(list)
    if begun:
        acts = AuditEvent.objects.filter(on_behalf_id__in=oneself.ids_of(person), pk__gt=begun[-1].pk)
        for line in acts.exclude(action__startswith="acting.").order_by("pk")[:MOST_DONE]:
            start = next((one for one in begun if one.pk < line.pk and one.actor_id == line.actor_id), None)
            done[start and start.pk].append(line)
    return [(line, ended.get(line.pk), done[line.pk]) for line in begun]


def sign_ins_of(person):
    """The newest signings in and out of a person, the failed ones at her door among them."""
    events = AuditEvent.objects.filter(target__in=_names(person), action__in=SIGN_INS)
    return events.order_by("-pk")[:MOST_SIGN_INS]


def _names(person):
    return [name_of(one) for one in oneself.accounts_of(person)]


@lru_cache(maxsize=8)
def as_html(text):
    """A notice's Markdown as HTML; its reader knows no HTML of its own and no pictures."""
    return mark_safe(MarkdownIt("commonmark", {"html": False}).disable("image").render(text))


def all_of(person, *, with_numbers):
    """Everything that this floor and those which added a chapter keep of a person: {title: [row, …]}, each row a flat dict of plain values."""
    return {
        "account": [
            {
                "username": one.username,
                "name": one.name,
                "email": one.email,
                "phone": one.phone if with_numbers else one.phone_mask,
                "id_number": one.id_number if with_numbers else one.id_mask,
                "joined_at": _moment(one.joined_at),
                "last_login": _moment(one.last_login),
                "elder": one.elder,
                "language": one.language,
                "alert_mail": one.alert_mail,
            }
            for one in oneself.accounts_of(person)  # what was merged into hers is hers, too
        ],
        "outside_accounts": [
            {
                "at": str(outside.NAMES.get(one.provider, one.provider)),
                "id_hash": one.uid,
                "linked_at": _moment(one.date_joined),
                "last_used_at": _moment(one.last_login),
            }
            for one in outside.links_of(*oneself.accounts_of(person))
        ],
        "posts": [
            {
                "enterprise": post.enterprise.unit.name,
                "uscc": post.enterprise.uscc,
                "post": post.get_kind_display(),
                "full_time": post.full_time,
                "appointed_on": post.appointed_on.isoformat(),
                "ended_on": post.ended_on.isoformat() if post.ended_on else "",
                "paper": post.paper,
            }
            for post in Post.objects.filter(person__in=oneself.ids_of(person))
            .select_related("enterprise__unit")
            .order_by("appointed_on", "pk")
        ],
        "roles": [
            {
                "role": held.get_role_display(),
                "unit": held.unit.name,
                "starts_on": held.starts_on.isoformat(),
                "ends_on": held.ends_on.isoformat() if held.ends_on else "",
                "delegated_by": held.delegated_from.user.name if held.delegated_from else "",
                "reason": held.reason,
            }
            for held in RoleGrant.objects.filter(user__in=oneself.ids_of(person))
            .select_related("unit", "delegated_from__user")
            .order_by("starts_on", "pk")
        ],
        "personnel_file": [
            {
                "on": line.occurred_on.isoformat(),
                "kind": line.get_kind_display(),
                "title": line.title,
                "facts": line.facts,
                "recorded_at": _moment(line.recorded_at),
                "recorded_by": line.recorded_by,
            }
            for line in records.latest(person)
        ],
        "full_numbers_read_by": [
            {"at": _moment(event.at), "by": event.who, "act": event.action} for event in readers_of(person)
        ],
        "acted_for_by": [
            {
                "at": _moment(begun.at),
                "ended_at": _moment(ended.at) if ended else "",
                "by": begun.actor_name,
                "why": begun.data.get("why", ""),
                "acts": [line.action for line in done],
            }
            for begun, ended, done in acted_for(person)
        ],
        "alert_mails": [
            {"on": one.day.isoformat(), "sent_at": _moment(one.sent_at)}
            for one in AlertMail.objects.filter(person__in=oneself.ids_of(person)).order_by("day")
        ],
        "notices": [
            {"version": one.notice.number, "acknowledged_at": _moment(one.at), "address": one.address}
            for one in acceptances_of(person)
        ],
        "sign_ins": [
            {"at": _moment(event.at), "act": event.action, "address": event.address}
            for event in sign_ins_of(person)
        ],
        **{title: rows(person) for title, rows in CHAPTERS.items()},
    }


def _moment(at):
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""
