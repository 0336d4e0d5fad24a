"""Blueprints: what a line asks for, which items there are for it, and the acts upon them."""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import scope
from accounts.permissions import roles
from accounts.tree import upward
from audit.log import record
from audit.transitions import Refused, move
from exams.engine import blueprint as engine
from exams.models import Blueprint, BlueprintLine, Item, ItemBank, Topic
from exams.sentences import say


@dataclass(frozen=True)
class Drawable(engine.Candidate):
    """An item that may be drawn today, with the revision that a paper will point at."""

    item_id: int = 0
    revision_id: int = 0


def code_of(bank_code, item_code):
    """Give the name of an item outside its bank; the same on every machine, so papers can be recomputed."""
    return f"{bank_code}/{item_code}"


def lines(blueprint):
    """Give the lines of a blueprint as the engine's lines, in order; two queries.

    A topic accepts what stands under it as well. The names in `where` are those that `candidates` writes.
    """
    rows = list(blueprint.lines.select_related("bank", "item__bank").order_by("position"))
    return engine_lines(rows)


def engine_lines(rows):
    """Give lines of the engine for rows, saved or not; one query where a row names a topic."""
    below = _topics_below({row.topic_id for row in rows if row.topic_id})
    return [_line(row, below) for row in rows]


def candidates(blueprint, on):
    """Give every item that a line could draw on that day as `Drawable`s, ordered by code; two or three queries.

    A line that names no bank draws from the banks of the blueprint's unit and of the units above it.
    Compose with `engine.blueprint.compose(lines(b), candidates(b, on), seed)`; the `revision_id` of the
    candidate with the code it gives is what the paper points at.
    """
    return drawables(blueprint.unit, blueprint.lines.select_related("topic"), on)


def drawables(unit, rows, on):
    """Give the candidates for rows, saved or not, of a unit's blueprint."""
    rows = list(rows)
    filtering = [row for row in rows if not row.item_id]
    banks = {row.bank_id or row.topic.bank_id for row in filtering if row.bank_id or row.topic_id}
    if any(not row.bank_id and not row.topic_id for row in filtering):
        banks |= set(ItemBank.objects.filter(unit__path__in=upward(unit.path)).values_list("pk", flat=True))
    wanted = Q(bank__in=banks) | Q(pk__in={row.item_id for row in rows if row.item_id})
    found = (
        Item.objects.drawable(on)
        .filter(wanted)
        .order_by("bank__code", "code")
        .values_list(
            "pk", "current", "bank__code", "code", "type", "topic", "current__difficulty", "current__audience"
        )
    )
    return [
        Drawable(
            code=code_of(bank, code),
            type=kind,
            topic=str(topic),
            difficulty=difficulty,
            bank=bank,
            audience=frozenset(audience),
            item_id=item,
            revision_id=revision,
        )
        for item, revision, bank, code, kind, topic, difficulty, audience in found
    ]


def _topics_below(wanted):
    if not wanted:
        return {}
    children = {}
    for topic, parent in Topic.objects.filter(bank__topics__in=wanted).distinct().values_list("pk", "parent"):
        children.setdefault(parent, []).append(topic)
    below = {}
    for top in wanted:
        found, open_ = set(), [top]
        while open_:
            topic = open_.pop()
            if topic not in found:
                found.add(topic)
                open_.extend(children.get(topic, ()))
        below[top] = frozenset(map(str, found))
    return below


def _line(row, below):
    where = {
        "bank": row.bank.code if row.bank_id else "",
        "topic": below.get(row.topic_id, ""),
        "type": row.type,
        "difficulty": row.difficulty,
        "audience": frozenset(row.audience),
    }
    item = code_of(row.item.bank.code, row.item.code) if row.item_id else None
    where = {} if item else {name: value for name, value in where.items() if value}
    return engine.Line(row.position, row.section, row.count, row.points, where, item)


