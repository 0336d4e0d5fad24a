"""The doors of the whole house: every address × every member of the cast. An address that is missing here fails.

The rule behind the table: a page for a role answers 403 to those without it; a row behind a page answers 404 to those who may
not know that it exists; a stranger without a login is sent to sign in.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from exams.models import Item
from operations.tests.stories import failed_task
from tests import build

NOBODY = frozenset()
EVERYBODY = frozenset(
    [
        "officer",
        "director",
        "principal",
        "manager",
        "stranger",
        "stranger_manager",
        "station",
        "district",
        "other_district",
        "city",
        "editor",
        "reviewer",
        "admin",
    ]
)
POST_HOLDERS = frozenset({"officer", "director", "principal", "stranger"})
OVERSEERS = frozenset(
    {"manager", "stranger_manager", "station", "district", "other_district", "city", "admin"}
)
OVER_JINHAI = frozenset({"manager", "station", "district", "city", "admin"})
ORGANS = frozenset({"station", "district", "other_district", "city", "admin"})
BANK = frozenset({"editor", "reviewer", "admin"})


@dataclass(frozen=True)
class Door:
    """Who gets in and how the others are turned away; some are let in only to be sent on with a sentence."""

    arguments: tuple = ()
    opens: frozenset = NOBODY
    sent_on: frozenset = NOBODY
    otherwise: int = 404
    otherwise_role: tuple = (None, NOBODY)  # another refusal for some of those turned away
    method: str = "get"
    open_status: int = 200
    public: bool = False


def page(opens, *arguments, **more):
    """A page."""
    return Door(arguments=arguments, opens=opens, **more)


def act(opens, *arguments, otherwise=404, **more):
    """An act, tried with an empty form: whoever is let in is sent back to a page with a sentence."""
    return Door(arguments=arguments, opens=opens, otherwise=otherwise, method="post", open_status=302, **more)


NO_ROLE = {"otherwise": 403}
FOREIGN_OR_NO_ROLE = {"otherwise": 404, "otherwise_role": (403, EVERYBODY - OVERSEERS)}

# Arguments in braces are filled from the house below.
TABLE = {
    "healthz": page(EVERYBODY, public=True),
    "readyz": page(EVERYBODY, public=True),
    "metrics": page(EVERYBODY, public=True),  # from this machine, see tests/test_health.py
    "robots": page(EVERYBODY, public=True),
    "set_language": act(EVERYBODY, public=True),
    # first screens
    "dashboards:home": page(EVERYBODY),
    "dashboards:organ": page(frozenset({"district", "city", "admin"}), "TJ-XQ", otherwise=404,
                             otherwise_role=(403, EVERYBODY - ORGANS)),
    "dashboards:operations": page(frozenset({"admin"}), **NO_ROLE),
    "dashboards:task_again": act(frozenset({"admin"}), "{task}", **NO_ROLE),
    # people
    "people:switch_desk": page(EVERYBODY),
    "people:me": page(EVERYBODY),
    "people:elder": act(EVERYBODY),
    "people:people": page(OVERSEERS, **NO_ROLE),
    "people:person": page(OVER_JINHAI, "{officer}"),
    # let in, and asked for the reason that the empty form lacks
    "people:reveal": Door(("{officer}",), OVER_JINHAI, method="post", open_status=422),
    # the officer has a password: those who see her page are refused with a sentence, the administrator resets it
    "people:set_password": Door(("{officer}",), frozenset({"admin"}), sent_on=OVER_JINHAI - {"admin"}, method="post"),
    "people:import": page(OVERSEERS, **NO_ROLE),
    "people:import_template": page(OVERSEERS, **NO_ROLE),
    "people:import_preview": page(NOBODY, "nosuchtoken", otherwise=404, otherwise_role=(403, EVERYBODY - OVERSEERS)),
    "people:enterprises": page(OVERSEERS, **NO_ROLE),
    "people:enterprise": page(OVER_JINHAI, "{jinhai}"),
    "people:appoint": page(OVER_JINHAI, "{jinhai}"),
    "people:dismiss": page(OVER_JINHAI, "{post}"),
    "people:grants": page(frozenset({"admin"}), **NO_ROLE),
    "people:grant_new": page(frozenset({"admin"}), **NO_ROLE),
    "people:grant_end": act(frozenset({"admin"}), "{grant}", **NO_ROLE),
    # the candidate
    "exams:mine": page(EVERYBODY),
    "exams:session": page(POST_HOLDERS - {"stranger"}, "{session}"),
    "exams:start": act(frozenset({"director"}), "{session}", otherwise=404, sent_on=frozenset({"officer", "principal"})),
    "exams:sitting": page(frozenset({"director"}), "{running}"),
    "exams:save": act(frozenset({"director"}), "{running}"),
    "exams:check": page(frozenset({"director"}), "{running}"),
    "exams:take_over": act(frozenset({"director"}), "{running}"),
    "exams:pulse": page(EVERYBODY, "1", public=True),
    "exams:result": page(frozenset({"officer"}), "{finished}"),
    "exams:review": page(frozenset({"officer"}), "{finished}"),
    "exams:receipt": page(frozenset({"officer"}), "{finished}"),
    "exams:hand_in": act(frozenset({"director"}), "{running}"),
    "exams:picture": page(NOBODY, "0" * 64),
    # sessions
    "exams:sessions": page(OVERSEERS, **NO_ROLE),
    "exams:session_new": page(OVERSEERS, **NO_ROLE),
    "exams:exam_new": page(ORGANS, **NO_ROLE),
    "exams:attempts": page(OVERSEERS, **NO_ROLE),
    "exams:attempt_seen": page(OVER_JINHAI, "{finished}", **FOREIGN_OR_NO_ROLE),
    "exams:attempt_void": act(frozenset({"city", "admin"}), "{finished}", otherwise=404, otherwise_role=(403, EVERYBODY - ORGANS)),
    "exams:attempt_regrade": act(frozenset({"city", "admin"}), "{finished}", otherwise=404, otherwise_role=(403, EVERYBODY - ORGANS)),
    "exams:session_live": page(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_live_act": act(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_filing": page(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_filing_preview": page(NOBODY, "{session}", "nosuchtoken", **FOREIGN_OR_NO_ROLE),
    "exams:session_manage": page(OVERSEERS - {"stranger_manager"}, "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_results": page(OVERSEERS - {"stranger_manager"}, "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_register": Door(("{session}",), OVERSEERS - {"stranger_manager"}, method="post", **FOREIGN_OR_NO_ROLE),
    "exams:session_publish": act(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_renew_papers": act(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_cancel": act(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    # banks
    "exams:banks": page(BANK, **NO_ROLE),
    "exams:import_template": page(BANK, **NO_ROLE),
    "exams:bank": page(BANK, "{bank}"),
    "exams:import": page(frozenset({"editor"}), "{bank}", sent_on=BANK - {"editor"}),
    "exams:export": page(BANK, "{bank}", "csv"),
    "exams:item": page(BANK, "{bank}", "{item}"),
    "exams:item_new": page(frozenset({"editor"}), "{bank}", sent_on=BANK - {"editor"}),
    "exams:item_edit": page(frozenset({"editor"}), "{bank}", "{item}", sent_on=BANK - {"editor"}),
    "exams:item_act": act(BANK, "{bank}", "{item}", "retire"),
    "exams:blueprints": page(BANK | ORGANS, **NO_ROLE),
    "exams:blueprint": page(BANK | {"city"}, "{blueprint}"),
    "exams:blueprint_new": page(frozenset({"editor"}), sent_on=EVERYBODY - {"editor"}),
    "exams:blueprint_edit": page(NOBODY, "{blueprint}", sent_on=BANK | {"city"}),
    "exams:blueprint_act": act(BANK | {"city"}, "{blueprint}", "publish"),
    # certificates
    "certificates:wallet": page(EVERYBODY),
    "certificates:certificates": page(OVERSEERS, **NO_ROLE),
    "certificates:certificate": page(OVER_JINHAI | {"officer"}, "{certificate}"),
    "certificates:pdf": page(OVER_JINHAI | {"officer"}, "{certificate}"),
    "certificates:decide": act(OVER_JINHAI - {"manager"}, "{certificate}"),
    "certificates:person_file": page(OVER_JINHAI | {"officer"}, "{officer}"),
    "certificates:verify": page(EVERYBODY, public=True),
    "certificates:verify_code": page(EVERYBODY, "{code}", public=True),
}  # fmt: skip


def addresses():
    """The names of all addresses of our own; allauth's own doors are allauth's to test."""

    def walk(resolver, prefix=""):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
            else:
                yield f"{prefix}{pattern.name}"

    return {name for name in walk(get_resolver()) if not name.startswith("account_")}


def test_every_address_stands_in_the_table():
    assert addresses() == set(TABLE)


@pytest.fixture
def house(cast):
    """One of everything that an address can name."""
    session = build.make_session(cast, max_attempts=1)
    certificate = build.certified(cast, cast.officer, session=session)
    build.admitted(session, cast.principal)
    return SimpleNamespace(
        officer=cast.officer.pk,
        jinhai=cast.jinhai.uscc,
        post=cast.post(cast.officer).pk,
        grant=cast.manager.grants.get().pk,
        session=session.code,
        finished=certificate.attempt.pk,
        running=build.begun(session, cast.director).pk,
        bank="stories",
        item=Item.objects.filter(type="single").first().code,
        blueprint="stories",
        certificate=certificate.number,
        code=certificate.code,
        task=failed_task().pk,
    )


def knock(name, door, house, user):
    """The status that somebody gets at a door."""
    arguments = [argument.format(**vars(house)) for argument in door.arguments]
    client = Client()
    if user:
        client.force_login(user)
    return getattr(client, door.method)(reverse(name, args=arguments)).status_code


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_door_opens_to_those_in_the_table_and_to_nobody_else(name, cast, house):
    door = TABLE[name]
    people = cast.everybody()
    assert set(people) == EVERYBODY
    status, some = door.otherwise_role
    expected = {}
    for who in sorted(people):
        if who in door.opens:
            expected[who] = door.open_status
        elif who in door.sent_on:
            expected[who] = 302
        else:
            expected[who] = status if who in some else door.otherwise
    # Refusals first: an act that is let in may change what the later ones would meet.
    order = sorted(people, key=lambda who: who in door.opens)
    seen = {who: knock(name, door, house, people[who]) for who in order}
    assert dict(sorted(seen.items())) == expected
    assert knock(name, door, house, None) == (door.open_status if door.public else 302)


def test_a_foreign_answer_cannot_be_written(cast, house):
    client = Client()
    client.force_login(cast.officer)
    answer = client.post(
        reverse("exams:save", args=[house.running]),
        {"entries": [{"number": 1, "position": 1, "payload": {}}]},
        content_type="application/json",
    )
    assert answer.status_code == 404
