"""Every pair of states of a notice and of a retake, and every verb upon a notice in each of its states."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import AuditEvent
from audit.transitions import Refused, move
from exams.tests.test_states import snapshot
from supervision.actions import rectifying, sittings
from supervision.models import Rectification, Retake
from supervision.tests import failing

STATES = ("issued", "served", "reported", "returned", "accepted", "closed", "revoked")
LEGAL = {
    ("issued", "served"), ("served", "reported"), ("reported", "accepted"), ("reported", "returned"),
    ("returned", "reported"), ("accepted", "closed"),
} | {(state, "revoked") for state in STATES if state != "revoked"}  # fmt: skip
MORE = {"closed": {"closed_at", "closed_by"}, "reported": {"recheck_by"}}


@pytest.fixture
def examinee(cast):
    return failing.called(failing.failed(failing.house(cast), (0,)))[0]


def stamps(cast, state):
    """What the database asks for in a state."""
    now = timezone.now()
    if state == "closed":
        return {"closed_at": now, "closed_by": cast.city}
    return {"recheck_by": timezone.localdate()} if state == "reported" else {}


def put(one, cast, state):
    """The notice as if it had come to this state."""
    plain = {"closed_at": None, "closed_by": None}
    Rectification.objects.filter(pk=one.pk).update(state=state, **plain | stamps(cast, state))
    one.refresh_from_db()
    return one


def test_the_moves_of_a_notice_are_those_of_the_picture():
    assert {(before, after) for before, to in Rectification.MOVES.items() for after in to} == LEGAL
    assert set(Rectification.MOVES) == set(Rectification.State.values) == set(STATES)


def test_of_all_pairs_the_legal_ones_pass_and_the_others_are_refused(cast, examinee):
    one = failing.issued(cast, examinee)
    tried = 0
    for before in STATES:
        for after in (*STATES, "nowhere"):
            put(one, cast, before)
            rows, lines = snapshot(), AuditEvent.objects.count()
            if (before, after) in LEGAL:
                move(one, to=after, by=cast.city, **stamps(cast, after))
                assert failing.row(one).state == after
                assert AuditEvent.objects.count() == lines + 1
            else:
                with pytest.raises(Refused, match=f"{before} → {after} 不被允许"), transaction.atomic():
                    move(one, to=after, by=cast.city, **stamps(cast, after))
                assert snapshot() == rows
            tried += 1
    assert tried == 56


def test_the_database_ties_the_stamps_of_a_notice_to_its_state(cast, examinee):
    one = failing.issued(cast, examinee)
    for wrong in (
        {"state": "closed"},
        {"closed_at": timezone.now()},
        {"state": "reported"},
        {"facts": ""},
        {"demands": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rectification.objects.filter(pk=one.pk).update(**wrong)


VERBS = {
    "issued": {"serve", "acknowledge"},
    "served": {"report", "ask"},
    "reported": {"accept", "return"},
    "returned": {"report", "ask"},
    "accepted": {"strike off"},
    "closed": set(),
    "revoked": {"issue again"},
}


def came(cast, examinee, state):
    """A notice that came to a state as notices do."""
    if state == "issued":
        return failing.issued(cast, examinee)
    if state == "returned":
        one = failing.reported(cast, examinee)
        return rectifying.recheck(one, by=cast.district, is_accepted=False, found="缺签到表")
    return getattr(failing, state)(cast, examinee)


@pytest.mark.parametrize("state", VERBS)
def test_in_each_state_of_a_notice_may_be_done_what_the_table_says(cast, examinee, state):
    one = came(cast, examinee, state)
    if state == "revoked":  # and then the outcome was changed once more
        sittings.amend(examinee, by=cast.city, why="证明系伪造", conclusion="absent")
        failing.confirmed(examinee)
    assert _done(cast, examinee, one) == VERBS[state]


@pytest.mark.parametrize("state", VERBS)
def test_without_a_ground_a_notice_in_whichever_state_is_revoked_and_nothing_else(cast, examinee, state):
    one = came(cast, examinee, state)
    if state != "revoked":
        failing.excused(cast, examinee)
    assert _done(cast, examinee, one) == ({"revoke"} if state != "revoked" else set())


def _done(cast, examinee, one):
    """Which verbs upon a notice are done; each is tried by itself, and what is refused changes nothing."""
    now = timezone.now()
    later = one.due_on.replace(year=one.due_on.year + 1)
    acts = {
        "serve": lambda: rectifying.serve(one, by=cast.district, how="mail", served_at=now, receiver="赵敏"),
        "acknowledge": lambda: rectifying.acknowledge(one, by=cast.manager),
        "report": lambda: rectifying.report(one, by=cast.manager, measures="整改"),
        "accept": lambda: rectifying.recheck(one, by=cast.district, is_accepted=True, found="好"),
        "return": lambda: rectifying.recheck(one, by=cast.district, is_accepted=False, found="缺"),
        "ask": lambda: rectifying.ask_for_time(one, by=cast.manager, until=later, why="停产"),
        "rule": lambda: rectifying.rule_on_time(one, by=cast.district, is_granted=True, why="属实"),
        "strike off": lambda: rectifying.strike_off(one, by=cast.city),
        "strike off one's own": lambda: rectifying.strike_off(one, by=cast.district),
        "issue again": lambda: failing.issued(cast, examinee),
        "revoke": lambda: rectifying.revoke(one, by=cast.city, why="结果已更改"),
        "revoke one's own": lambda: rectifying.revoke(one, by=cast.district, why="结果已更改"),
        "revoke without a reason": lambda: rectifying.revoke(one, by=cast.city, why=" "),
    }
    seen = set()
    for name, act in acts.items():
        before = snapshot()
        with transaction.atomic():
            try:
                act()
            except Refused:
                assert snapshot() == before, name
            else:
                seen.add(name)
                assert snapshot() != before
            transaction.set_rollback(True)
    return seen


def test_a_retake_is_called_and_concluded_and_nothing_else(cast, examinee):
    made = failing.retake(cast, examinee.check_of)
    assert Retake.MOVES == {"called": ("concluded",), "concluded": ()}
    with pytest.raises(IntegrityError), transaction.atomic():
        move(made, to="concluded", by=cast.city)
    made.refresh_from_db()
    move(made, to="concluded", by=cast.city, concluded_by=cast.city, concluded_at=timezone.now())
    for state in ("called", "concluded", "nowhere"):
        with pytest.raises(Refused):
            move(made, to=state, by=cast.city)
