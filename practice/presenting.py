"""How items of practice, the book and the chart are told on pages and in the pack that a phone keeps.

A practice item is no secret: its key and rationale go along, so that a phone without a network can tell what was right.
"""

from types import SimpleNamespace

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from exams import fragments, presenting
from exams.engine.items import ITEM_TYPES
from exams.engine.items.base import plain
from exams.engine.scoring import Policy
from exams.markup import render
from practice.engine.calibration import MEANT
from practice.models import PracticeAnswer
from practice.queries import items as queries

REVIEWED = ("verdicts", "keys", "rationales", "provisions")
SHELF = "practice"  # under which the tokens of options are made before they are opened again
CHART = SimpleNamespace(width=320, height=200, left=36, bottom=168, top=12, step=94, bar=44)


def _open(face):
    """Name the options by their own ids: there is nothing to hide, and an answer given today is read in a month."""
    for option in face.get("options", ()):
        option["value"] = option["id"]
    for part in face.get("parts", ()):
        _open(part)
    return face


def question(revision, number, seed, payload=None):
    """One practice item as the sheets show questions; its inputs are named by the key of its revision."""
    place = queries.place(revision, revision.pk)
    layout = ITEM_TYPES[place.type].lay_out(place.body, f"{seed}:{revision.pk}")
    return _open(presenting.question(SHELF, number, place, layout, payload or {})), place, layout


def entry(revision, number, seed, kept=()):
    """One item of a set as the page's module and the phone's pack hold it."""
    face, place, layout = question(revision, number, seed)
    return {
        "revision": revision.pk,
        "item": revision.item_id,
        "type": place.type,
        "label": str(face["label"]),
        "topic": _(place.topic),
        "html": presenting.shown(face),
        "key": place.key,
        "told": ITEM_TYPES[place.type].tell(place.body, place.key, layout),
        "why": _why(place),
        "kept": revision.item_id in kept,
    }


def _why(place):
    """Rationale and provision; of a case those of its parts."""
    if place.type != "case":
        return _reasons(place.rationale, place.basis, place.clause)
    return "".join(
        _reasons(part.get("rationale", ""), part.get("basis", ""), part.get("clause", ""))
        for part in place.body["parts"]
    )


def _reasons(rationale, basis, clause):
    face = {
        "rationale": render(rationale) if rationale else "",
        "provision": presenting.provision(basis, clause),
    }
    return fragments.render("why", face=face)


def pack(code, name, mode, offered, seed, kept=()):
    """One set with its items, as a phone keeps it."""
    rows = queries.revisions([one.revision for one in offered])
    return {
        "code": code,
        "name": name,
        "mode": str(mode),
        "entries": [entry(row, n, seed, kept) for n, row in enumerate(rows, start=1)],
    }


def sheet(pack_of):
    """The questions of a pack for a plain form."""
    return [
        {"number": n, "revision": one["revision"], "label": one["label"], "html": one["html"]}
        for n, one in enumerate(pack_of["entries"], start=1)
    ]


def reviewed(rows, seed):
    """Answers with key, rationale and provision, as the review of an exam shows them."""
    questions = []
    for number, row in enumerate(rows, start=1):
        face, place, _layout = question(row.revision, number, seed, row.payload)
        kind = ITEM_TYPES[place.type]
        fraction = kind.judge(place.key, row.payload, Policy(), place.body)
        score = SimpleNamespace(points=int(row.is_right), fraction=fraction)
        questions.append(presenting.verdict(face, place, score, REVIEWED))
    return fragments.render("reviewed", questions=questions)


