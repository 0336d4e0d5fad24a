"""Reading papers: they cannot change, so each process reads each of them once."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from exams.models import Paper, PaperItem


@dataclass(frozen=True)
class Place:
    """One place of a paper with all that its item says."""

    position: int
    section: str
    points: Decimal
    type: str
    code: str
    topic: str
    stem: str
    body: dict
    key: dict
    rationale: str
    basis: str
    clause: str


@dataclass(frozen=True)
class Outline:
    """What a start and a save must know of a paper and of the session it belongs to; neither can change any more."""

    places: tuple
    digest: str
    session_id: int
    grace_seconds: int


@lru_cache(maxsize=4096)
def outline(paper_id):
    """The outline of a paper; one query the first time in this process, none later."""
    columns = ("outline", "digest", "session_id", "session__grace_seconds")
    places, *others = Paper.objects.values_list(*columns).get(pk=paper_id)
    return Outline(tuple(_shared(json.dumps(place)) for place in places), *others)


@lru_cache(maxsize=20_000)
def _shared(place):
    """One (section, type, body) for all the papers that have the same: there are far fewer bodies without texts than places."""
    return tuple(json.loads(place))


@dataclass(frozen=True)
class Composition:
    """What all papers of a session have in common: how many places of each type, and all points together."""

    counts: dict
    points: Decimal


@lru_cache(maxsize=1024)
def composition(session_id, first):
    """The composition of a session's papers from the first that counts; Paper.DoesNotExist, which is not kept, before there is one."""
    paper = Paper.objects.filter(session=session_id, number__gte=first).order_by("number")
    places, points = paper.values_list("outline", "max_points")[:1].get()
    return Composition(Counter(kind for _section, kind, _body in places), points)


def numbers(keys):
    """The numbers of papers."""
    return Paper.objects.filter(pk__in=list(keys)).values_list("number", flat=True)


def place_of(revision, *, position, section, points):
    """One place made of an item revision, whose item and topic are loaded; of a paper or of a go at practice."""
    item = revision.item
    return Place(
        position=position,
        section=section,
        points=points,
        type=item.type,
        code=item.code,
        topic=item.topic.name,
        stem=revision.stem,
        body=revision.body,
        key=revision.key,
        rationale=revision.rationale,
        basis=revision.basis,
        clause=revision.clause,
    )


def _place(row):
    return place_of(row.revision, position=row.position, section=row.section, points=row.points)


@lru_cache(maxsize=256)
def _places(paper_id, digest):
    rows = (
        PaperItem.objects.filter(paper_id=paper_id)
        .select_related("revision__item__topic")
        .order_by("position")
    )
    return {row.position: _place(row) for row in rows}


def places(paper):
    """The places of a paper by position; one query the first time in this process, none later."""
    return _places(paper.pk, paper.digest)


def places_of(keys):
    """The places of several papers by their keys and positions; one query, and nothing of it is kept."""
    rows = PaperItem.objects.filter(paper__in=list(keys)).select_related("revision__item__topic")
    found = defaultdict(dict)
    for row in rows.order_by("paper_id", "position"):
        found[row.paper_id][row.position] = _place(row)
    return found
