"""Papers are born whole, before the doors open."""

import secrets

from django.db import transaction
from django.utils import timezone

from audit.log import record
from audit.transitions import Refused
from exams.actions import blueprints
from exams.engine import blueprint as engine
from exams.engine.chance import digest
from exams.models import ExamSession, ItemRevision, Paper, PaperItem
from exams.queries import pool
from exams.sentences import say
from exams.skeleton import skeleton

FIRST = 24  # composed while somebody waits for the session to be published
CHUNK = 50  # composed in one transaction by the background worker


def content(chosen, revisions):
    """What a paper says, as JSON in one fixed shape; its digest is the paper's."""
    return [
        [
            line.section,
            code,
            revisions[code].number,
            digest([revisions[code].stem, revisions[code].body]),
            str(line.points),
        ]
        for line, code in chosen
    ]


@transaction.atomic
def compose(session, count, *, by=None, seeds=None):
    """Compose so many papers for a session and append them; `seeds` may be given to make the same papers again.

    Items that the session passes over are taken only where the bank has no more.

    Raises Refused when the blueprint cannot be filled from what is approved and in force today.
    """
    blueprint = session.exam.blueprint
    lines = blueprints.lines(blueprint)
    candidates = blueprints.candidates(blueprint, timezone.localdate())
    # What was random is written down: the seed stands in the paper.
    seeds = seeds or [secrets.token_hex(16) for _ in range(count)]
    had = set(session.passed_over.values_list("pk", flat=True))
    late = {one.code for one in candidates if one.item_id in had}
    try:
        drawn = [engine.compose(lines, candidates, seed, late) for seed in seeds]
    except engine.Infeasible as infeasible:
        raise Refused(say(infeasible.shortage.sentence)) from infeasible
    revisions = _revisions({code for chosen in drawn for _line, code in chosen}, candidates)
    last = (
        Paper.objects.filter(session=session).order_by("-number").values_list("number", flat=True).first()
        or 0
    )
    papers = Paper.objects.bulk_create(
        Paper(
            session=session,
            blueprint=blueprint,
            number=last + n,
            seed=seed,
            max_points=sum(line.points for line, _code in chosen),
            digest=digest(content(chosen, revisions)),
            outline=[
                [line.section, revisions[code].item.type, skeleton(revisions[code].body)]
                for line, code in chosen
            ],
        )
        for n, (seed, chosen) in enumerate(zip(seeds, drawn, strict=True), start=1)
    )
    PaperItem.objects.bulk_create(
        (
            PaperItem(
                paper=paper,
                position=position,
                section=line.section,
                revision=revisions[code],
                points=line.points,
            )
            for paper, chosen in zip(papers, drawn, strict=True)
            for position, (line, code) in enumerate(chosen, start=1)
        ),
        batch_size=500,
    )
    record("papers.composed", session, by=by, first=last + 1, count=len(papers))
    return papers


@transaction.atomic
def top_up(session_pk):
    """Compose a chunk of what a published session still lacks; gives how many papers it made, 0 when nothing is missing.

    The row of the session is the lock: whoever comes second counts after the first has composed, and numbers have no gaps.
    """
    session = (
        ExamSession.objects.select_for_update(of=("self",), no_key=True)
        .select_related("exam__blueprint")
        .filter(pk=session_pk, state=ExamSession.State.PUBLISHED)
        .first()
    )
    count = min(pool.missing(session), CHUNK) if session else 0
    return len(compose(session, count)) if count else 0


def _revisions(codes, candidates):
    ids = {one.code: one.revision_id for one in candidates if one.code in codes}
    rows = ItemRevision.objects.select_related("item").in_bulk(ids.values())
    return {code: rows[pk] for code, pk in ids.items()}
