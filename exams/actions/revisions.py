"""Appending revisions: one statement for each table, whether one item is written or five thousand."""

from django.db.models import OuterRef, Subquery

from audit.log import record_many
from exams import drafts
from exams.actions.legal import Law
from exams.models import Item, ItemRevision, Picture, Topic

CHUNK = 1000


def append(bank, pairs, *, by, categories, state=None):
    """Append a revision for each (item or None, draft in house form); give the items in the same order.

    Topics, documents and provisions not yet known are added. `state` gives the state in which a new item is
    born, by draft; items that exist keep theirs. Runs inside the caller's transaction.
    """
    topics = _topics(bank, {draft.topic for _item, draft in pairs})
    items = [item for item, _draft in pairs]
    born = [
        Item(
            bank=bank,
            code=draft.code,
            type=draft.type,
            topic=topics[draft.topic],
            state=state(draft) if state else Item.State.DRAFT,
        )
        for item, draft in pairs
        if item is None
    ]
    fresh = iter(Item.objects.bulk_create(born))
    items = [item or next(fresh) for item in items]
    revisions = ItemRevision.objects.bulk_create(
        _revision(item, draft, by) for item, (_old, draft) in zip(items, pairs, strict=True)
    )
    _point_at(bank, items, revisions)
    moved = []
    for item, (old, draft) in zip(items, pairs, strict=True):
        if old is not None and item.topic_id != topics[draft.topic].pk:
            item.topic = topics[draft.topic]
            moved.append(item)
    Item.objects.bulk_update(moved, ["topic"], batch_size=200)
    _tie(items, revisions, [draft for _item, draft in pairs], categories)
    record_many(
        [
            ("item.write", item, {"number": revision.number})
            for item, revision in zip(items, revisions, strict=True)
        ],
        by=by,
    )
    return items


def _revision(item, draft, by):
    return ItemRevision(
        item=item,
        number=item.current.number + 1 if item.current_id else 1,
        stem=draft.stem,
        body=draft.body,
        key=draft.key,
        rationale=draft.rationale,
        difficulty=draft.difficulty,
        points=draft.points,
        audience=list(draft.audience),
        basis=draft.basis,
        clause=draft.clause,
        in_force_from=draft.in_force_from,
        in_force_to=draft.in_force_to,
        stem_hash=drafts.content_hash(draft),
        notes=draft.notes,
        author=by,
    )


def _topics(bank, names):
    known = {topic.name: topic for topic in bank.topics.filter(name__in=names)}
    missing = sorted(names - set(known))
    known.update(
        (topic.name, topic) for topic in Topic.objects.bulk_create(Topic(bank=bank, name=n) for n in missing)
    )
    return known


def _point_at(bank, items, revisions):
    """Let every item of the bank point at its highest revision."""
    highest = ItemRevision.objects.filter(item=OuterRef("pk")).order_by("-number").values("pk")[:1]
    written = Item.objects.filter(bank=bank)
    if len(items) == 1:
        written = written.filter(pk=items[0].pk)
    written.update(current=Subquery(highest))
    for item, revision in zip(items, revisions, strict=True):
        item.current = revision


def _tie(items, revisions, written, categories):
    """Write the rows that tie revisions to provisions and pictures, and items to categories."""
    provisions = Law().resolve({pair for draft in written for pair in _legal_pairs(draft)})
    kept = set().union(*(drafts.pictures_of(draft) for draft in written))
    pictures = dict(Picture.objects.filter(digest__in=kept).values_list("digest", "pk")) if kept else {}
    laws, shown, kinds = [], [], []
    for item, revision, draft in zip(items, revisions, written, strict=True):
        found = dict.fromkeys(pk for pair in _legal_pairs(draft) for pk in provisions[pair])
        laws += [_tied(ItemRevision.provisions, revision, pk) for pk in found]
        named = drafts.pictures_of(draft)
        shown += [_tied(ItemRevision.pictures, revision, pictures[n]) for n in named if n in pictures]
        kinds += [_tied(Item.categories, item, categories.find(name).pk) for name in draft.categories]
    rewritten = [item.pk for item in items if item.current.number > 1]
    for start in range(0, len(rewritten), CHUNK):
        Item.categories.through.objects.filter(item__in=rewritten[start : start + CHUNK]).delete()
    ItemRevision.provisions.through.objects.bulk_create(laws)
    ItemRevision.pictures.through.objects.bulk_create(shown)
    Item.categories.through.objects.bulk_create(kinds)


def _tied(relation, thing, pk):
    field = relation.field
    names = {field.m2m_field_name() + "_id": thing.pk, field.m2m_reverse_field_name() + "_id": pk}
    return relation.through(**names)


def _legal_pairs(draft):
    if draft.type == "case":
        return [(part.get("basis", ""), part.get("clause", "")) for part in draft.body["parts"]]
    return [(draft.basis, draft.clause)]
