"""Builders of what the stories of the exam room need: a bank of every item type, sessions, sittings, certificates.

The items carry canaries, words that stand nowhere else, so that a leak can be searched for by text.
"""

from datetime import timedelta
from decimal import Decimal

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from certificates.models import Scheme
from exams import tokens
from exams.actions import attempts, release, sessions
from exams.engine.chance import digest
from exams.engine.items import ITEM_TYPES
from exams.models import (
    Attempt,
    Blueprint,
    BlueprintLine,
    Exam,
    Item,
    ItemBank,
    ItemRevision,
    Registration,
    Topic,
)
from exams.queries import papers

STEM, RATIONALE, SPELLING, BASIS = "题干暗记", "解析暗记", "答案暗记", "依据暗记"
MIXED = {"single": 4, "multiple": 3, "truefalse": 4, "blank": 3, "case": 2}
SECTIONS = {
    "single": "单选题",
    "multiple": "多选题",
    "truefalse": "判断题",
    "blank": "填空题",
    "case": "案例题",
}


def _options(code):
    return {"options": [{"id": one, "text": f"选项 {code}{one}"} for one in "abcd"]}


def _single(code, n):
    return f"{STEM}{code}：哪一项正确？", _options(code), {"options": ["abcd"[n % 4]]}


def _multiple(code, n):
    return (
        f"{STEM}{code}：哪几项正确？",
        _options(code),
        {"options": sorted({"abcd"[n % 4], "abcd"[(n + 1) % 4]})},
    )


def _truefalse(code, n):
    return f"{STEM}{code}：这句话对吗？", {}, {"value": n % 2 == 0}


def _blank(code, n):
    body = {"blanks": [{"id": one, "normalise": ["width", "space", "case"]} for one in ("1", "2")]}
    return (
        f"{STEM}{code}：先____后____。",
        body,
        {"blanks": {one: [f"{SPELLING}{code}{one}"] for one in ("1", "2")}},
    )


def _case(code, n):
    parts, keys = [], {}
    for one, write in (("1", _single), ("2", _multiple), ("3", _truefalse), ("4", _blank)):
        stem, body, key = write(f"{code}-{one}", n)
        kind = write.__name__[1:]
        parts.append(
            {"id": one, "code": f"{code}-{one}", "type": kind, "stem": stem, "body": body, "weight": "2"}
            | {"rationale": f"{RATIONALE}{code}-{one}", "basis": f"{BASIS}{code}-{one}", "clause": "第一条"}
        )
        keys[one] = key
    return f"{STEM}{code}：某企业的材料。", {"parts": parts}, {"parts": keys}


WRITERS = {"single": _single, "multiple": _multiple, "truefalse": _truefalse, "blank": _blank, "case": _case}


def make_item(bank, kind, n, *, topic=None, difficulty="medium", stem_prefix=""):
    """An approved item with one revision; sound by the engine's own check."""
    return make_items(bank, [(kind, n)], topic=topic, difficulty=difficulty, stem_prefix=stem_prefix)[0]


def make_items(bank, wanted, *, topic=None, difficulty="medium", stem_prefix=""):
    """Approved items of these kinds and numbers in this order, each with one revision; the statements do not depend on how many."""
    topics = {one.name: one for one in bank.topics.all()}
    items, revisions = [], []
    for kind, n in wanted:
        code = f"{kind}-{n:03d}"
        stem, body, key = WRITERS[kind](code, n)
        assert ITEM_TYPES[kind].check(stem, body, key) == []
        name = f"知识点{n % 3}"
        if topic is None and name not in topics:
            topics[name] = Topic.objects.create(bank=bank, name=name)
        state = Item.State.APPROVED
        items.append(Item(bank=bank, code=code, type=kind, topic=topic or topics[name], state=state))
        facts = _facts(code) | {
            "stem": stem_prefix + stem,
            "body": body,
            "key": key,
            "difficulty": difficulty,
        }
        revisions.append(_revision(items[-1], 1, facts))
    Item.objects.bulk_create(items)
    for item, revision in zip(items, revisions, strict=True):
        revision.item = item
    ItemRevision.objects.bulk_create(revisions)
    of_item = ItemRevision.objects.filter(item=OuterRef("pk")).values("pk")
    Item.objects.filter(pk__in=[item.pk for item in items]).update(current=Subquery(of_item[:1]))
    for item, revision in zip(items, revisions, strict=True):
        item.current = revision
    return items


def _facts(code):
    return {"rationale": f"{RATIONALE}{code}", "basis": f"{BASIS}{code}", "clause": "第一条"}


def _revision(item, number, facts):
    return ItemRevision(item=item, number=number, stem_hash=digest([facts["stem"], facts["body"]]), **facts)


def revise(item, **changes):
    """Append a revision that differs from the current one in what is given."""
    old = item.current
    kept = ("stem", "body", "key", "rationale", "difficulty", "basis", "clause")
    facts = {name: getattr(old, name) for name in kept} | changes
    item.current = _revision(item, old.number + 1, facts)
    item.current.save(force_insert=True)
    item.save(update_fields=["current"])
    return item


