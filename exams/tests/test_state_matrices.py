"""Everything that has states: each pair of them, and each verb in each of them. What is illegal is refused, changes no table, and
stands in the process's log.

The tables below are written by hand, from what people expect, not from the code. Attempts have their own table of verbs in
`test_states.py`, by the nine standings that a candidate can be in.
"""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from accounts.models import Import
from audit.models import AuditEvent
from audit.transitions import Refused, move
from certificates import actions as certificates
from certificates.models import Certificate
from certificates.queries import worth
from courses.models import (
    Assignment,
    ClassMeeting,
    Course,
    Enrolment,
    FileExport,
    OutsideTraining,
    TrainingPlan,
)
from exams.actions import bank, papers, sessions, terminations
from exams.models import Attempt, Blueprint, ExamSession, Item, Paper, Registration, Termination
from exams.tests import bank_stories
from exams.tests.test_states import DONE, SAME, snapshot
from supervision.models import EvidencePackage, Rectification, Retake, SpotCheck
from tests import build

HOUR = timedelta(hours=1)

# --- Pairs ------------------------------------------------------------------------------------------------------------

LEGAL = {
    Attempt: {("in_progress", "submitted"), ("submitted", "voided")},
    Blueprint: {("draft", "published"), ("published", "retired")},
    Certificate: {
        ("in_force", "suspended"), ("in_force", "revoked"), ("suspended", "in_force"), ("suspended", "revoked"),
    },
    ExamSession: {("draft", "published"), ("published", "released"), ("published", "cancelled")},
    Item: {
        ("draft", "in_review"), ("in_review", "approved"), ("in_review", "draft"),
        ("approved", "retired"), ("approved", "draft"),
    },
}  # fmt: skip
PAIRS = [
    (model, before, after)
    for model in LEGAL
    for before in model.State.values
    for after in (*model.State.values, "nowhere")
]


def made(model, cast):
    """One of each kind."""
    if model is Item:
        return bank.write(bank_stories.make_bank(cast), bank_stories.single(), by=cast.editor)
    if model is Certificate:
        return build.certified(cast)
    room = build.make_session(cast, counts={"truefalse": 2})
    if model is Attempt:
        return build.begun(room, cast.officer)
    return room if model is ExamSession else room.exam.blueprint


def put(thing, state):
    """The thing as if it had come to this state, whatever the way; with it the stamps that the database asks for."""
    now, stamps = timezone.now(), {}
    if isinstance(thing, Attempt):
        stamps = {"submitted_at": None if state == Attempt.State.IN_PROGRESS else now}
    if isinstance(thing, ExamSession):
        stamps = {"published_at": now, "released_at": now}
    type(thing).objects.filter(pk=thing.pk).update(state=state, **stamps)
    thing.refresh_from_db()
    return thing


def stamps_for(thing, state):
    """What the database asks for when a thing comes to a state."""
    return {"submitted_at": timezone.now()} if (type(thing), state) == (Attempt, "submitted") else {}


def refusals(caplog):
    """What the log says of refused moves."""
    return [record.getMessage() for record in caplog.records if record.name == "audit"]


def test_the_table_names_everything_that_has_states_and_every_move_there_is():
    kinds = {model for model in apps.get_models() if hasattr(model, "MOVES")}
    assert kinds == {
        *LEGAL,
        Import,  # its own table stands with its stories, in accounts/tests/test_undo.py
        SpotCheck,  # in supervision/tests/test_states.py
        Rectification,  # in supervision/tests/test_failure_states.py
        Retake,  # there too
        Course,  # in courses/tests/test_states.py
        Enrolment,  # there too
        TrainingPlan,  # there too
        Assignment,  # there too
        ClassMeeting,  # in courses/tests/test_class_states.py
        OutsideTraining,  # there too
        EvidencePackage,  # made or not: in supervision/tests/test_package.py
        FileExport,  # likewise: in courses/tests/test_file_exports.py
    }
    for model, pairs in LEGAL.items():
        assert {(before, after) for before, to in model.MOVES.items() for after in to} == pairs
        assert set(model.MOVES) == set(model.State.values)
    assert len(PAIRS) == 12 + 12 + 12 + 20 + 20


