"""Reads of terminations: which step counts of each attempt."""

from exams.models import Attempt, Termination

Kind = Termination.Kind


def last_of(attempts):
    """The step that counts of each of these attempts that has any, by the attempt's key; one query.

    A confirmation has `grounds`: what whoever proposed it said, and whoever confirmed it.
    """
    rows = Termination.objects.filter(attempt__in=[one.pk for one in attempts]).select_related("by")
    proposed, last = {}, {}
    for row in rows.order_by("number"):
        if row.kind == Kind.PROPOSED:
            proposed[row.attempt_id] = row.why
        elif row.kind == Kind.CONFIRMED:
            row.grounds = "；".join(dict.fromkeys((proposed[row.attempt_id], row.why)))
        last[row.attempt_id] = row
    return last


def waiting_among(attempts):
    """The keys of those of these attempts whose termination is proposed and not decided; one query."""
    return {key for key, step in last_of(attempts).items() if step.kind == Kind.PROPOSED}


def proposed_in(session):
    """The proposals of a session that wait for a second person, the oldest first; one query."""
    rows = (
        Termination.objects.filter(
            attempt__registration__session=session, attempt__state=Attempt.State.IN_PROGRESS
        )
        .select_related("by", "attempt__registration__candidate")
        .order_by("number")
    )
    last = {row.attempt_id: row for row in rows}
    return sorted((row for row in last.values() if row.kind == Kind.PROPOSED), key=lambda row: row.at)


def proposed(attempt):
    """The proposal to terminate a running attempt that waits for a second person, or None."""
    row = Termination.objects.filter(attempt=attempt).order_by("-number").first()
    return row if row and row.kind == Kind.PROPOSED else None


def in_force(attempt):
    """The termination of an attempt that stands, or None; asks only where the attempt ended so."""
    return standing([attempt]).get(attempt.pk)


def standing(attempts):
    """The terminations that stand among these attempts, by the attempt's key; one query, none where nobody was terminated."""
    ended = [one for one in attempts if one.ended_by == Attempt.EndedBy.TERMINATED]
    return {key: row for key, row in last_of(ended).items() if row.kind == Kind.CONFIRMED} if ended else {}
