"""How long saves took on this node in the last minutes.

The counters only grow, so every half minute somebody notes how far they were: the background worker beside the server, and whoever
looks. What was counted until five minutes ago is then taken away. The notes lie beside the counters and are swept with them when the
server starts.
"""

import json
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from operations import metrics

SAVE = "exams:save"
RECENT = 300  # seconds over which it is told
APART = 30  # seconds between two notes


def note(now=None):
    """Note how far the counters are, unless that was done just now."""
    at = (now or timezone.now()).timestamp()
    notes = _notes(at)
    if not notes or notes[-1][0] <= at - APART:
        _keep([*notes, (at, metrics.requests_of(SAVE)[1])])


def recent(now):
    """Count and quantiles, in seconds, and since when that is counted: five minutes, longer where nobody noted anything then, and None
    for as long as the server runs.
    """
    buckets, at = metrics.requests_of(SAVE)[1], now.timestamp()
    # A server that was started anew counts from nothing.
    notes = [(when, seen) for when, seen in _notes(at) if all(seen[b] <= buckets.get(b, 0) for b in seen)]
    since, before = notes[0] if notes else (None, {})
    fresh = {bound: count - before.get(bound, 0) for bound, count in buckets.items()}
    note(now)
    return {
        "count": max(fresh.values(), default=0),
        "p50": metrics.quantile(fresh, 0.5),
        "p95": metrics.quantile(fresh, 0.95),
        "seconds": at - since if since else None,
    }


def _notes(at):
    """[(when, {upper bound: how many})], beginning with the latest that is old enough."""
    try:
        told = json.loads(_file().read_text("utf-8"))
    except (OSError, ValueError):  # none yet
        return []
    notes = [
        (when, {float(bound): count for bound, count in seen.items()}) for when, seen in told if when <= at
    ]
    old = [number for number, (when, _seen) in enumerate(notes) if when <= at - RECENT]
    return notes[old[-1] :] if old else notes


def _keep(notes):
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{uuid4().hex}")
    draft.write_text(json.dumps(notes), "utf-8")
    draft.replace(file)


def _file():
    return settings.VAR_DIR / "measures" / "saves.json"