def chapters(standing, topics):
    """Banks with their topics: how many items, how many answered, how many rightly the last time."""
    counts = {}
    for one in standing.pool:
        if one.topic not in topics:
            continue
        row = counts.setdefault(one.topic, {"items": 0, "answered": 0, "right": 0})
        row["items"] += 1
        row["answered"] += one.item in standing.last
        row["right"] += standing.right.get(one.item, False)
    banks = {}
    for pk, row in counts.items():
        topic = topics[pk]
        banks.setdefault(topic.bank, []).append(
            row
            | {
                "topic": topic,
                "name": _(topic.name),
                "url": reverse("practice:topic", args=[pk]),
                "percent": 100 * row["right"] // row["items"],
            }
        )
    return [
        {"bank": bank, "rows": rows} for bank, rows in sorted(banks.items(), key=lambda pair: pair[0].code)
    ]


def card(one, item, today):
    """One line of the wrong-answer book."""
    days = (one.due_on - today).days
    if days <= 0:
        badge, tone = _("待复习"), "warn"
    elif one.is_learnt:
        badge, tone = _("已掌握"), "ok"
    else:
        badge, tone = _("%(count)s 天后复习") % {"count": days}, ""
    return {
        "item": item,
        "title": plain(item.current.stem),
        "sub": _("%(topic)s · 答错 %(wrong)s 次，共答 %(answers)s 次")
        % {"topic": _(item.topic.name), "wrong": one.wrong, "answers": one.answers},
        "badge": badge,
        "tone": tone,
        "url": reverse("practice:item", args=[item.pk]),
    }


def line(item, right):
    """One item of a list: its stem, and whether it was known the last time."""
    known = right.get(item.pk)
    badge, tone = {True: (_("上次答对"), "ok"), False: (_("上次答错"), "warn"), None: ("", "")}[known]
    return {
        "title": plain(item.current.stem),
        "sub": f"{_(ITEM_TYPES[item.type].label)} · {_(item.topic.name)}",
        "badge": badge,
        "tone": tone,
        "url": reverse("practice:item", args=[item.pk]),
    }


VERDICTS = {"over": "warn", "under": "info", "fits": "ok", "": ""}


def chart(levels):
    """The calibration chart: where its bars, whiskers and marks stand, in the units of its picture."""
    c = CHART

    def y(percent):
        return round(c.bottom - (c.bottom - c.top) * percent / 100, 1)

    columns = []
    for n, one in enumerate(levels):
        x = c.left + 26 + n * c.step
        columns.append(
            {
                "label": PracticeAnswer.Confidence(one.level).label,
                "answers": one.answers,
                "right": one.right,
                "percent": one.percent,
                "verdict": _verdict(one),
                "tone": VERDICTS[one.verdict],
                "meant": MEANT[one.level],
                "x": x,
                "middle": x + c.bar / 2,
                "y": y(one.percent or 0),
                "height": round(c.bottom - y(one.percent or 0), 1),
                "low": y(one.low),
                "high": y(one.high),
                "meant_y": y(MEANT[one.level]),
                "meant_from": x - 10,
                "meant_to": x + c.bar + 10,
            }
        )
    lines = [{"percent": percent, "y": y(percent)} for percent in (0, 25, 50, 75, 100)]
    return {"columns": columns, "lines": lines, "width": c.width, "height": c.height, "bar": c.bar}


def _verdict(one):
    if one.verdict == "over":
        return _("比自己想的错得多，建议放慢，看清题干")
    if one.verdict == "under":
        return _("比自己想的答得好，可以更相信自己")
    return _("与自己的判断相符") if one.verdict else _("答题还少，暂不评价")


def mock_row(mock, now):
    """One mock exam in a list."""
    end = getattr(mock, "end", None)
    if end:
        badge = _("答对 %(right)s / %(total)s 题") % {"right": end.right, "total": end.total}
        tone = "warn" if end.is_late else "info"
    else:
        badge, tone = _("没有交卷"), ""
    return {
        "mock": mock,
        "title": mock.exam.name if mock.exam_id else _("全部练习题"),
        "sub": timezone.localtime(mock.begun_at).strftime("%Y-%m-%d %H:%M"),
        "badge": badge,
        "tone": tone,
        "url": reverse("practice:mock", args=[mock.pk]),
    }
