"""A state changes by the table or not at all, and whoever tried otherwise stands in the process's log."""

import logging

import pytest
from django.db import transaction

from audit.context import acting_as
from audit.models import AuditEvent
from audit.transitions import Refused, Stale, move
from exams.models import Blueprint


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
