"""Taking answers: those of a phone that was away for days, and those of a plain form. What was taken once changes nothing."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.transitions import Refused
from exams.engine.items import ITEM_TYPES
from exams.engine.items.base import Unreadable
from exams.engine.scoring import Policy
from exams.models import ItemRevision
from practice import rules
from practice.models import PracticeAnswer

MOST = 200  # answers in one sending
DEVICE = re.compile(r"(?:phone|page)-[0-9a-f]{8,32}")
LARGEST = 2**31 - 1
Mode, Confidence = PracticeAnswer.Mode, PracticeAnswer.Confidence


@dataclass(frozen=True)
class Entry:
    """One answer as a device sends it; what it holds may be anything."""

    number: object
    revision: object
    payload: object
    said_at: object = None  # milliseconds by the device's clock
    confidence: object = 0
    mode: object = Mode.ITEM


@dataclass
class Taken:
    """What became of a sending: number → whether it was right, and (place in the sending, number, why) of what was refused."""

    right: dict = field(default_factory=dict)
    refused: list = field(default_factory=list)


def says(payload):
    """Whether a payload out of a form says anything at all; that a statement is false is something."""
    if isinstance(payload, dict):
        return any(says(inner) for inner in payload.values())
    if isinstance(payload, str):
        return bool(payload.strip())
    return payload is not None and payload != []


def take(user, device, entries, *, now=None):
    """Judge and write what a device sends, each answer once; one that cannot be taken is refused alone, with a sentence."""
    now = now or timezone.now()
    if not DEVICE.fullmatch(device):
        raise Refused(_("设备编号无法识别，没有收下任何作答。"))
    if len(entries) > MOST:
        raise Refused(_("一次最多发送 %(most)s 条作答。") % {"most": MOST})
    if reason := rules.why_not_practise(user, now):
        raise Refused(reason)
    return write(user, device, entries, now=now)


def write(user, device, entries, *, now):
    """The same without asking: also for mock exams, whose answers are numbered by their places."""
    done, rows = Taken(), []
    known = _revisions(entries)
    for place, entry in enumerate(entries):
        row, why = _row(user, device, entry, known, now)
        if row is None:
            done.refused.append((place, entry.number if _is_number(entry.number) else None, why))
        else:
            rows.append((place, row))
    PracticeAnswer.objects.bulk_create([row for _place, row in rows], ignore_conflicts=True)
    kept = _kept(user, device, [row.number for _place, row in rows])
    for place, row in rows:
        there = kept[row.number]
        if (there.revision_id, there.payload) == (row.revision_id, row.payload):
            done.right[row.number] = there.is_right
        else:
            done.refused.append((place, row.number, _("这个序号已经收到过另一条作答，保留先收到的。")))
    done.refused.sort(key=itemgetter(0))
    return done


def _kept(user, device, numbers):
    """What stands under these numbers now, whoever wrote it first."""
    rows = PracticeAnswer.objects.filter(person=user, device=device, number__in=numbers) if numbers else ()
    return {row.number: row for row in rows}


def _revisions(entries):
    """The named revisions of practice items; of a secure bank none is ever read."""
    keys = {one.revision for one in entries if type(one.revision) is int and 0 < one.revision < 2**63}
    return (
        ItemRevision.objects.filter(pk__in=keys, item__bank__is_practice=True)
        .select_related("item")
        .in_bulk()
    )


def _is_number(value):
    return type(value) is int and 0 < value <= LARGEST


def _row(user, device, entry, known, now):
    """The row of an entry, or why there is none."""
    if not _is_number(entry.number):
        return None, _("作答的序号无法识别。")
    revision = known.get(entry.revision) if type(entry.revision) is int else None
    if revision is None:
        return None, _("这道题不是练习题，没有收下。")
    if type(entry.confidence) is not int or entry.confidence not in Confidence.values:
        return None, _("把握程度无法识别。")
    if entry.mode not in Mode.values or (entry.mode == Mode.MOCK) == bool(DEVICE.fullmatch(device)):
        return None, _("练习方式无法识别。")
    kind = ITEM_TYPES[revision.item.type]
    try:
        payload = kind.read(entry.payload, revision.body)
    except (Unreadable, RecursionError):
        return None, _("作答内容的格式无法识别")
    if not payload:
        return None, _("还没有作答。")
    return PracticeAnswer(
        person=user,
        device=device,
        number=entry.number,
        revision=revision,
        mode=entry.mode,
        payload=payload,
        is_right=kind.judge(revision.key, payload, Policy(), revision.body) == 1,
        confidence=entry.confidence,
        said_at=_moment(entry.said_at, now),
        received_at=now,
    ), ""


def _moment(told, now):
    """What a device's clock said, as far as it is a moment at all."""
    if type(told) not in (int, float):
        return now
    try:
        return datetime.fromtimestamp(told / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return now
