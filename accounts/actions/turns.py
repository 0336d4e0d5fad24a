"""One after the other: acts that give out staff numbers or enter people wait for one another."""

from functools import wraps

from django.db import IntegrityError, transaction

from accounts.models import Unit


def in_turn(act):
    """One transaction under the lock of the tree's root; if somebody outside the queue was quicker, it is done once more.

    The second run plans on what the database says by then, so it either finds free names or tells the conflict as a sentence.
    """

    def once(*args, **kwargs):
        with transaction.atomic():
            # NO KEY: rows that point at the root may still be written. SQLite has one writer at a time and needs no lock.
            Unit.objects.select_for_update(no_key=True).filter(parent=None).order_by("pk").first()
            return act(*args, **kwargs)

    @wraps(act)
    def twice_at_most(*args, **kwargs):
        try:
            return once(*args, **kwargs)
        except IntegrityError:
            return once(*args, **kwargs)

    return twice_at_most
