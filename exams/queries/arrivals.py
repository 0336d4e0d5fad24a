"""Who came to a held session: three queries, however many are registered."""

from collections import defaultdict
from dataclasses import dataclass
from hmac import compare_digest

from accounts import vault
from exams.models import Arrival, Attempt, Registration

WRONG = Arrival.Outcome.WRONG_SESSION


def counting(notes):
    """Of a person's notes the one that counts: the last by the time at which it was noted, or None.

    That she was once in the wrong room says nothing about the right one.
    """
    own = [row for row in notes if row.outcome != WRONG]
    return max(own, key=lambda row: (row.noted_at, row.number), default=None)


def are_doubled(notes):
    """Whether more than one device noted her as here, or the notes of different devices disagree."""
    own = [row for row in notes if row.outcome != WRONG]
    return len({row.device for row in own}) > 1


@dataclass(frozen=True)
class Row:
    """One registration as the list at the door shows it."""

    registration: Registration
    notes: tuple
    attempt: str = ""  # state of the newest attempt

    @property
    def counts(self):
        """The note that counts, or None."""
        return counting(self.notes)

    @property
    def is_doubled(self):
        """Whether several devices noted her."""
        return are_doubled(self.notes)

    @property
    def standing(self):
        """A word for where she stands: sitting, ended, an outcome, or not yet here."""
        if self.attempt:
            return "sitting" if self.attempt == Attempt.State.IN_PROGRESS else "ended"
        return self.counts.outcome if self.counts else "awaited"


def rows_of(session):
    """Every registration of a session by name, with its notes."""
    notes = defaultdict(list)
    # Those noted elsewhere as well: a person of ours who stands in the wrong room is told here, too.
    for note in Arrival.objects.filter(registration__session=session).select_related("by").order_by("number"):
        notes[note.registration_id].append(note)
    newest = dict(
        Attempt.objects.filter(registration__session=session)
        .order_by("number")
        .values_list("registration", "state")
    )
    people = (
        session.registrations.admitted()
        .select_related("candidate", "post__enterprise__unit", "seat__room")
        .order_by("candidate__name", "pk")
    )
    return [Row(one, tuple(notes[one.pk]), newest.get(one.pk, "")) for one in people]


def strangers(session):
    """Notes of people who came here and belong to another session, the newest first."""
    return (
        Arrival.objects.filter(session=session, outcome=WRONG)
        .select_related("registration__candidate", "registration__session", "by")
        .order_by("-noted_at")
    )


def counts(rows):
    """How many are awaited, here, absent, turned away, ready to begin, sitting, done: {word: people}."""
    found = defaultdict(int)
    for row in rows:
        found[row.standing] += 1
        found["ready"] += bool(row.registration.arrived_at and row.registration.code_at and not row.attempt)
    found["here"] = found["present"] + found["late"]
    return found


def pass_of(registration_id):
    """What her QR says besides her number, so that nobody can make up one: 16 hexadecimal digits."""
    return vault.fingerprint("arrival", str(registration_id))[:16]


def is_pass(registration_id, given):
    """Whether this is the pass of that registration."""
    return compare_digest(pass_of(registration_id).encode(), given.encode())
