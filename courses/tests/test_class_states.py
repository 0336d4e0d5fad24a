"""Every verb in each state of a class and of an outside training: what is not in the tables is refused and changes nothing."""

import pytest
from django.db import transaction
from django.utils import timezone

from audit.transitions import Refused, move
from courses.actions import classes, outside
from courses.models import ClassMeeting, OutsideTraining
from courses.tests import class_stories as tell
from exams.tests.test_states import snapshot

MEETINGS = ("planned", "under_way", "ended", "cancelled")
TRAININGS = ("submitted", "returned", "confirmed", "withdrawn")
LEGAL = {
    ClassMeeting: {
        ("planned", "under_way"), ("planned", "cancelled"), ("under_way", "ended"), ("under_way", "cancelled"),
    },
    OutsideTraining: {
        ("submitted", "confirmed"), ("submitted", "returned"), ("submitted", "withdrawn"),
        ("returned", "submitted"), ("returned", "withdrawn"),
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def meeting_in(cast, state):
    """A class in a state, come there by its own acts."""
    meeting = tell.planned(cast)
    if state in ("under_way", "ended"):
        meeting = classes.begin(meeting, by=cast.manager, now=meeting.begins_at)
        tell.signed(meeting, cast.officer, 0)
    if state == "ended":
        tell.ended(meeting)
    elif state == "cancelled":
        classes.cancel(meeting, by=cast.manager, why="停电")
    return ClassMeeting.objects.get(pk=meeting.pk)


def training_in(cast, state):
    """An outside training in a state, come there by its own acts."""
    training = tell.submitted(cast)
    if state == "returned":
        outside.send_back(training, by=cast.manager, why="看不清")
    elif state == "confirmed":
        outside.confirm(training, by=cast.manager)
    elif state == "withdrawn":
        outside.withdraw(training, by=cast.officer)
    return OutsideTraining.objects.get(pk=training.pk)


def changed(cast, meeting):
    meeting.title = "改名"
    return classes.plan(meeting, by=cast.manager)


MEETING_VERBS = {
    "change": (changed, ("planned",)),
    "begin": (lambda cast, one: classes.begin(one, by=cast.manager, now=one.begins_at), ("planned",)),
    "end": (lambda cast, one: classes.end(one, by=cast.manager, now=one.ends_at), ("under_way",)),
    "cancel": (lambda cast, one: classes.cancel(one, by=cast.manager, why="试"*2), ("planned", "under_way")),
    "sign": (lambda cast, one: tell.signed(one, cast.director, 1), ("under_way",)),
    "enter": (
        lambda cast, one: classes.enter(one, cast.director, direction="in", why="没带", by=cast.manager, now=timezone.now()),
        ("under_way",),
    ),
}  # fmt: skip
TRAINING_VERBS = {
    "confirm": (lambda cast, one: outside.confirm(one, by=cast.manager), ("submitted",)),
    "send back": (lambda cast, one: outside.send_back(one, by=cast.manager, why="不清"), ("submitted",)),
    "mend": (lambda cast, one: outside.mend(one, by=cast.officer, minutes=60), ("returned",)),
    "withdraw": (lambda cast, one: outside.withdraw(one, by=cast.officer), ("submitted", "returned")),
}


@pytest.mark.parametrize("state", MEETINGS)
@pytest.mark.parametrize("verb", MEETING_VERBS)
def test_each_verb_of_a_class_in_each_state(cast, verb, state):
    meeting = meeting_in(cast, state)
    act, legal = MEETING_VERBS[verb]
    _tried(lambda: act(cast, meeting), state in legal)


@pytest.mark.parametrize("state", TRAININGS)
@pytest.mark.parametrize("verb", TRAINING_VERBS)
def test_each_verb_of_an_outside_training_in_each_state(cast, verb, state):
    training = training_in(cast, state)
    act, legal = TRAINING_VERBS[verb]
    _tried(lambda: act(cast, training), state in legal)


def _tried(act, is_legal):
    rows = snapshot()
    if is_legal:
        act()
        assert snapshot() != rows
        return
    with pytest.raises(Refused), transaction.atomic():
        act()
    assert snapshot() == rows


@pytest.mark.parametrize("model", LEGAL, ids=lambda model: model.__name__)
def test_the_moves_are_those_of_the_picture(model):
    assert {(before, after) for before, to in model.MOVES.items() for after in to} == LEGAL[model]
    assert set(model.MOVES) == set(model.State.values)


@pytest.mark.parametrize("model", LEGAL, ids=lambda model: model.__name__)
def test_every_other_move_is_refused(cast, model):
    states, made = (MEETINGS, meeting_in) if model is ClassMeeting else (TRAININGS, training_in)
    for before in states:
        for after in {*states, "nowhere"} - {to for was, to in LEGAL[model] if was == before}:
            with transaction.atomic():
                one = made(cast, before)
                with pytest.raises(Refused, match="不被允许"), transaction.atomic():
                    move(one, to=after, by=cast.manager)
                transaction.set_rollback(True)