@dataclass(frozen=True)
class Outlook:
    """How a table of specifications stands: items for each line, the total, and what is missing."""

    available: dict
    count: int
    points: object
    shortage: engine.Shortage | None

    @property
    def why_not(self):
        """The reason why it cannot be filled, or nothing."""
        if self.shortage is None:
            return ""
        return _("%(reason)s。请减少题数、放宽条件或补充试题。") % {"reason": say(self.shortage.sentence)}


def outlook(asked, offered):
    """Give the outlook of engine lines over candidates; no query."""
    shapes = Counter(
        engine.Candidate("", one.type, one.topic, one.difficulty, one.bank, one.audience) for one in offered
    )
    codes = {one.code for one in offered}
    available = {
        line.position: int(line.item in codes)
        if line.item
        else sum(n for shape, n in shapes.items() if engine.accepts(line, shape))
        for line in asked
    }
    return Outlook(
        available,
        sum(line.count for line in asked),
        engine.max_points(asked),
        engine.feasible(asked, offered),
    )


def why_not_edit(blueprint, user):
    """Give the reason why a person may not change it, or nothing."""
    if not may_write(user, blueprint.unit):
        return _("只有题库编辑可以修改组卷蓝图。")
    if blueprint.state != Blueprint.State.DRAFT:
        return _("蓝图发布后不再改动；请复制一份再修改。")
    return ""


def why_not_publish(blueprint, on=None):
    """Give the reason why it cannot be published, or nothing: it must be a draft that can be filled."""
    if blueprint.state != Blueprint.State.DRAFT:
        return _("这份蓝图已经发布过。")
    asked = lines(blueprint)
    if not asked:
        return _("蓝图还没有任何一行。")
    return outlook(asked, candidates(blueprint, on or timezone.localdate())).why_not


def may_write(user, unit):
    """Whether the person writes blueprints of this unit."""
    return any(unit.path.startswith(path) for path in scope.paths(user, *roles("blueprints.write")))


@transaction.atomic
def write(blueprint, rows, *, by):
    """Keep a draft with its lines, which replace those it had; a blueprint without a key is a new one."""
    before = None
    if blueprint.pk:
        locked = Blueprint.objects.select_for_update().get(pk=blueprint.pk)
        blueprint.state = locked.state
        before = [str(row) for row in locked.lines.all()]
    reason = why_not_edit(blueprint, by)
    if reason:
        raise Refused(reason)
    blueprint.save()
    blueprint.lines.all().delete()
    for position, row in enumerate(rows, 1):
        row.pk, row.blueprint, row.position = None, blueprint, position
    BlueprintLine.objects.bulk_create(rows)
    record("blueprint.write", blueprint, by=by, before=before, after=[str(row) for row in rows])
    return blueprint


@transaction.atomic
def publish(blueprint, *, by, on=None):
    """Publish a draft that is proven feasible; from then on it does not change."""
    if not may_write(by, blueprint.unit):
        raise Refused(_("只有题库编辑可以发布组卷蓝图。"))
    reason = why_not_publish(blueprint, on)
    if reason:
        raise Refused(reason)
    return move(blueprint, to=Blueprint.State.PUBLISHED, by=by)


@transaction.atomic
def retire(blueprint, *, by, why):
    """Take a published blueprint out of use; papers made from it stay."""
    if not may_write(by, blueprint.unit):
        raise Refused(_("只有题库编辑可以停用组卷蓝图。"))
    if not why.strip():
        raise Refused(_("请写明停用的原因。"))
    return move(blueprint, to=Blueprint.State.RETIRED, by=by, why=why.strip())


@transaction.atomic
def copy(blueprint, *, by):
    """Give a new draft with the same lines, under the next free code."""
    number = 2
    while Blueprint.objects.filter(code=f"{blueprint.code}-{number}").exists():
        number += 1
    name = _("%(name)s（副本）") % {"name": blueprint.name}
    made = Blueprint(code=f"{blueprint.code}-{number}"[:60], name=name[:120], unit=blueprint.unit)
    return write(made, list(blueprint.lines.all()), by=by)
