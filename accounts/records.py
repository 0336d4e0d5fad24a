"""The door by which higher floors write into the personnel file."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import RecordEntry


@transaction.atomic
def enter(person, subject, *, kind, occurred_on, title, facts, by=None):
    """Append what is now true of a subject; saying the same again adds nothing."""
    last = RecordEntry.objects.filter(subject=subject).order_by("-number").first()
    if last and (last.title, last.facts, last.person_id) == (title, facts, person.pk):
        return last
    return RecordEntry.objects.create(
        person=person,
        kind=kind,
        subject=subject,
        number=(last.number if last else 0) + 1,
        occurred_on=occurred_on,
        title=title,
        facts=facts,
        recorded_by=str(by) if by else "",
    )


def latest(people, *kinds):
    """The lines that count, newest first: of each subject the highest number. Takes one person or several."""
    several = isinstance(people, QuerySet | list | tuple)
    entries = RecordEntry.objects.filter(**{"person__in" if several else "person": people})
    if kinds:
        entries = entries.filter(kind__in=kinds)
    later = RecordEntry.objects.filter(subject=OuterRef("subject"), number__gt=OuterRef("number"))
    return entries.filter(~Exists(later)).order_by("-occurred_on", "-pk")
