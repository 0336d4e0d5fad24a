"""What the bank desk reads: lists with their filters, one item with its history and its uses."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum

from audit.log import name_of
from audit.models import AuditEvent
from exams import drafts
from exams.models import Attempt, Blueprint, Item, ItemBank, ItemRevision, Paper, Picture

STATES = Item.State.values


def banks_of(user):
    """Give the banks that a person works in, each with its counts by state; one query."""
    counts = {state: Count("items", filter=Q(items__state=state)) for state in STATES}
    return (
        ItemBank.objects.worked_by(user)
        .select_related("category", "unit")
        .annotate(items_count=Count("items"), **counts)
    )


def items_of(bank, filters):
    """Give the items of a bank that the filters leave, in the order of their codes.

    Filters: q (words in stem or code), topic, type, difficulty, state, audience, category; empty ones accept all.
    """
    found = Item.objects.filter(bank=bank).select_related("current", "topic").order_by("code")
    for word in filters.get("q", "").split():
        found = found.filter(
            Q(code__icontains=word) | Q(current__stem__icontains=word) | Q(current__basis__icontains=word)
        )
    plain = {
        "topic": "topic",
        "type": "type",
        "difficulty": "current__difficulty",
        "state": "state",
        "category": "categories",
    }
    found = found.filter(**{path: filters[name] for name, path in plain.items() if filters.get(name)})
    if filters.get("audience"):
        # A JSON list of short codes: its text holds the quoted code on every database.
        said = Q(current__audience__icontains=f'"{filters["audience"]}"')
        found = found.filter(said | Q(current__audience=[]))
    return found


def list_blueprints(user, *, q="", state=""):
    """The blueprints that a person may use by her filters, with their totals; in the order of their codes."""
    found = Blueprint.objects.run_by(user).select_related("unit")
    if text := q.strip():
        found = found.filter(Q(name__icontains=text) | Q(code__icontains=text))
    if state:
        found = found.filter(state=state)
    return found.annotate(
        line_count=Count("lines"),
        item_count=Sum("lines__count"),
        points=Sum(F("lines__count") * F("lines__points")),
    ).order_by("code")


def drafts_for_export(items):
    """Give items as drafts in the order of their codes; two queries for any number."""
    rows = items.select_related("current", "topic").prefetch_related("categories")
    return [drafts.draft_of(item) for item in sorted(rows, key=lambda item: item.code)]


def pictures_in(written):
    """Give the kept pictures that drafts name."""
    names = {name for draft in written for name in drafts.pictures_of(draft)}
    return Picture.objects.filter(digest__in=names).order_by("digest")


@dataclass(frozen=True)
class Uses:
    """Where an item was used: papers that hold one of its revisions, and how many attempts they had."""

    papers: list
    attempts: int


def uses_of(item):
    """Give the papers and the number of attempts; two queries."""
    papers = (
        Paper.objects.filter(items__revision__item=item)
        .select_related("session", "blueprint")
        .annotate(attempt_count=Count("attempts", distinct=True))
        .order_by("-composed_at")
    )
    return Uses(list(papers[:20]), Attempt.objects.filter(paper__items__revision__item=item).count())


def history_of(item):
    """Give the revisions, newest first, and the acts that the log tells of; two queries."""
    revisions = list(item.revisions.select_related("author").order_by("-number"))
    acts = AuditEvent.objects.filter(target=name_of(item)).exclude(action="item.write").order_by("-at", "-pk")
    return revisions, list(acts)


def across(bank, hashes):
    """Contents that stand on the other side of the wall between practice and papers: {content hash: code of the item}.

    What a paper may hold must not be practised; what was practised once, in whatever revision, must never stand in a paper.
    """
    if bank.is_practice:
        rows = ItemRevision.objects.filter(item__bank__is_practice=False, pk=F("item__current"))
        rows = rows.exclude(item__state=Item.State.RETIRED)
    else:
        rows = ItemRevision.objects.filter(item__bank__is_practice=True)
    return dict(rows.filter(stem_hash__in=hashes).values_list("stem_hash", "item__code"))