@pytest.mark.parametrize(
    ("model", "before", "after"), PAIRS, ids=lambda value: getattr(value, "__name__", value)
)
def test_of_all_pairs_of_states_the_legal_ones_pass_and_the_others_are_refused(
    cast, caplog, model, before, after
):
    thing = put(made(model, cast), before)
    rows, lines = snapshot(), AuditEvent.objects.count()
    name = f"{model._meta.label_lower}:{thing.pk}"
    caplog.clear()
    if (before, after) in LEGAL[model]:
        move(thing, to=after, by=cast.city, why="试", **stamps_for(thing, after))
        changed = {table for table, told in snapshot().items() if told != rows[table]}
        line = AuditEvent.objects.order_by("pk").last()
        assert changed == {model._meta.db_table, AuditEvent._meta.db_table}
        assert (thing.state, model.objects.get(pk=thing.pk).state) == (after, after)
        assert (AuditEvent.objects.count(), refusals(caplog)) == (lines + 1, [])
        assert (line.action, line.target, line.actor_name, line.data) == (
            f"{model._meta.model_name}.{after}", name, "冯城", {"before": before, "after": after, "why": "试"},
        )  # fmt: skip
    else:
        with pytest.raises(Refused, match=f"{before} → {after} 不被允许"), transaction.atomic():
            move(thing, to=after, by=cast.city, why="试", **stamps_for(thing, after))
        assert (snapshot(), thing.state) == (rows, before)
        assert refusals(caplog) == [f"refused: {name} from {before} to {after} by {cast.city.pk}"]


# --- Verbs ------------------------------------------------------------------------------------------------------------


def outcome(act, target):
    """(what comes of an act, what the audit says of its thing): done, the same as before, or Refused; then all is put back."""
    before, last = snapshot(), AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
    with transaction.atomic():
        try:
            act()
        except Refused:
            came = Refused
            after = snapshot()
        else:
            after = snapshot()
            came = SAME if after == before else DONE
        new = AuditEvent.objects.filter(pk__gt=last, target=target).order_by("pk")
        lines = list(new.values_list("action", "actor_name"))
        transaction.set_rollback(True)
    if came != DONE:
        assert (after, lines) == (before, [])
    return came, lines


def outcomes(acts, target):
    """What comes of every act, and what the audit says of those that were done."""
    seen = {name: outcome(act, target) for name, act in acts.items()}
    told = {name: lines for name, (came, lines) in seen.items() if came == DONE}
    return {name: came for name, (came, _lines) in seen.items()}, told


def item_acts(cast, item):
    """What may be wanted of an item, each by whoever may want it; and approval by its own author."""

    def fresh():
        return Item.objects.select_related("bank__unit", "current", "topic").get(pk=item.pk)

    def write(**more):
        return bank.write(item.bank, bank_stories.single(**more), by=cast.editor, item=fresh())

    return {
        "write something else": lambda: write(stem="样品应当从哪里抽取？"),
        "write the same": write,
        "propose": lambda: bank.propose(fresh(), by=cast.editor),
        "approve": lambda: bank.approve(fresh(), by=cast.reviewer),
        "send back": lambda: bank.send_back(fresh(), by=cast.reviewer, why="出处不明"),
        "retire": lambda: bank.retire(fresh(), by=cast.reviewer, why="条款废止"),
        "propose as a reviewer": lambda: bank.propose(fresh(), by=cast.reviewer),
        "approve as an editor": lambda: bank.approve(fresh(), by=cast.editor),
        "send back without a reason": lambda: bank.send_back(fresh(), by=cast.reviewer, why=" "),
        "retire without a reason": lambda: bank.retire(fresh(), by=cast.reviewer, why=" "),
    }


NEVER_ITEM = dict.fromkeys(item_acts(None, None), Refused)
EDITS = {"write something else": DONE, "write the same": SAME}
ITEM_VERBS = {
    "draft": NEVER_ITEM | EDITS | {"propose": DONE},
    "in_review": NEVER_ITEM | EDITS | {"approve": DONE, "send back": DONE},
    "approved": NEVER_ITEM | EDITS | {"retire": DONE},
    "retired": NEVER_ITEM,
}
WRITTEN, DRAFTED = ("item.write", "陈编"), ("item.draft", "陈编")
ITEM_LINES = {
    "draft": {"write something else": [WRITTEN], "propose": [("item.in_review", "陈编")]},
    "in_review": {
        "write something else": [WRITTEN, DRAFTED],
        "approve": [("item.approved", "褚审")],
        "send back": [("item.draft", "褚审")],
    },
    "approved": {"write something else": [WRITTEN, DRAFTED], "retire": [("item.retired", "褚审")]},
    "retired": {},
}


@pytest.mark.parametrize("state", ITEM_VERBS)
def test_an_item_in_each_state_lets_be_done_what_the_table_says(cast, state):
    item = put(made(Item, cast), state)
    acts = item_acts(cast, item)
    assert outcomes(acts, f"exams.item:{item.pk}") == (ITEM_VERBS[state], ITEM_LINES[state])


def test_the_tables_name_every_state():
    assert set(ITEM_VERBS) == set(Item.State.values)
    assert set(SESSION_VERBS) == set(ExamSession.State.values) | {"published, over"}
    assert set(CERTIFICATE_VERBS) == set(Certificate.State.values) | {"expired", "replaced"}


