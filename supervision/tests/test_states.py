"""Every pair of states, and every verb in each state: what is not in the tables is refused and changes nothing."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import AuditEvent
from audit.transitions import Refused, move
from exams.tests.test_states import DONE, snapshot
from supervision.actions import amending, checks, draws, minutes, notices, publishing, retaking, sittings
from supervision.models import AmendmentProposal, Draw, Examinee, Minutes, SpotCheck
from supervision.queries import draws as queries
from supervision.tests import failing, stories
from tests import build

HOUR = timedelta(hours=1)
COURSE = ("planned", "approved", "drawn", "under_way", "concluded", "published", "closed")
LEGAL = set(pairwise(COURSE)) | {(one, "abandoned") for one in COURSE if one != "closed"}
STATES = (*COURSE, "abandoned")


@pytest.fixture
def blueprint(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", truefalse=4, each=0)
    return build.make_blueprint(cast, bank, {"truefalse": 2}, "spot")


def put(check, state):
    """The check as if it had come to this state, with the stamps that the database asks for."""
    now, at = timezone.now(), COURSE.index(state) if state in COURSE else 1
    stamps = {f"{one}_at": now if COURSE.index(one) <= at else None for one in COURSE[1:]}
    stamps |= {"abandoned_at": None, "abandoned_why": ""}
    if state == "abandoned":
        stamps |= {"abandoned_at": now, "abandoned_why": "故事"}
    SpotCheck.objects.filter(pk=check.pk).update(state=state, **stamps)
    check.refresh_from_db()
    return check


def stamp(state):
    found = {f"{state}_at": timezone.now()} if state in STATES[1:] else {}
    return found | ({"abandoned_why": "试"} if state == "abandoned" else {})


def test_the_moves_are_those_of_the_picture():
    assert {(before, after) for before, to in SpotCheck.MOVES.items() for after in to} == LEGAL
    assert set(SpotCheck.MOVES) == set(SpotCheck.State.values) == set(STATES)


def test_of_all_pairs_of_states_the_legal_ones_pass_and_the_others_are_refused(cast, blueprint):
    check = stories.small(cast, blueprint).check_of
    tried = 0
    for before in STATES:
        put(check, before)
        rows = snapshot()
        legal = [after for after in STATES if (before, after) in LEGAL]
        for after in {*STATES, "nowhere"}.difference(legal):
            with pytest.raises(Refused, match=f"{before} → {after} 不被允许"), transaction.atomic():
                move(check, to=after, by=cast.city, why="试", **stamp(after))
            tried += 1
        assert snapshot() == rows  # of all those nothing is left
        for after in legal:
            put(check, before)
            lines = AuditEvent.objects.count()
            move(check, to=after, by=cast.city, why="试", **stamp(after))
            assert SpotCheck.objects.get(pk=check.pk).state == after
            assert AuditEvent.objects.count() == lines + 1
            tried += 1
    assert tried == 72


@pytest.mark.parametrize("state", STATES)
def test_the_database_ties_each_stamp_to_its_state(cast, blueprint, state):
    check = put(stories.small(cast, blueprint).check_of, state)
    for other in STATES[1:]:
        field = f"{other}_at"
        if state == "abandoned" and other != "abandoned":
            continue  # it may have come from anywhere
        wrong = None if getattr(check, field) else timezone.now()
        with pytest.raises(IntegrityError), transaction.atomic():
            SpotCheck.objects.filter(pk=check.pk).update(**{field: wrong})


def acts(cast, check):
    """What may be wanted of a check, each by whoever may do it."""

    def fresh():
        return SpotCheck.objects.get(pk=check.pk)

    def draw():
        return Draw.objects.filter(check_of=check).order_by("-number").first() or Draw(
            check_of=check, frozen_by=cast.district
        )

    def replace():
        if not (listed := draw().pk and queries.listed(draw())):
            raise Refused
        return draws.replace(listed[0], by=cast.district, why="住院")

    def badges():
        found = fresh()
        sent = queries.counting(found).inspectors.all()[:2] if queries.counting(found) else ()
        return {one.person: "津执 0001" for one in sent}

    def draw_up():
        if not minutes.draw_up(fresh(), by=cast.district):
            raise Refused  # a second time adds nothing

    def newest():
        if not (found := Minutes.objects.newest().filter(examinee__check_of=check).first()):
            raise Refused
        return found

    def sign():
        row = newest()
        inspector = check.attendances.last().person
        return minutes.sign(row, by=inspector, side="inspector", digest=row.digest)

    def refuse():
        row = newest()
        inspector = check.attendances.first().person
        told = {"why": "不认可", "witness": "孙立", "witness_title": "同事"}
        return minutes.refuse(row, by=inspector, side="enterprise", **told)

    def object_to():
        examinee = newest().examinee
        by = examinee.registration.candidate
        return publishing.object_to(examinee, by=by, side="examinee", why="有争议")

    def proposal():
        if not (found := AmendmentProposal.objects.filter(examinee__check_of=check).first()):
            raise Refused
        return found

    times = {"opens_at": timezone.now() + HOUR, "closes_at": timezone.now() + 2 * HOUR, "papers_wanted": 1}
    fields = (
        {
            name: getattr(check, name)
            for name in (
                "name",
                "profile",
                "blueprint",
                "starts_on",
                "ends_on",
                "universe",
                "quotas",
                "weights",
                "inspectors",
            )
        }
        if check
        else {}
    )
    return {
        "change": lambda: checks.change(fresh(), by=cast.district, **fields),
        "exclude": lambda: checks.exclude(fresh(), by=cast.district, person=cast.principal, why="病假"),
        "approve": lambda: checks.approve(fresh(), by=cast.city),
        "approve one's own": lambda: checks.approve(fresh(), by=cast.district),
        "freeze": lambda: draws.freeze(fresh(), by=cast.district, source="双色球", source_at=timezone.now() + HOUR),
        "reveal": lambda: draws.reveal(draw(), by=cast.district, public="1"),
        "void": lambda: draws.void(draw(), by=cast.city, why="录错"),
        "void one's own": lambda: draws.void(draw(), by=cast.district, why="录错"),
        "replace": replace,
        "register": lambda: draws.register(fresh(), by=cast.district, **times),
        "notify": lambda: notices.issue(fresh(), by=cast.district, bring="身份证", contact="西青局"),
        "reschedule": lambda: notices.reschedule(
            fresh(), by=cast.district, opens_at=times["opens_at"], closes_at=times["closes_at"], place="新址", why="停电",
            now=timezone.now() - HOUR,
        ),
        "begin": lambda: sittings.begin(fresh(), by=cast.district, badges=badges()),
        "conclude": lambda: sittings.conclude(fresh(), by=cast.district, now=timezone.now() + 3 * HOUR),
        "draw up minutes": draw_up,
        "renew minutes": lambda: minutes.renew(fresh().examinees.get(), by=cast.district, why="补充附件"),
        "sign": sign,
        "refuse to sign": refuse,
        "publish": lambda: publishing.publish(fresh(), by=cast.city),
        "publish one's own": lambda: publishing.publish(fresh(), by=cast.district),
        "correct": lambda: publishing.correct(fresh(), by=cast.city, why="更正"),
        "withdraw": lambda: publishing.withdraw(fresh(), by=cast.city, why="法院裁定"),
        "object": object_to,
        "propose": lambda: amending.propose(
            fresh().examinees.get(), by=cast.district, conclusion="cancelled", why="查实代考"
        ),
        "confirm": lambda: amending.confirm(proposal(), by=cast.city, why="属实"),
        "confirm one's own": lambda: amending.confirm(proposal(), by=cast.district, why="属实"),
        "decline": lambda: amending.decline(proposal(), by=cast.city, why="证据不足"),
        "take back": lambda: amending.decline(proposal(), by=cast.district, why="提错了人"),
        "close": lambda: retaking.close(fresh(), by=cast.city),
        "close one's own": lambda: retaking.close(fresh(), by=cast.district),
        "abandon": lambda: checks.abandon(fresh(), by=cast.district, why="停用"),
        "abandon without a reason": lambda: checks.abandon(fresh(), by=cast.district, why=" "),
    }  # fmt: skip


VERBS = {
    "planned": {"change", "exclude", "approve", "abandon"},
    "approved": {"freeze", "abandon"},
    "frozen": {"reveal", "void", "abandon"},
    "drawn": {"void", "replace", "register", "abandon"},
    "registered": {"void", "replace", "notify", "reschedule", "begin", "abandon"},
    "under_way": {"replace", "notify", "conclude", "abandon"},
    "concluded": {"draw up minutes", "propose", "abandon"},
    "drawn up": {"sign", "refuse to sign", "propose", "abandon"},
    "confirmed": {"publish", "propose", "abandon"},
    "proposed": {"publish", "confirm", "decline", "take back", "abandon"},
    "published": {"withdraw", "object", "propose", "abandon"},
    "undisputed": {"withdraw", "propose", "close", "abandon"},
    "closed": set(),
    "abandoned": set(),
    "voided": set(),
}


def made(cast, blueprint, state):
    """A check that came to a state as checks do, as far as they do so far."""
    if state in ("planned", "approved", "frozen"):
        rule = stories.small_rule()
        more = stories.lean(blueprint, rule=rule)
        if state == "planned":
            return stories.planned(cast, **more)
        return (
            stories.approved(cast, **more) if state == "approved" else stories.frozen(cast, **more).check_of
        )
    if state == "registered":
        return stories.called(cast, **stories.lean(blueprint))
    if state == "under_way":
        return stories.begun(cast, **stories.lean(blueprint))
    if state in ("concluded", "drawn up", "confirmed", "proposed", "published", "undisputed"):
        check = stories.concluded(cast, (1,), **stories.lean(blueprint))
        if state == "drawn up":
            minutes.draw_up(check, by=cast.district)
        elif state != "concluded":
            stories.sealed(check)
        if state == "proposed":
            amending.propose(check.examinees.get(), by=cast.district, conclusion="cancelled", why="查实代考")
        if state in ("published", "undisputed"):
            ago = failing.LATER if state == "undisputed" else timedelta()
            publishing.publish(check, by=cast.city, now=timezone.now() - ago)
        return SpotCheck.objects.get()
    draw = stories.small(cast, blueprint)
    if state == "voided":
        draws.void(draw, by=cast.city, why="录错")
        return SpotCheck.objects.get()
    check = SpotCheck.objects.get()
    return check if state == "drawn" else put(check, state)


@pytest.mark.parametrize("state", VERBS)
def test_in_each_state_may_be_done_what_the_table_says(cast, blueprint, state):
    check = made(cast, blueprint, state)
    seen = set()
    for name, act in acts(cast, check).items():
        before = snapshot()
        with transaction.atomic():
            try:
                act()
            except Refused:
                came = Refused
            except (Draw.DoesNotExist, Examinee.DoesNotExist):
                came = Refused
            else:
                came = DONE
            after = snapshot()
            transaction.set_rollback(True)
        if came == DONE:
            seen.add(name)
            assert after != before
        else:
            assert after == before, name
    assert seen == VERBS[state]
