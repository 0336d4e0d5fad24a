"""A bank of any size, made in the database directly: what is measured is the sitting, not the import."""

from exams.engine.chance import digest
from exams.models import Item, ItemRevision, Topic


def fill_bank(bank, wanted, first=1):
    """Approved items from number `first` on: three multiple choice to one true or false."""
    topic, _new = Topic.objects.get_or_create(bank=bank, name="压测")
    for start in range(first, first + wanted, 5000):
        numbers = range(start, min(start + 5000, first + wanted))
        items = Item.objects.bulk_create(
            Item(
                bank=bank,
                code=f"b{n:06d}",
                type="truefalse" if n % 4 == 0 else "multiple",
                topic=topic,
                state=Item.State.APPROVED,
            )
            for n in numbers
        )
        revisions = ItemRevision.objects.bulk_create(_revision(item) for item in items)
        for item, revision in zip(items, revisions, strict=True):
            item.current = revision
        Item.objects.bulk_update(items, ["current"], batch_size=1000)


def _revision(item):
    stem = f"压测题 {item.code}：下列哪几项属于质量安全员的职责？"
    if item.type == "truefalse":
        body, key = {}, {"value": item.pk % 2 == 0}
    else:
        body = {"options": [{"id": one, "text": f"{item.code} 的选项{one}"} for one in "abcd"]}
        key = {"options": ["a", "bcd"[item.pk % 3]]}
    return ItemRevision(
        item=item,
        number=1,
        stem=stem,
        body=body,
        key=key,
        rationale="依据第75号令。",
        difficulty="medium",
        basis="第75号令",
        clause="第三条",
        stem_hash=digest([stem, body]),
    )
