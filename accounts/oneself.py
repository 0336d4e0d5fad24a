"""The accounts of one person: her own, and those that were merged into it. Whoever reads a file asks here whose rows it is made of.

What can never be changed stays with the account under which it was written, so that a file is read from all of them.
`User.merged_into` names the one who is left, however long the chain, so one step leads there.
"""

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User

MOST_NAMED = 10_000  # keys that a statement may name twice: SQLite takes 32,766 values in all


def ids_of(person):
    """The keys of all accounts of a person, as a subquery; takes her row, her key, or an expression that gives it."""
    key = getattr(person, "pk", person)
    if key is None:  # nobody; to ask for `merged_into` nothing would mean everybody
        return User.objects.none().values("pk")
    return User.objects.filter(Q(pk=key) | Q(merged_into=key)).values("pk")


def ids_of_all(people):
    """The same of several people, given as rows, keys or a queryset."""
    if not isinstance(people, QuerySet):
        people = [getattr(person, "pk", person) for person in people]
        if len(people) > MOST_NAMED:
            return (
                User.objects.alias(owner=Coalesce("merged_into_id", "pk"))
                .filter(owner__in=people)
                .values("pk")
            )
    return User.objects.filter(Q(pk__in=people) | Q(merged_into__in=people)).values("pk")


def owner(path):
    """The key of the person to whom a row belongs, `path` being its column that points at one of her accounts."""
    return Coalesce(f"{path}__merged_into_id", f"{path}_id")


def accounts_of(person):
    """A person's rows: her own first, then those that were merged into it in the order in which they were made."""
    return [person, *User.objects.filter(merged_into=person.pk).order_by("pk")]


def the_one(person):
    """Who is left of a person: herself, or the one into whom she was merged."""
    return person.merged_into if person is not None and person.merged_into_id else person
