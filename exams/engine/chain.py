"""A sitting as a chain: each event carries the digest of itself and of the one before, so none can be changed unseen.

Anyone who holds the events can recompute it: SHA-256 over canonical JSON (sorted keys, no spaces, UTF-8), times in UTC with
microseconds. The first link is the `origin`: who sat which paper, in which order, from when.
"""

from datetime import UTC

from .chance import digest

FORMAT = 1


def origin(*, session, candidate, number, paper, layout, started_at):
    """Give the first link: code of the session, the candidate's key, the attempt's number, digest of the paper, layout, start."""
    return digest([FORMAT, session, candidate, number, paper, digest(layout), stamp(started_at)])


def link(previous, *, number, position, payload, flagged, saved_at):
    """Give the link of a response that follows `previous`."""
    return digest([previous, number, position, payload, flagged, stamp(saved_at)])


def intervention(previous, *, number, kind, seconds, why, by, at):
    """Give the link of an intervention that follows `previous`; their chain begins at the same origin."""
    return digest([previous, number, kind, seconds, why, by, stamp(at)])


def closing(*, origin, last, responses, intervened, interventions, deadline, submitted_at, ended_by, scores):
    """Give the text that is sealed when the attempt ends: both heads with their counts, the times, and what was scored."""
    return digest(
        [
            origin,
            last,
            responses,
            intervened,
            interventions,
            stamp(deadline),
            stamp(submitted_at),
            ended_by,
            scores,
        ]
    )


def later(before, *, number, scores):
    """Give the text that is sealed with each result after the first: the seal before it, its number, what it says."""
    return digest([before, number, scores])


def voiding(seal, *, why, by, at):
    """Give the text that is sealed when an attempt that was sealed so is declared void."""
    return digest([seal, why, by, stamp(at)])


def filing(origin, *, number, said, made_at, entries, result, why, by, at):
    """Give the text that is sealed with an accepted answer file; `result` is the number of the result that it made, or None."""
    return digest([origin, number, said, stamp(made_at), entries, result, why, by, stamp(at)])


def stamp(moment):
    """A moment in its one spelling."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
