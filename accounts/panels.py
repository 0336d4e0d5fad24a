"""Places on pages of lower floors where higher floors put something of their own; who adds one keeps its queries few.

A teller takes the request and what the page is about, and gives what its template wants, or nothing.
"""

from collections import defaultdict
from dataclasses import dataclass

ENTERPRISE = "enterprise"  # with enterprise=
MANAGER, OFFICER = "manager", "officer"  # first screens, with unit_id=
LEARNING = "learning"  # the page of courses of whoever learns
REGULATOR = "regulator"  # the overview of an organ, with unit=
RESULT = (
    "result"  # the result of an attempt, with attempt= and the elements seen= that its terms disclose now
)
MISSED = "missed"  # beside lessons on what an attempt missed, where that may be known, with attempt=: the way to practise it
DESK = "desk"  # the first screens of who edits and who administers
ME = "me"  # among the settings on one's own page
_tellers = defaultdict(list)


@dataclass(frozen=True)
class Panel:
    """One piece of a page: its template, and what that calls `panel`."""

    template: str
    told: object


def add(place, template, teller):
    """Put a panel in a place, below those that stand there."""
    _tellers[place].append((template, teller))


def of(place, request, **about):
    """The panels of a place that have something to say."""
    found = ((template, teller(request, **about)) for template, teller in _tellers[place])
    return [Panel(template, told) for template, told in found if told]