def session_acts(cast, room):
    """What may be wanted of a session by who runs it, and by who wants to sit it."""

    def fresh():
        return ExamSession.objects.select_related("exam__blueprint", "unit").get(pk=room.pk)

    def register(post, source, by):
        return sessions.register(fresh(), post, by=by, source=source)

    return {
        "publish": lambda: sessions.publish(fresh(), by=cast.city),
        "cancel": lambda: sessions.cancel(fresh(), by=cast.city, why="改期"),
        "cancel without a reason": lambda: sessions.cancel(fresh(), by=cast.city, why=" "),
        "renew papers": lambda: sessions.renew_papers(fresh(), by=cast.city),
        "top up papers": lambda: papers.top_up(room.pk),
        "register oneself": lambda: register(
            cast.post(cast.director), Registration.Source.SELF, cast.director
        ),
        "register somebody": lambda: register(
            cast.post(cast.director), Registration.Source.MANAGER, cast.manager
        ),
        "start": lambda: build.attempts.start(
            Registration.objects.get(session=room, candidate=cast.officer), by=cast.officer
        ),
    }


NEVER_SESSION = dict.fromkeys(session_acts(None, None), Refused) | {"top up papers": SAME}
STANDS_OPEN = {
    "cancel": DONE, "renew papers": DONE, "register oneself": DONE, "register somebody": DONE, "start": DONE,
}  # fmt: skip
SESSION_VERBS = {
    "draft": NEVER_SESSION | {"publish": DONE},
    "published": NEVER_SESSION | STANDS_OPEN | {"top up papers": DONE},
    "published, over": NEVER_SESSION | {"cancel": DONE, "renew papers": DONE, "top up papers": DONE},
    "released": NEVER_SESSION,
    "cancelled": NEVER_SESSION,
}
COMPOSED, CANCELLED = ("papers.composed", "冯城"), ("examsession.cancelled", "冯城")
SESSION_LINES = {
    "draft": {"publish": [COMPOSED, ("examsession.published", "冯城")]},
    "published": {
        "cancel": [CANCELLED], "renew papers": [COMPOSED], "top up papers": [("papers.composed", "")],
        "register oneself": [], "register somebody": [], "start": [],  # these say it of the registration, the attempt
    },
    "published, over": {
        "cancel": [CANCELLED], "renew papers": [COMPOSED], "top up papers": [("papers.composed", "")],
    },
    "released": {},
    "cancelled": {},
}  # fmt: skip


@pytest.mark.parametrize("state", SESSION_VERBS)
def test_a_session_in_each_state_lets_be_done_what_the_table_says(cast, state):
    room = build.make_session(cast, counts={"truefalse": 2}, published=False)
    put(room, "published")
    build.admitted(room, cast.officer)
    if state != "draft":
        papers.compose(room, 1)  # two less than are wanted
    put(room, state.split(",")[0])
    if state == "published, over":
        now = timezone.now()
        ExamSession.objects.filter(pk=room.pk).update(opens_at=now - 2 * HOUR, closes_at=now - HOUR)
    acts = session_acts(cast, room)
    assert outcomes(acts, f"exams.examsession:{room.pk}") == (SESSION_VERBS[state], SESSION_LINES[state])
    assert Paper.objects.filter(session=room).count() == (0 if state == "draft" else 1)


def certificate_acts(cast, certificate):
    """What may be decided about a certificate."""

    def fresh():
        return Certificate.objects.get(pk=certificate.pk)

    def decide(to, why="核查"):
        return lambda: certificates.decide(fresh(), to=to, by=cast.city, why=why)

    return {
        "suspend": decide("suspended"),
        "reinstate": decide("in_force"),
        "revoke": decide("revoked"),
        "revoke without a reason": decide("revoked", " "),
        "replace": lambda: certificates.replace(fresh(), by=cast.city, why="姓名更正"),
        "issue again": lambda: certificates.issue(
            Attempt.objects.get(pk=certificate.attempt_id), certificate.scheme, by=cast.city
        ),
    }


NEVER_CERTIFICATE = dict.fromkeys(certificate_acts(None, None), Refused) | {"issue again": SAME}
DECISIONS = {"suspend": DONE, "reinstate": SAME, "revoke": DONE}
CERTIFICATE_VERBS = {
    "in_force": NEVER_CERTIFICATE | DECISIONS | {"replace": DONE},
    "expired": NEVER_CERTIFICATE | DECISIONS,
    "replaced": NEVER_CERTIFICATE | DECISIONS | {"replace": SAME},  # gives the one there is
    "suspended": NEVER_CERTIFICATE | {"suspend": SAME, "reinstate": DONE, "revoke": DONE},
    "revoked": NEVER_CERTIFICATE | {"revoke": SAME},
}
DECIDED = {
    "suspend": [("certificate.suspended", "冯城")],
    "reinstate": [("certificate.in_force", "冯城")],
    "revoke": [("certificate.revoked", "冯城")],
    "replace": [("certificate.replaced", "冯城")],
}


