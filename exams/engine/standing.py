"""Where a candidate stands with a session: one word for every combination of session, window, attempt and moment."""

from dataclasses import dataclass
from datetime import datetime

from . import clock
from .words import N_

PLANNED, OPEN, RUNNING, PAUSED = "planned", "open", "running", "paused"
SUBMITTED, AUTO_SUBMITTED, VOIDED = "submitted", "auto_submitted", "voided"
TERMINATED = "terminated"
ABSENT, CANCELLED = "absent", "cancelled"

LABELS = {
    PLANNED: N_("未开考"),
    OPEN: N_("可以开考"),
    RUNNING: N_("答题中"),
    PAUSED: N_("已暂停"),
    SUBMITTED: N_("已交卷"),
    AUTO_SUBMITTED: N_("到时自动交卷"),
    TERMINATED: N_("监考终止"),
    VOIDED: N_("已作废"),
    ABSENT: N_("缺考"),
    CANCELLED: N_("已取消"),
}


@dataclass(frozen=True)
class Window:
    """What a session says: its state, and from when until when it stands open."""

    state: str  # draft, published, released, cancelled
    opens_at: datetime
    closes_at: datetime
    grace_seconds: int = 0


@dataclass(frozen=True)
class Sitting:
    """What an attempt says."""

    state: str  # in_progress, submitted, voided
    deadline: datetime
    paused_at: datetime | None = None
    ended_by: str = ""


def of(window, sitting, now):
    """Give the standing of a registered candidate; `sitting` is her newest attempt or None.

    An attempt outweighs its session: what was begun goes on when the session closes or is cancelled, and what was handed in
    stays handed in. A running attempt whose time is over is told as handed in, for whoever reads it closes it so.
    """
    if sitting is not None:
        return _of_sitting(sitting, window.grace_seconds, now)
    if window.state == "cancelled":
        return CANCELLED
    if window.state == "draft":
        return PLANNED
    if window.state == "released":
        return ABSENT
    return {clock.BEFORE: PLANNED, clock.OPEN: OPEN, clock.CLOSED: ABSENT}[
        clock.phase(window.opens_at, window.closes_at, now)
    ]


def _of_sitting(sitting, grace_seconds, now):
    if sitting.state == "voided":
        return VOIDED
    if sitting.state == "submitted":
        return {"deadline": AUTO_SUBMITTED, "terminated": TERMINATED}.get(sitting.ended_by, SUBMITTED)
    if sitting.paused_at is not None:
        return PAUSED
    return AUTO_SUBMITTED if clock.is_over(sitting.deadline, grace_seconds, now) else RUNNING
