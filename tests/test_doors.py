"""The doors of the whole house: every address × every member of the cast. An address that is missing in the table fails."""

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts import acting_for
from accounts.models import RoleGrant
from audit.models import AuditEvent
from tests.doors import EVERYBODY, TABLE, addresses

pytestmark = pytest.mark.once

SHARES = 6  # of the table; each builds one house and puts it back as it was after each address


def test_every_address_stands_in_the_table():
    assert addresses() == set(TABLE)
    print(f"{len(TABLE)} routes × {len(EVERYBODY)} members of the cast")


def knock(name, door, house, user):
    """The status that somebody gets at a door."""
    arguments = [argument.format(**vars(house)) for argument in door.arguments]
    client = Client()
    if user:
        client.force_login(user)
    return getattr(client, door.method)(reverse(name, args=arguments)).status_code


def expected_of(door):
    """What each of the cast is answered at a door."""
    status, some = door.otherwise_role
    told = {}
    for who in sorted(EVERYBODY):
        if who in door.opens:
            told[who] = door.open_status
        elif who in door.sent_on:
            told[who] = 302
        else:
            told[who] = status if who in some else door.otherwise
    return told | {"nobody": door.open_status if door.public else 302}


@pytest.mark.parametrize("share", range(SHARES))
def test_the_doors_open_to_those_in_the_table_and_to_nobody_else(share, cast, house):
    people = cast.everybody() | {"nobody": None}
    assert set(people) == EVERYBODY | {"nobody"}
    wrong = {}
    for name in sorted(TABLE)[share::SHARES]:
        door, seen = TABLE[name], {}
        with transaction.atomic():
            # Refusals first: an act that is let in may change what the later ones would meet.
            for who in sorted(people, key=lambda who: who in door.opens):
                seen[who] = knock(name, door, house, people[who])
            transaction.set_rollback(True)
        cache.clear()
        if seen != (expected := expected_of(door)):
            wrong[name] = {who: (seen[who], expected[who]) for who in seen if seen[who] != expected[who]}
    assert wrong == {}


def test_a_foreign_answer_cannot_be_written(cast, house):
    client = Client()
    client.force_login(cast.officer)
    answer = client.post(
        reverse("exams:save", args=[house.running]),
        {"entries": [{"number": 1, "position": 1, "payload": {}}]},
        content_type="application/json",
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("whom", ["city", "editor", "principal"])
def test_what_is_closed_to_whoever_acts_for_another_is_closed_at_the_door(whom, cast, house):
    """Asked for and sent alike, whether or not she could come in herself; nothing changes and each try is written down."""
    client = Client()
    client.force_login(cast.admin)
    client.post(reverse("people:act_for", args=[getattr(cast, whom).pk]), {"reason": "核对权限是否正确"})
    kept = list(RoleGrant.objects.order_by("pk").values())
    for name in sorted(acting_for.CLOSED):
        address = reverse(name, args=[argument.format(**vars(house)) for argument in TABLE[name].arguments])
        answers = client.get(address), client.post(address, {"reason": "代为办理这件事"})
        assert [answer.status_code for answer in answers] == [403, 403], name
    refused = AuditEvent.objects.filter(
        action="acting.refused", outcome="refused", actor=cast.admin, on_behalf=getattr(cast, whom)
    )
    assert refused.count() == 2 * len(acting_for.CLOSED)
    assert list(RoleGrant.objects.order_by("pk").values()) == kept