@pytest.mark.parametrize("state", CERTIFICATE_VERBS)
def test_a_certificate_in_each_state_lets_be_decided_what_the_table_says(cast, state):
    certificate = made(Certificate, cast)
    if state == "replaced":
        certificates.replace(certificate, by=cast.city, why="姓名更正")
    elif state == "expired":
        past = timezone.localdate() - timedelta(days=400)
        Certificate.objects.update(issued_on=past, expires_on=past + timedelta(days=365))
    else:
        put(certificate, state)
    certificate.refresh_from_db()
    assert worth(certificate)["code"] == state
    acts = certificate_acts(cast, certificate)
    lines = {verb: DECIDED[verb] for verb, came in CERTIFICATE_VERBS[state].items() if came == DONE}
    assert outcomes(acts, f"certificates.certificate:{certificate.pk}") == (CERTIFICATE_VERBS[state], lines)


def termination_acts(cast, attempt):
    """What may be done about terminating an attempt; proposed by the station, confirmed by the city, reversed by the admin."""

    def fresh():
        return Attempt.objects.get(pk=attempt.pk)

    def step(act, by, why="夹带", **more):
        return lambda: getattr(terminations, act)(fresh(), why=why, by=by, **more)

    return {
        "propose": step("propose", cast and cast.station),
        "propose without a reason": step("propose", cast and cast.station, " "),
        "withdraw": step("withdraw", cast and cast.station),
        "confirm": step("confirm", cast and cast.city),
        "confirm one's own": step("confirm", cast and cast.station),
        "reverse": step("reverse", cast and cast.admin),
        "reverse and void": step("reverse", cast and cast.admin, voids=True),
        "reverse one's own proposal": step("reverse", cast and cast.station),
        "reverse one's own confirmation": step("reverse", cast and cast.city),
    }


NEVER_TERMINATED = dict.fromkeys(termination_acts(None, None), Refused)
TERMINATION_VERBS = {
    "": NEVER_TERMINATED | {"propose": DONE},
    "proposed": NEVER_TERMINATED | {"withdraw": DONE, "confirm": DONE},
    "withdrawn": NEVER_TERMINATED | {"propose": DONE},
    "confirmed": NEVER_TERMINATED | {"reverse": DONE, "reverse and void": DONE},
    "reversed": NEVER_TERMINATED,
    "handed in": NEVER_TERMINATED,
}
TERMINATED_LINES = {
    "": {"propose": [("attempt.paused", "周正"), ("termination.proposed", "周正")]},
    "proposed": {
        "withdraw": [("termination.withdrawn", "周正"), ("attempt.resumed", "周正")],
        "confirm": [
            ("termination.confirmed", "冯城"), ("attempt.terminated", "冯城"), ("attempt.submitted", "冯城"),
        ],
    },
    "withdrawn": {"propose": [("attempt.paused", "周正"), ("termination.proposed", "周正")]},
    "confirmed": {
        "reverse": [("termination.reversed", "卫管")],
        "reverse and void": [("termination.reversed", "卫管"), ("attempt.voided", "卫管")],
    },
    "reversed": {},
    "handed in": {},
}  # fmt: skip
STEPS_TO = {
    "": (), "proposed": ("propose",), "withdrawn": ("propose", "withdraw"), "confirmed": ("propose", "confirm"),
    "reversed": ("propose", "confirm", "reverse"), "handed in": (),
}  # fmt: skip


@pytest.mark.parametrize("state", TERMINATION_VERBS)
def test_a_termination_at_each_step_lets_be_done_what_the_table_says(cast, state):
    attempt = made(Attempt, cast)
    acts = termination_acts(cast, attempt)
    for name in STEPS_TO[state]:
        acts[name]()
    if state == "handed in":
        build.handed_in(attempt)
    assert outcomes(acts, f"exams.attempt:{attempt.pk}") == (
        TERMINATION_VERBS[state],
        TERMINATED_LINES[state],
    )


FOLLOWS = {
    "": {"proposed"}, "proposed": {"withdrawn", "confirmed"}, "withdrawn": {"proposed"}, "confirmed": {"reversed"},
    "reversed": set(),
}  # fmt: skip


def test_the_table_of_terminations_names_every_step_and_what_follows():
    assert set(TERMINATION_VERBS) == {"handed in", *FOLLOWS}
    assert set(FOLLOWS) == {"", *Termination.Kind.values}
    kinds = {"propose": "proposed", "withdraw": "withdrawn", "confirm": "confirmed", "reverse": "reversed"}
    for state, follows in FOLLOWS.items():
        done = {kinds[act] for act, came in TERMINATION_VERBS[state].items() if came == DONE and act in kinds}
        assert done == follows
