"""The accounts with which a visitor may walk through the demo."""

from functools import cache

from config.demo import files


@cache
def demo_accounts() -> list[dict]:
    """Username, label and desk of each, in the order in which they are worth trying."""
    return files.data("accounts.json")
