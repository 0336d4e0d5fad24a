"""A state changes by the table or not at all, and whoever tried otherwise stands in the process's log."""

import logging
from contextlib import suppress

import pytest
from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from audit.context import acting_as
from audit.log import record
from audit.middleware import WhoActsMiddleware
from audit.models import AuditEvent
from audit.transitions import Refused, Stale, move
from exams.models import Blueprint
from tests.people import PASSWORD


@pytest.fixture
def blueprint(cast):
    return Blueprint.objects.create(code="story", name="故事蓝图", unit=cast.city_organ)


def told(caplog):
    """What the log of the house says of refusals."""
    return [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "audit"]


def test_a_refused_move_is_one_warning_that_outlives_the_transaction_and_names_nobody(
    cast, blueprint, caplog
):
    with caplog.at_level(logging.INFO), pytest.raises(Refused), transaction.atomic():
        move(blueprint, to="retired", by=cast.city, why="试")
    line = f"refused: exams.blueprint:{blueprint.pk} from draft to retired by {cast.city.pk}"
    assert told(caplog) == [("WARNING", line)]
    assert (Blueprint.objects.get().state, AuditEvent.objects.count()) == ("draft", 0)


@pytest.mark.parametrize(("who", "named"), [("district", True), (None, False)])
def test_the_warning_names_whoever_acts_and_the_house_by_none(cast, blueprint, caplog, who, named):
    user = getattr(cast, who) if who else None
    with acting_as(user, request_id="r1"), pytest.raises(Refused):
        move(blueprint, to="draft")
    by = user.pk if named else None
    assert told(caplog) == [
        ("WARNING", f"refused: exams.blueprint:{blueprint.pk} from draft to draft by {by}")
    ]


def test_an_allowed_move_warns_of_nothing_nor_does_one_that_came_second(cast, blueprint, caplog):
    second = Blueprint.objects.get(pk=blueprint.pk)
    move(blueprint, to="published", by=cast.city)
    with pytest.raises(Stale):
        move(second, to="published", by=cast.city)
    assert told(caplog) == []
    assert list(AuditEvent.objects.values_list("action", "actor_name")) == [("blueprint.published", "冯城")]


def asked(user, act):
    """A request of this person in which an act is tried, as a view tries it."""

    def view(request):
        with suppress(Refused):
            act()
        return HttpResponse("")

    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.7")
    request.user = user
    return WhoActsMiddleware(view)(request)


def test_in_a_request_a_refused_move_is_a_line_that_outlives_its_transaction(cast, blueprint):
    def act():
        with transaction.atomic():
            record("story.lost", blueprint)
            move(blueprint, to="retired", why="试")

    asked(cast.city, act)
    seen = AuditEvent.objects.values_list(
        "action", "outcome", "actor_name", "address", "target_label", "data"
    )
    assert list(seen) == [
        (
            "blueprint.retired",
            "refused",
            "冯城",
            "192.0.2.7",
            "故事蓝图",
            {"before": "draft", "after": "retired", "why": "试"},
        )
    ]


def test_a_line_of_a_refusal_that_cannot_be_written_costs_nobody_the_answer(
    cast, blueprint, monkeypatch, caplog
):
    def fail(*_args, **_more):
        raise OperationalError("no room")

    monkeypatch.setattr("audit.middleware.record", fail)
    assert asked(cast.city, lambda: move(blueprint, to="draft")).status_code == 200
    assert ("ERROR", "a refusal could not be written down: blueprint.draft") in told(caplog)


def test_a_request_notes_no_more_than_twenty_refusals(cast, blueprint):
    def act():
        for _turn in range(30):
            with suppress(Refused):
                move(blueprint, to="draft")

    asked(cast.city, act)
    assert AuditEvent.objects.filter(outcome="refused").count() == 20


def test_what_was_done_is_done_and_a_failed_sign_in_is_a_refusal(cast, client):
    client.post("/accounts/login/", {"login": "officer", "password": "wrong"})
    client.post("/accounts/login/", {"login": "officer", "password": PASSWORD})
    assert list(AuditEvent.objects.order_by("pk").values_list("action", "outcome")) == [
        ("account.sign_in_failed", "refused"),
        ("account.signed_in", "done"),
    ]
