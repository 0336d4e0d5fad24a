"""What the clock decides: the countdown, the refusal at the door and the sweep all ask here.

Every time is an aware datetime; arithmetic and answers are in UTC, so that a change of summer time can
neither give nor take an hour.
"""

from datetime import UTC, timedelta
from math import ceil

BEFORE, OPEN, CLOSED = "before", "open", "closed"
MOST_MINUTES = 600  # that may be granted at once


def deadline(started_at, minutes, extra=0, paused=0, closes_at=None):
    """Give the moment at which an attempt ends: its duration or the closing of the session, the earlier.

    Extra minutes and paused seconds move both bounds: a candidate who started late and was then granted
    ten minutes really gets them, although the session has closed for everybody else. Without a duration
    (minutes None) only the closing counts; without either there is no deadline (None).
    """
    credit = timedelta(minutes=extra, seconds=paused)
    bounds = []
    if minutes is not None:
        bounds.append(_utc(started_at) + timedelta(minutes=minutes) + credit)
    if closes_at is not None:
        bounds.append(_utc(closes_at) + credit)
    return min(bounds, default=None)


def credit(extra_minutes, granted=()):
    """Give all the time in seconds that is added to an attempt: minutes granted beforehand, seconds granted while it ran."""
    return extra_minutes * 60 + sum(granted)


def moved(deadline, seconds):
    """Give a deadline after so many seconds more were granted; time is never taken."""
    if seconds < 0:
        raise ValueError("a deadline never moves towards the candidate")
    return _utc(deadline) + timedelta(seconds=seconds)


def paused_seconds(paused_at, now):
    """Give what a pause is credited with: whole seconds, a begun one counts; a clock that was put back takes nothing."""
    return max(0, ceil((_utc(now) - _utc(paused_at)) / timedelta(seconds=1)))


def remaining(deadline, now, paused_at=None):
    """Give the whole seconds left, never negative; while paused those of the pause's first moment; None without a deadline."""
    if deadline is None:
        return None
    return max(0, (_utc(deadline) - _utc(paused_at or now)) // timedelta(seconds=1))


def phase(opens_at, closes_at, now):
    """Tell whether a window is still to open, open, or closed; the closing moment itself is closed."""
    if opens_at is not None and _utc(now) < _utc(opens_at):
        return BEFORE
    if closes_at is not None and _utc(now) >= _utc(closes_at):
        return CLOSED
    return OPEN


def accepts(deadline, grace_seconds, now, paused_at=None):
    """Tell whether a response that arrives now counts: until the deadline plus grace, inclusive, and never while paused."""
    return paused_at is None and not is_over(deadline, grace_seconds, now)


def is_over(deadline, grace_seconds, now, paused_at=None):
    """Tell whether the time is over, grace of the network included; while paused it does not run."""
    if deadline is None or paused_at is not None:
        return False
    return _utc(now) > _utc(deadline) + timedelta(seconds=grace_seconds)


def finished_at(deadline, now):
    """Give the moment at which an attempt ended that is being closed now: never after its deadline."""
    return _utc(now) if deadline is None else min(_utc(deadline), _utc(now))


def _utc(moment):
    if moment.utcoffset() is None:
        raise ValueError("a time without a zone cannot be compared")
    return moment.astimezone(UTC)
