"""What waits for an editor or a reviewer."""

from datetime import timedelta
from urllib.parse import quote

from django.db.models import Count, Q

from accounts import scope
from accounts.models import Role
from audit.log import name_of
from audit.models import AuditEvent
from exams.models import Item
from exams.queries import bank as banks

MOST = 8
LOOK_AHEAD = 90


def home(user, today):
    """Everything on the page, in a fixed number of queries."""
    drafts = _newest(Item.objects.worked_by(user).filter(state=Item.State.DRAFT, current__author=user))
    waiting = _newest(reviewed_by(user).filter(state=Item.State.IN_REVIEW).exclude(current__author=user))
    proposed = Item.objects.worked_by(user).filter(state=Item.State.IN_REVIEW, current__author=user).count()
    back = _sent_back(drafts)
    return {
        "sent_back": [{"item": item, **back[item.pk]} for item in drafts if item.pk in back],
        "drafts": [item for item in drafts if item.pk not in back][:MOST],
        "drafts_count": len(drafts) - len(back),
        "waiting": waiting[:MOST],
        "waiting_count": len(waiting),
        "proposed": proposed,
        "banks": list(banks.banks_of(user)),
        "lapsing": lapsing(user, today),
        "may_review": scope.has_role(user, Role.REVIEWER, Role.ADMIN),
    }


def reviewed_by(user):
    """Items of the banks that the person reviews."""
    return Item.objects.filter(scope.within(user, Role.REVIEWER, Role.ADMIN, path="bank__unit__path"))


def _newest(items):
    return list(
        items.select_related("bank", "current", "topic").order_by("-current__written_at", "code")[:500]
    )


def _sent_back(items):
    """Which of the drafts a reviewer sent back last, why and when; one query."""
    names = {name_of(item): item for item in items}
    moves = AuditEvent.objects.filter(target__in=names, action__in=["item.draft", "item.in_review"]).order_by(
        "at", "pk"
    )
    last = {}
    for event in moves:
        item = names[event.target]
        last[item.pk] = event
    # An author who changes her own proposed item moves it as well; only another's act is a sending back.
    return {
        pk: {"why": event.data.get("why", ""), "at": event.at, "by": event.who}
        for pk, event in last.items()
        if event.action == "item.draft" and event.actor_id not in (None, _author(items, pk))
    }


def _author(items, pk):
    return next(item.current.author_id for item in items if item.pk == pk)


def lapsing(user, today):
    """Provisions that lapsed or will within ninety days, with the approved items that rest on them; one query."""
    end = today + timedelta(days=LOOK_AHEAD)
    rows = (
        Item.objects.worked_by(user)
        .filter(
            Q(current__provisions__in_force_to__lte=end)
            | Q(current__provisions__document__in_force_to__lte=end),
            state=Item.State.APPROVED,
        )
        .order_by("current__provisions__document__title", "bank__code")
        .values(
            "current__provisions__document__title",
            "current__provisions__document__in_force_to",
            "current__provisions__in_force_to",
            "bank__code",
            "bank__name",
        )
        .annotate(items=Count("pk", distinct=True))
    )
    found = {}
    for row in rows:
        ends = [row["current__provisions__document__in_force_to"], row["current__provisions__in_force_to"]]
        day = min(d for d in ends if d)
        title = row["current__provisions__document__title"]
        line = found.setdefault(
            (title, row["bank__code"], day),
            {
                "title": title,
                "bank": row["bank__code"],
                "bank_name": row["bank__name"],
                "day": day,
                "items": 0,
                "query": quote(title),
            },
        )
        line["items"] += row["items"]
        line["is_over"] = day <= today
    return sorted(found.values(), key=lambda line: (line["day"], line["title"], line["bank"]))[:20]
