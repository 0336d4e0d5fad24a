"""Loading the catalog: regions, categories and provisions, all files or none."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from audit.log import record_many
from catalog.models import LegalDocument, LegalProvision, ProductCategory, Region
from catalog.reading import FLAGS, Problem, read

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does

TEXTS = ("name", "name_en", "standards", "note")
EVER = date.min


@dataclass
class Loaded:
    """What a loading did, or why it did nothing."""

    problems: list[Problem] = field(default_factory=list)
    acts: list = field(default_factory=list)

    def counts(self):
        """How many acts of each kind."""
        return dict(Counter(action for action, _target, _data in self.acts))


def load(tables, *, by=None):
    """Load tables of text, {name: rows}; saying the same again changes nothing, and one bad row undoes all."""
    done = Loaded()
    rows = defaultdict(list)
    for name, table in tables.items():
        kind, found, problems = read(name, table)
        rows[kind] += found
        done.problems += problems
    if done.problems:
        return done
    with transaction.atomic():
        _load_regions(rows["regions"], done)
        _load_categories(rows["categories"], done)
        _load_provisions(rows["provisions"], done)
        if done.problems:
            transaction.set_rollback(True)
            done.acts = []
        else:
            record_many(done.acts, by=by)
    return done


def _write(row, facts, noun, done, *, is_new):
    """Save what differs and note it."""
    changed = {name: value for name, value in facts.items() if getattr(row, name) != value}
    if not is_new and not changed:
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    row.save()
    data = {} if is_new else {"changed": sorted(changed)}
    done.acts.append((f"{noun}.{'entered' if is_new else 'changed'}", row, data))
    return row


def _point_at_parents(rows, found, noun, done):
    """Second pass: a child may stand before its parent in a file."""
    for row in rows:
        code, above = row.facts["code"], row.facts.get("parent", "")
        if above and above not in found:
            done.problems.append(
                Problem(row.file, row.number, "parent", N_("上级代码“{value}”不存在。"), {"value": above})
            )
        elif above == code:
            done.problems.append(Problem(row.file, row.number, "parent", N_("上级不能是自己。")))
        else:
            parent = found[above] if above else None
            thing = found[code]
            if thing.parent_id != (parent.pk if parent else None):
                thing.parent = parent
                thing.save(update_fields=["parent"])


def _load_regions(rows, done):
    found = {region.code: region for region in Region.objects.all()}
    for row in rows:
        code = row.facts["code"]
        region = found.get(code) or Region(code=code)
        found[code] = _write(region, {"name": row.facts["name"]}, "region", done, is_new=region.pk is None)
    _point_at_parents(rows, found, "region", done)


def _load_categories(rows, done):
    editions = defaultdict(dict)
    for category in ProductCategory.objects.all():
        editions[category.code][category.valid_from or EVER] = category
    for row in sorted(rows, key=lambda row: row.facts.get("valid_from") or EVER):
        _load_edition(row, editions[row.facts["code"]], done)
    newest = {code: held[max(held)] for code, held in editions.items() if held}
    last_rows = {
        row.facts["code"]: row for row in sorted(rows, key=lambda row: row.facts.get("valid_from") or EVER)
    }
    _point_at_parents(list(last_rows.values()), newest, "category", done)
    for child in ProductCategory.objects.filter(parent__isnull=False, valid_to=None).select_related("parent"):
        if (above := newest[child.parent.code]).pk != child.parent_id:
            child.parent = above
            child.save(update_fields=["parent"])


def _load_edition(row, held, done):
    """One edition of a category: a correction of the one that began on the same day, or a new one that ends the last."""
    facts = {name: row.facts.get(name, "") for name in TEXTS} | {name: row.facts[name] for name in FLAGS}
    start, end = row.facts.get("valid_from") or EVER, row.facts.get("valid_to")
    if end:
        facts["valid_to"] = end
    if start in held:
        _write(held[start], facts, "category", done, is_new=False)
        return
    last = held.get(max(held)) if held else None
    if last and start < (last.valid_from or EVER):
        done.problems.append(
            Problem(
                row.file,
                row.number,
                "valid_from",
                N_("已有自 {day} 起的更新版本，不能再插入更早的版本。"),
                {"day": str(last.valid_from)},
            )
        )
        return
    if last and all(getattr(last, name) == value for name, value in facts.items()):
        return
    if last and last.valid_to is None:
        _write(last, {"valid_to": start}, "category", done, is_new=False)
    held[start] = _write(
        ProductCategory(code=row.facts["code"], valid_from=None if start == EVER else start),
        facts,
        "category",
        done,
        is_new=True,
    )


def _load_provisions(rows, done):
    documents = {document.code: document for document in LegalDocument.objects.all()}
    titles = {document.title: document.code for document in documents.values()}
    held = {(p.document_id, p.article): p for p in LegalProvision.objects.all()}
    by_document = defaultdict(list)
    for row in rows:
        code, title = row.facts["document_code"], row.facts["document_title"]
        if titles.setdefault(title, code) != code:
            done.problems.append(
                Problem(
                    row.file,
                    row.number,
                    "document_title",
                    N_("这个名称已属于代码 {code} 的文件。"),
                    {"code": titles[title]},
                )
            )
        by_document[code].append(row)
    if done.problems:
        return
    for code, its_rows in by_document.items():
        starts = [row.facts.get("in_force_from") for row in its_rows]
        ends = [row.facts.get("in_force_to") for row in its_rows]
        first = its_rows[0].facts
        document = documents.get(code) or LegalDocument(code=code)
        _write(
            document,
            {
                "title": first["document_title"],
                "number": first.get("document_number", ""),
                "kind": first.get("kind", ""),
                "in_force_from": min((day for day in starts if day), default=None),
                "in_force_to": None if None in ends else max(ends),
            },
            "document",
            done,
            is_new=document.pk is None,
        )
        for row in its_rows:
            article = row.facts["article"]
            provision = held.get((document.pk, article)) or LegalProvision(document=document, article=article)
            facts = {name: row.facts.get(name) for name in ("in_force_from", "in_force_to")}
            facts["summary"] = row.facts.get("summary", "")
            _write(provision, facts, "provision", done, is_new=provision.pk is None)
