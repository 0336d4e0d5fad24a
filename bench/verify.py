"""Compare what candidates were told with what is stored; reads the truth as JSON on stdin. `python -m bench.verify`.

The expected points are worked out here, from the items' keys, not with the product's scoring.
"""

import json
import sys
from collections import Counter
from decimal import Decimal

import django

django.setup()

from exams.actions.verifying import problems_of  # noqa: E402
from exams.markup import inline  # noqa: E402
from exams.models import Attempt, PaperItem, Response, Score  # noqa: E402

CHUNK = 500


def compare(truths, ended):
    """Everything that differs, and how much was looked at."""
    wrong, counts, papers = [], Counter(), {}
    for start in range(0, len(truths), CHUNK):
        chunk = {truth["attempt"]: truth for truth in truths[start : start + CHUNK]}
        attempts = Attempt.objects.select_related("current_result", "registration__session").in_bulk(
            list(chunk)
        )
        said = {}
        for row in Response.objects.filter(attempt__in=chunk).order_by("number"):
            said.setdefault(row.attempt_id, []).append(row)
        results = [a.current_result_id for a in attempts.values() if a.current_result_id]
        scores = {}
        for score in Score.objects.filter(result__in=results):
            scores.setdefault(score.result_id, {})[score.position] = score.points
        for pk, truth in chunk.items():
            attempt = attempts.get(pk)
            if attempt is None:
                wrong.append(f"attempt {pk} is not there")
                continue
            if attempt.paper_id not in papers:
                papers[attempt.paper_id] = _paper(attempt.paper_id)
            wrong += _one(attempt, truth, said.get(pk, []), scores, papers[attempt.paper_id], counts, ended)
    for pk, problems in problems_of(Attempt.objects.filter(pk__in=[t["attempt"] for t in truths])):
        wrong += [f"{pk}: {problem}" for problem in problems]
    return wrong, counts


def _paper(pk):
    rows = PaperItem.objects.filter(paper=pk).select_related("revision")
    return {row.position: (row.revision.body, row.revision.key, row.points) for row in rows}


def _told(payload, body):
    if "value" in payload:
        return payload["value"]
    texts = {option["id"]: str(inline(option["text"])) for option in body.get("options", ())}
    return sorted(texts[one] for one in payload.get("options", ()))


def _one(attempt, truth, rows, scores, paper, counts, ended):
    wrong = []
    counts["attempts"] += 1
    if truth.get("at_least"):  # a backup may hold more than what was acknowledged when it began
        rows = [row for row in rows if row.number <= truth["last"]]
    stored = {row.position: _told(row.payload, paper[row.position][0]) for row in rows}
    said = {int(position): told for position, told in truth["said"].items()}
    counts["answers"] += len(said)
    if stored != said:
        wrong.append(f"{attempt.pk}: stored {len(stored)} answers differ from the {len(said)} acknowledged")
    last = rows[-1].number if rows else 0
    if last != truth["last"]:
        wrong.append(f"{attempt.pk}: last number {last}, acknowledged {truth['last']}")
    if not ended:
        return wrong
    if attempt.state != "submitted" or attempt.current_result is None:
        return [*wrong, f"{attempt.pk}: is {attempt.state}"]
    if truth.get("at_deadline") and attempt.submitted_at != attempt.deadline:
        wrong.append(f"{attempt.pk}: ended {attempt.submitted_at}, its deadline was {attempt.deadline}")
    if attempt.submitted_at > attempt.deadline:
        wrong.append(f"{attempt.pk}: ended after its deadline")
    points = {
        p: weight if _is_right(said.get(p), body, key) else Decimal(0)
        for p, (body, key, weight) in paper.items()
    }
    counts["scores"] += len(points)
    if scores.get(attempt.current_result_id) != points or attempt.current_result.points != sum(
        points.values()
    ):
        wrong.append(f"{attempt.pk}: scored {attempt.current_result.points}, expected {sum(points.values())}")
    return wrong


def _is_right(said, body, key):
    return said == _told(key, body)


def main():
    """Print what differs."""
    given = json.load(sys.stdin)
    wrong, counts = compare(given["truths"], given["ended"])
    print(json.dumps({"wrong": wrong[:50], "differences": len(wrong), **counts}))


if __name__ == "__main__":
    main()
