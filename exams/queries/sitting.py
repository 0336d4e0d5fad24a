"""What the sitting page and the review read: a fixed number of queries, however long the paper."""

from django.utils.translation import gettext as _

from exams import presenting
from exams.engine.items import ITEM_TYPES
from exams.models import Paper
from exams.queries import hot, papers, responses, terminations


def questions(attempt):
    """The questions in the candidate's own order, the highest response number stored, and the head of the chain."""
    events = responses.events(attempt)
    said = responses.counting(events)
    places = papers.places(attempt.paper)
    shown = []
    for number, position in enumerate(attempt.layout["order"], start=1):
        response = said.get(position)
        shown.append(
            presenting.question(
                attempt.pk,
                number,
                places[position],
                attempt.layout["options"].get(str(position)),
                response.payload if response else {},
                response.flagged if response else False,
            )
        )
    last = events[-1] if events else None
    return shown, last.number if last else 0, last.link if last else attempt.origin


def review(attempt, said, shown):
    """The questions with what was said to them, and as much of verdict, key, rationale and provision as `shown` names."""
    places = papers.places(attempt.paper)
    scores = {s.position: s for s in scores_of(attempt)}
    seen = []
    for number, position in enumerate(attempt.layout["order"], start=1):
        layout = attempt.layout["options"].get(str(position))
        payload = said[position].payload if position in said else {}
        face = presenting.question(
            attempt.pk, number, places[position], layout, payload if "responses" in shown else {}
        )
        seen.append(presenting.verdict(face, places[position], scores.get(position), shown))
    return seen


def scores_of(attempt):
    """The scores of the result that counts, read once for a page."""
    kept = getattr(attempt, "_scores", None)
    if kept is None:
        result = attempt.current_result_id
        kept = attempt._scores = hot.SCORES.rows(result=result) if result else []
    return kept


def by_topic(attempt):
    """Points earned by topic, weakest first: [{topic, points, max_points, percent}, …]."""
    return topics(attempt.paper, [(s.position, s.points, s.max_points) for s in scores_of(attempt)])


def topics(paper, scores):
    """The same of any scores of a paper: [(position, points, most), …]."""
    places = papers.places(paper)
    totals = {}
    for position, points, most in scores:
        topic = totals.setdefault(places[position].topic, [0, 0])
        topic[0] += points
        topic[1] += most
    rows = [
        {"topic": name, "points": got, "max_points": most, "percent": round(got * 100 / most) if most else 0}
        for name, (got, most) in totals.items()
    ]
    return sorted(rows, key=lambda row: (row["percent"], row["topic"]))


def to_learn(attempt, most=3):
    """The provisions behind what was missed, those that cost most first."""
    places = papers.places(attempt.paper)
    lost = {}
    for score in scores_of(attempt):
        place = places[score.position]
        gap = score.max_points - score.points
        if gap > 0 and place.type != "case":
            line = lost.setdefault(
                presenting.provision(place.basis, place.clause), {"points": 0, "topic": place.topic}
            )
            line["points"] += gap
    rows = [{"provision": name, **facts} for name, facts in lost.items() if name]
    return sorted(rows, key=lambda row: -row["points"])[:most]


def makeup(session):
    """How many questions of each type, and the total of points, as the first paper has them; empty before publishing."""
    try:
        found = papers.composition(session.pk, session.papers_from)
    except Paper.DoesNotExist:
        return {"count": 0, "points": 0, "types": []}
    return {
        "count": sum(found.counts.values()),
        "points": found.points,
        "types": [(_(ITEM_TYPES[kind].label), count) for kind, count in found.counts.items()],
    }


def why_paused(attempt):
    """What a candidate whose time stands still is told of the reason: a proposal to terminate, or nothing more."""
    step = terminations.proposed(attempt)
    if step is None:
        return ""
    return _("监考人员建议终止您的考试，正在由另一名监考人员复核。原因：%(why)s") % {"why": step.why}
