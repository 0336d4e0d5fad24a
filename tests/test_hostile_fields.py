"""What comes behind the question mark of an address or in the fields of a form comes from outside: whatever it is, nothing breaks."""

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from tests.doors import TABLE

SHARES = 4
# One of each sort of what must not be believed: days at the ends of the calendar, numbers that are none or too large, no text at all.
HOSTILE = ("9999-12-31", "0001-01-01", "9" * 40, "²", "\x00", "'\"<b>%_\\" + "考" * 3000)
NO_FIELDS = {"csrfmiddlewaretoken", "anything"}


class Watched(QueryDict):
    """What came, noting by which names it, or a copy of it, was asked."""

    names = set()  # of what is asked at the moment

    def __getitem__(self, key):
        self.names.add(key)
        return super().__getitem__(key)

    def get(self, key, default=None):
        self.names.add(key)
        return super().get(key, default)

    def getlist(self, key, default=None):
        self.names.add(key)
        return super().getlist(key, default)


@pytest.fixture
def names(monkeypatch):
    """By which names the pages asked since this was last emptied."""

    def query(request):
        kept = request.__dict__
        if "watched" not in kept:
            kept["watched"] = Watched(request.environ.get("QUERY_STRING", ""))
        return kept["watched"]

    load = WSGIRequest._load_post_and_files

    def watched_load(request):
        load(request)
        request._post = Watched(request._post.urlencode())

    monkeypatch.setattr(WSGIRequest, "GET", property(query))
    monkeypatch.setattr(WSGIRequest, "_load_post_and_files", watched_load)
    return Watched.names


def status_of(method, name, house, user, fields):
    """The status of an address, read to its end; the house is put back as it was."""
    arguments = [argument.format(**vars(house)) for argument in TABLE[name].arguments]
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    with transaction.atomic():
        answer = getattr(client, method)(reverse(name, args=arguments), fields)
        for _piece in answer if answer.streaming else ():
            pass
        transaction.set_rollback(True)
    return answer.status_code


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_breaks_over_what_comes_in_a_query_or_in_fields(share, cast, house, names):
    people, broken, fields = cast.everybody(), {}, 0
    doors = {name: door for name, door in TABLE.items() if door.public or door.opens or door.sent_on}
    for name in sorted(doors)[share::SHARES]:
        door = doors[name]
        user = None if door.public else people[min(door.opens or door.sent_on)]
        for method in ("get", "post"):
            names.clear()
            status_of(method, name, house, user, {"anything": "1"})
            read = sorted(names - NO_FIELDS)
            fields += len(read)
            for value in HOSTILE if read else ():
                status = status_of(method, name, house, user, dict.fromkeys(read, value))
                if status >= 500:
                    broken.setdefault(f"{method} {name}", []).append((value[:12], status))
    assert fields > 30
    assert broken == {}
