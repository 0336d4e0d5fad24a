"""Quiet hours, pure: moments come as aware times of the clock on the wall."""

from datetime import datetime, time, timedelta

Hours = tuple[time, time]


def parse(text: str) -> Hours | None:
    """`22:00-07:30` as two times; nothing where there are no quiet hours."""
    if not text.strip():
        return None
    begin, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    return None if begin == end else (begin, end)


def ends(at: datetime, hours: Hours | None) -> datetime:
    """The moment itself, or the end of the quiet hours in which it lies."""
    if hours is None:
        return at
    begin, end = hours
    clock = at.time()
    over_night = begin > end
    inside = clock >= begin or clock < end if over_night else begin <= clock < end
    if not inside:
        return at
    day = at.date() + timedelta(days=over_night and clock >= begin)
    return datetime.combine(day, end, at.tzinfo)