def make_bank(cast, code="stories", each=8, backwards=False, **counts):
    """A bank of the city with `each` items of every type, or as many as named; `backwards` enters them last first."""
    bank = ItemBank.objects.create(code=code, name="故事题库", unit=cast.city_organ)
    wanted = [(kind, n) for kind in WRITERS for n in range(1, counts.get(kind, each) + 1)]
    make_items(bank, reversed(wanted) if backwards else wanted)
    return bank


def make_blueprint(cast, bank, counts=MIXED, code="stories", points=2):
    """A published table of specifications with one line for each type."""
    blueprint = Blueprint.objects.create(
        code=code, name="故事蓝图", unit=cast.city_organ, state=Blueprint.State.PUBLISHED
    )
    BlueprintLine.objects.bulk_create(
        BlueprintLine(
            blueprint=blueprint,
            position=position,
            section=SECTIONS[kind],
            count=count,
            points=Decimal(points),
            bank=bank,
            type=kind,
        )
        for position, (kind, count) in enumerate(counts.items(), start=1)
    )
    return blueprint


def make_exam(cast, code="stories", *, counts=MIXED, kind=Exam.Kind.SELF_TRAINING, bank=None, **fields):
    """An exam of the city for e-bikes over a bank of every type."""
    bank = bank or make_bank(cast, code, **{k: max(n + 2, 4) for k, n in counts.items()})
    return Exam.objects.create(
        code=code,
        name="电动自行车培训考试",
        kind=kind,
        category=cast.ebike,
        unit=cast.city_organ,
        blueprint=make_blueprint(cast, bank, counts, code),
        **fields,
    )


def make_session(
    cast, code="stories", *, exam=None, opens=-60, closes=60 * 24, published=True, papers_wanted=3, **terms
):
    """A session that opened an hour ago and closes in a day (both in minutes from now), published with its papers."""
    now = timezone.now()
    of_exam = {name: terms.pop(name) for name in ("counts", "kind", "bank", "post_kinds") if name in terms}
    session = sessions.plan(
        exam or make_exam(cast, code, **of_exam),
        by=cast.city,
        code=code,
        name=f"场次{code}",
        opens_at=now + timedelta(minutes=opens),
        closes_at=now + timedelta(minutes=closes),
        papers_wanted=papers_wanted,
        **terms,
    )
    return sessions.publish(session, by=cast.city) if published else session


def admitted(session, user, **more):
    """The registration of a person whom her manager, or to a spot check a regulator, admitted under her first post."""
    is_spot = session.exam.kind == Exam.Kind.SPOT_CHECK
    source = Registration.Source.REGULATOR if is_spot else Registration.Source.MANAGER
    registration = sessions.register(session, user.posts.first(), by=None, source=source)
    if more:
        Registration.objects.filter(pk=registration.pk).update(**more)
        registration.refresh_from_db()
    return registration


def begun(session, user, **more):
    """A running attempt."""
    return attempts.start(admitted(session, user, **more), by=user)


def own(attempt):
    """Whose it is, and who alone may write to it."""
    return attempt.registration.candidate


def right(kind, body, key):
    """The payload that is all right."""
    if kind == "blank":
        return {"blanks": {one: spellings[0] for one, spellings in key["blanks"].items()}}
    if kind == "case":
        return {
            "parts": {
                part["id"]: right(part["type"], part["body"], key["parts"][part["id"]])
                for part in body["parts"]
            }
        }
    return dict(key)


def right_entries(attempt, share=1, first=1):
    """Entries that answer this share of the paper's places rightly, numbered from `first`."""
    places = papers.places(attempt.paper)
    return [
        attempts.Entry(number, position, right(place.type, place.body, place.key))
        for number, (position, place) in enumerate(
            list(places.items())[: round(len(places) * share)], start=first
        )
    ]


def sent(attempt, entries):
    """Entries as the candidate's page sends them: options by the tokens of her attempt."""
    return [vars(e) | {"payload": tokens.closed(attempt.pk, e.position, e.payload)} for e in entries]


def answer_right(attempt, share=1):
    """Save right answers to this share of the paper."""
    return attempts.save(own(attempt), attempt.pk, right_entries(attempt, share))


def handed_in(attempt, share=1):
    """The attempt answered, handed in and its result known, as after the commit."""
    answer_right(attempt, share)
    attempts.hand_in(own(attempt), attempt.pk, by=attempt.registration.candidate)
    return release.release(attempt)


def move_clock(attempt, *, minutes):
    """Let so many minutes pass for an attempt, by shifting its times into the past."""
    by = timedelta(minutes=minutes)
    attempt.started_at, attempt.deadline = attempt.started_at - by, attempt.deadline - by
    Attempt.objects.filter(pk=attempt.pk).update(started_at=attempt.started_at, deadline=attempt.deadline)
    return attempt


def make_scheme(code="training", **fields):
    """What self-training exams earn: a year."""
    return Scheme.objects.create(
        **{"code": code, "exam_kind": Exam.Kind.SELF_TRAINING, "issuer": "天津市市场监管委（演示）"} | fields
    )


def certified(cast, user=None, *, session=None, scheme=None):
    """The certificate of somebody who just passed."""
    user = user or cast.officer
    scheme = scheme or Scheme.objects.filter(code="training").first() or make_scheme()
    attempt = handed_in(begun(session or make_session(cast), user))
    return attempt.certificates.get(scheme=scheme)
