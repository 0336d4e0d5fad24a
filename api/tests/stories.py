"""What the stories about the interface need: a token for a unit, and a machine that bears it."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import TokenScope

BASE = "/api/v1"
ALL = TokenScope.values


def make_token(cast, unit, scopes=ALL, days=30, name="对接系统"):
    """A token that the administrator made, and its secret."""
    return actions.make_token(
        unit, name=name, scopes=scopes, expires_on=timezone.localdate() + timedelta(days=days), by=cast.admin
    )


class Machine:
    """Another system with a token."""

    def __init__(self, secret):
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def ask(self, path, **parameters):
        """The response."""
        return self.client.get(BASE + path, parameters, headers=self.headers)

    def rows(self, path, **parameters):
        """All rows of a list, page after page."""
        found, cursor = [], ""
        while cursor is not None:
            answer = self.ask(path, **parameters, **({"cursor": cursor} if cursor else {}))
            assert answer.status_code == 200, answer.content.decode()
            found += answer.json()["items"]
            cursor = answer.json()["next"]
        return found


def machine(cast, unit, scopes=ALL):
    """A system that reads in the name of a unit."""
    return Machine(make_token(cast, unit, scopes)[1])
