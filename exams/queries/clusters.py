"""What stands out when the attempts of a session are laid side by side. It is shown with its evidence and decides nothing."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations

from audit.models import AuditEvent
from exams.models import Attempt, PaperItem, Response, Score

LEAST_WRONG = 4  # wrong answers that two people must share before it is worth a look
LEAST_SHARE = 0.8  # of the items that both had wrong
LEAST_SECONDS = 3  # for each answered item, below which nobody reads it
MOST_TOGETHER = 30  # who answered alike and wrong in a crowd shares a misconception, not an answer sheet
MOST_PAIRS = 100
# 500 attempts of 30 items take two seconds of a busy machine: so many are read while somebody waits, more by the worker.
AT_ONCE = 60


@dataclass(frozen=True)
class Pair:
    """Two people and the wrong answers that they share."""

    first: Attempt
    second: Attempt
    same: int
    wrong: int

    @property
    def percent(self):
        """The share in whole per cent."""
        return round(self.same * 100 / self.wrong)


@dataclass(frozen=True)
class Quick:
    """An attempt that was answered faster than one can read."""

    attempt: Attempt
    answered: int
    seconds: int


def over(session):
    """The attempts of a session that are over."""
    return Attempt.objects.filter(registration__session=session).exclude(state=Attempt.State.IN_PROGRESS)


def stored(found):
    """What was found as it is kept: attempts by their keys."""
    groups = {
        what: [[name, [one.pk for one in rows]] for name, rows in found[what]]
        for what in ("devices", "addresses")
    }
    return groups | {
        "people": found["people"],
        "alike": [[pair.first.pk, pair.second.pk, pair.same, pair.wrong] for pair in found["alike"]],
        "quick": [[one.attempt.pk, one.answered, one.seconds] for one in found["quick"]],
    }


def opened(kept):
    """What was kept as it was found; one query."""
    keys = {key for what in ("devices", "addresses") for _name, rows in kept[what] for key in rows}
    keys |= {key for pair in kept["alike"] for key in pair[:2]} | {one[0] for one in kept["quick"]}
    rows = Attempt.objects.filter(pk__in=keys).select_related("registration__candidate").defer("layout")
    attempts = {one.pk: one for one in rows}
    groups = {
        what: [(name, [attempts[key] for key in rows]) for name, rows in kept[what]]
        for what in ("devices", "addresses")
    }
    return groups | {
        "people": kept["people"],
        "alike": [
            Pair(attempts[first], attempts[second], *counts) for first, second, *counts in kept["alike"]
        ],
        "quick": [Quick(attempts[key], *counts) for key, *counts in kept["quick"]],
    }


def clusters(session):
    """{"devices": [(name, attempts)], "addresses": [...], "alike": [Pair], "quick": [Quick]}; five queries for any number of people."""
    attempts = {
        one.pk: one
        for one in over(session)
        .select_related("registration__candidate")
        .defer("layout")
        .order_by("registration__candidate__name", "number")
    }
    said, last_at = _said(attempts)
    return {
        "people": len({one.registration_id for one in attempts.values()}),
        "devices": _shared(attempts, {key: one.device[:8] for key, one in attempts.items()}),
        "addresses": _shared(attempts, _addresses(attempts)),
        "alike": _alike(attempts, said, session),
        "quick": [
            Quick(attempts[key], len(said[key]), seconds)
            for key, at in last_at.items()
            if (seconds := int((at - attempts[key].started_at).total_seconds()))
            < len(said[key]) * LEAST_SECONDS
        ],
    }


def _said(attempts):
    """{attempt: {position: answer in one spelling}} of what was answered, and when each said something last."""
    said, last_at = defaultdict(dict), {}
    rows = Response.objects.filter(attempt__in=attempts).order_by("attempt", "number")
    for key, position, payload, at in rows.values_list("attempt", "position", "payload", "saved_at"):
        last_at[key] = at
        if payload:
            said[key][position] = json.dumps(payload, sort_keys=True)
        else:
            said[key].pop(position, None)
    return said, last_at


def _addresses(attempts):
    """From where each attempt was begun."""
    names = {f"exams.attempt:{key}": key for key in attempts}
    rows = AuditEvent.objects.filter(action="attempt.started", target__in=names).order_by("pk")
    return {names[target]: address for target, address in rows.values_list("target", "address")}


def _shared(attempts, found):
    """What several people share, the most first."""
    groups = defaultdict(list)
    for key, name in found.items():
        if name:
            groups[name].append(attempts[key])
    several = [
        (name, rows) for name, rows in groups.items() if len({one.registration_id for one in rows}) > 1
    ]
    return sorted(several, key=lambda group: (-len(group[1]), group[0]))


def _alike(attempts, said, session):
    """Pairs of people who gave nearly the same wrong answers to the items that both had wrong."""
    item_at = {
        (paper, position): revision
        for paper, position, revision in PaperItem.objects.filter(paper__session=session)
        .order_by()
        .values_list("paper", "position", "revision")
    }
    results = {one.current_result_id: key for key, one in attempts.items() if one.current_result_id}
    wrong, holders = defaultdict(set), defaultdict(list)
    rows = Score.objects.filter(result__in=results, fraction__lt=1).order_by()
    for result, position in rows.values_list("result", "position"):
        key = results[result]
        item, answer = item_at.get((attempts[key].paper_id, position)), said[key].get(position)
        if item and answer:
            wrong[key].add(item)
            holders[item, answer].append(key)
    same = Counter()
    for keys in holders.values():
        if len(keys) <= MOST_TOGETHER:
            same.update(combinations(sorted(keys), 2))
    pairs = []
    for (first, second), count in same.items():
        if count < LEAST_WRONG or attempts[first].registration_id == attempts[second].registration_id:
            continue
        both = len(wrong[first] & wrong[second])
        if count >= both * LEAST_SHARE:
            pairs.append(Pair(attempts[first], attempts[second], count, both))
    return sorted(pairs, key=lambda pair: (-pair.same, -pair.percent))[:MOST_PAIRS]
