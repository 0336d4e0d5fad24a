"""What is wrong, or soon will be, with the posts of enterprises today, pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from accounts.staffing import NEEDS_CERTIFICATE, VALID, Coverage, is_ending

ENDING, MANY = "ending", "many"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to be done in one enterprise; the code stays the same as long as it stands."""

    enterprise: int
    what: str
    kind: str = ""  # of the post
    person: int | None = None
    until: date | None = None
    employers: int = 0
    row: int | None = None  # of a higher floor, whose page mends it

    @property
    def code(self) -> str:
        """How the history names it, within its enterprise."""
        return ":".join(str(part) for part in (self.what, self.kind, self.person) if part)


def alerts(rows: Iterable[Coverage], crowded: Mapping[int, int], on: date) -> list[Alert]:
    """All alerts of the enterprises; of people in too many enterprises one in each of those that are asked about."""
    found = []
    for row in rows:
        found += [Alert(row.pk, state, kind) for kind, state in row.states.items() if state != VALID]
        people = set()
        for kind, holders in row.holders.items():
            for person, until in holders:
                people.add(person)
                if until and kind in NEEDS_CERTIFICATE and is_ending(until, on):
                    found.append(Alert(row.pk, ENDING, kind, person, until))
        found += [Alert(row.pk, MANY, "", p, None, crowded[p]) for p in sorted(people) if p in crowded]
    return found


def read_code(code: str) -> tuple[str, str, int | None]:
    """What, kind of post and person of an alert's code."""
    parts = code.split(":")
    person = int(parts[-1]) if parts[-1].isdecimal() else None
    kind = parts[1] if len(parts) > 1 and not parts[1].isdecimal() else ""
    return parts[0], kind, person
