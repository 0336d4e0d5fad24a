"""The accounts with which a visitor may walk through the demo."""

from django.utils.translation import get_language

from config.demo import files


def demo_accounts() -> list[dict]:
    """Username, label in the language of the page, and desk of each, in the order in which they are worth trying."""
    label = "label_en" if (get_language() or "").startswith("en") else "label"
    return [
        {"username": row["username"], "label": row[label], "desk": row["desk"]}
        for row in files.data("accounts.json")
    ]
