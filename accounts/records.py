"""The door by which higher floors write into the personnel file."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts import oneself
from accounts.models import Qualification, RecordEntry, RecordKind
from accounts.staffing import FOREVER
from audit.append import append
from audit.context import signed


@dataclass(frozen=True)
class Line:
    """What one line of the file shall say."""

    person_id: int
    subject: str
    kind: str
    occurred_on: date
    title: str
    facts: dict


@transaction.atomic(savepoint=False)
def enter(person, subject, *, kind, occurred_on, title, facts, by=None):
    """Append what is now true of a subject; saying the same again adds nothing."""
    made = enter_many([Line(person.pk, subject, kind, occurred_on, title, facts)], by=by)
    return made[0] if made else RecordEntry.objects.filter(subject=subject).order_by("-number").first()


@transaction.atomic(savepoint=False)
def enter_many(lines, *, by=None):
    """Append many lines of different subjects with few statements; a line that says the same again is left out."""
    lines = list(lines)
    last = {}
    for start in range(0, len(lines), 500):
        subjects = [line.subject for line in lines[start : start + 500]]
        for entry in RecordEntry.objects.filter(subject__in=subjects).order_by("number"):
            last[entry.subject] = entry
    made = append(
        RecordEntry(
            **vars(line),
            number=last[line.subject].number + 1 if line.subject in last else 1,
            recorded_by=signed(by) if by else "",
        )
        for line in lines
        if line.subject not in last or not _says(last[line.subject], line)
    )
    qualify(made)
    return made


def qualify(entries):
    """Keep what the newest lines of certificates say as columns; takes the highest line of each subject."""
    rows = [
        Qualification(
            subject=entry.subject,
            person_id=entry.person_id,
            kind=entry.facts.get("post_kind") or "",
            in_force=entry.facts.get("state") == "in_force",
            until=date.fromisoformat(entry.facts.get("expires_on") or FOREVER),
        )
        for entry in entries
        if entry.kind == RecordKind.CERTIFICATE
    ]
    if rows:
        Qualification.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["subject"],
            update_fields=["person", "kind", "in_force", "until"],
        )


def _says(entry, line):
    return (entry.title, entry.facts, entry.person_id) == (line.title, line.facts, line.person_id)


def latest(people, *kinds):
    """The lines that count, newest first: of each subject the highest number. Takes one person or several, each with all her
    accounts.
    """
    several = isinstance(people, QuerySet | list | tuple)
    entries = RecordEntry.objects.filter(
        person__in=oneself.ids_of_all(people) if several else oneself.ids_of(people)
    )
    if kinds:
        entries = entries.filter(kind__in=kinds)
    later = RecordEntry.objects.filter(subject=OuterRef("subject"), number__gt=OuterRef("number"))
    return entries.filter(~Exists(later)).order_by("-occurred_on", "-pk")
