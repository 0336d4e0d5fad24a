"""Favourites: an item is kept to come back to, and let go."""

from practice.models import Favourite


def keep(user, item):
    """Keep an item; a second time changes nothing."""
    if not Favourite.objects.of(user).filter(item=item).exists():
        Favourite.objects.bulk_create([Favourite(person=user, item=item)], ignore_conflicts=True)


def let_go(user, item):
    """Keep it no longer, under whichever account it was kept."""
    Favourite.objects.of(user).filter(item=item).delete()
