"""The accounts with which a visitor may walk through the demo."""

from functools import lru_cache

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.utils.translation import get_language

from accounts.models import User
from config.demo import files


def demo_accounts() -> list[dict]:
    """The accounts that exist here and still open with the demo password, in the order in which they are worth trying.

    Each has username, desk, label in the language of the page, and labels in both.
    """
    rows = files.data("accounts.json")
    people = User.objects.filter(is_active=True).in_bulk(
        [row["username"] for row in rows], field_name="username"
    )
    label = "label_en" if (get_language() or "").startswith("en") else "label"
    return [
        {
            "username": row["username"],
            "desk": row["desk"],
            "label": row[label],
            "labels": (row["label"], row["label_en"]),
        }
        for row in rows
        if row["username"] in people and _opens(people[row["username"]].password, settings.DEMO_PASSWORD)
    ]


@lru_cache(maxsize=64)
def _opens(encoded, password):
    """Hashing is made to be slow, and the sign-in page asks each time."""
    return check_password(password, encoded)
