"""A merge can be taken back for thirty days without losing anything, and what is kept for that is kept well."""

import json
import random
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import actions, records, retention, vault
from accounts.actions import keys
from accounts.actions.disposing import dispose
from accounts.actions.merging import forget_merges
from accounts.actions.privacy import end_hold, place_hold
from accounts.models import (
    Hold,
    Merge,
    Post,
    Qualification,
    RoleGrant,
    User,
)
from accounts.tests.doubles import double, dump, fresh, in_post, merged, undone
from audit.models import AuditEvent
from audit.transitions import Refused
from certificates import actions as certificates
from exams.actions import attempts
from exams.models import Registration
from tests import build
from tests.people import id_number, phone

# --- The way back -----------------------------------------------------------------------------------------------------


def little_file(cast, rng, username, serial, home):
    """A person with a random little file."""
    numbers = {
        "phone": phone(serial) if rng.random() < 0.6 else "",
        "id_number": id_number(serial) if rng.random() < 0.6 else "",
        "email": f"{username}@example.invalid" if rng.random() < 0.5 else "",
    }
    person = double("同名人", username=username, **numbers)
    kinds = rng.sample(["principal", "director", "officer"], rng.randint(1, 3))
    for kind in kinds:
        in_post(person, home, kind, ended=date(2026, 6, 1) if rng.random() < 0.3 else None)
    if rng.random() < 0.4:
        RoleGrant.objects.create(
            user=person, role="manager", unit=cast.hengtong.unit, starts_on=date(2026, 1, 1)
        )
    if rng.random() < 0.4:
        place_hold(person=person, reason="投诉正在核查", by=cast.admin)
    for session in build_sessions(cast):
        if rng.random() < 0.6 and person.posts.filter(ended_on=None).exists():
            registration = admit(session, person)
            if rng.random() < 0.6:
                build.handed_in(attempts.start(registration, by=person), share=rng.choice([0, 1]))
    if rng.random() < 0.5:
        records.enter(
            person,
            f"training:{serial}",
            kind="training",
            occurred_on=date(2026, 4, 1),
            title="培训",
            facts={},
        )
    return person


def build_sessions(cast):
    from exams.models import ExamSession

    return list(ExamSession.objects.order_by("pk")) or [
        build.make_session(cast, code, counts={"truefalse": 2}, post_kinds=[]) for code in ("one", "two")
    ]


def admit(session, person):
    from exams.actions import sessions

    post = person.posts.filter(ended_on=None).first()
    return sessions.register(session, post, by=None, source=Registration.Source.MANAGER)


@pytest.mark.parametrize("seed", range(16))
def test_a_merge_and_its_undo_leave_every_row_as_it_was(cast, seed):
    rng = random.Random(seed)
    build.make_scheme()
    homes = [cast.jinhai, cast.hengtong] if seed % 2 else [cast.jinhai, cast.jinhai]
    first, second = (little_file(cast, rng, f"p{n}", 830 + n, home) for n, home in enumerate(homes))
    before, lines = (
        dump(),
        list(records.latest([first, second]).values_list("subject", "person", "title", "facts")),
    )
    done = merged(cast, first, second, number_reason="号码录入有误")
    between, twice = dump(), json.loads(vault.decrypt(done.former_sealed))["twice"]["posts"]
    undone(cast, done)
    assert between != before
    # Of a post that both held the file tells that it ended and went on: it only grows.
    but = ["accounts.RecordEntry"] if twice else []
    assert dump(but) == {label: rows for label, rows in before.items() if label not in but}
    assert sorted(
        map(str, records.latest([first, second]).values_list("subject", "person", "title", "facts"))
    ) == sorted(map(str, lines))
    assert [(m.former_sealed, m.undone_by) for m in Merge.objects.all()] == [("", cast.admin)]


def test_what_happens_to_a_moved_row_goes_back_with_it(cast):
    other = double()
    post = in_post(other, cast.hengtong)
    certificate = build.certified(cast, other)
    done = merged(cast, cast.officer, other)
    actions.dismiss(post, ended_on=date(2026, 9, 1), by=cast.admin)
    certificate.refresh_from_db()
    certificates.decide(certificate, to="suspended", by=cast.city, why="核查")
    told = {e.subject for e in records.latest(cast.officer)}
    assert {f"post:{post.pk}", f"certificate:{certificate.number}"} <= told
    undone(cast, done)
    mine = {e.subject: e for e in records.latest(other)}
    assert (mine[f"post:{post.pk}"].title[:2], mine[f"certificate:{certificate.number}"].facts["state"]) == (
        "离任",
        "suspended",
    )
    assert not {f"post:{post.pk}", f"certificate:{certificate.number}"} & {
        e.subject for e in records.latest(cast.officer)
    }
    row = Qualification.objects.get(subject=f"certificate:{certificate.number}")
    assert (row.person, row.in_force) == (other, False)
    post.refresh_from_db()
    assert (post.person, post.ended_on) == (other, date(2026, 9, 1))


def registers(cast, other):
    session = build.make_session(cast, "later")
    build.admitted(
        session, cast.officer, post=Post.objects.get(enterprise=cast.hengtong, person=cast.officer)
    )


def earns(cast, other):
    registration = Registration.objects.get(session__code="stories")
    build.make_scheme()
    build.handed_in(attempts.start(registration, by=cast.officer))


def gives_phone_on(cast, other):
    cast.officer.refresh_from_db()
    cast.officer.email = ""
    cast.officer.save()
    double("新人", username="new", email="twice@example.invalid")


def leaves(cast, other):
    actions.dismiss(
        Post.objects.get(person=cast.officer, enterprise=cast.jinhai, ended_on=None),
        ended_on=timezone.localdate(),
        by=cast.admin,
    )


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        (registers, "参考登记 1 项"),
        (earns, "培训考核合格证明 1 项"),
        (gives_phone_on, "改由他人使用的号码或邮箱 1 项"),
        (leaves, "离任 1 项"),
    ],
)
def test_what_was_built_upon_both_stands_against_it_and_nothing_is_done(cast, meanwhile, told):
    User.objects.filter(pk=cast.officer.pk).update(email="")
    other = double(email="twice@example.invalid")
    in_post(other, cast.hengtong), in_post(other, cast.jinhai)
    build.admitted(build.make_session(cast), other)
    done = merged(cast, cast.officer, other)
    meanwhile(cast, other)
    before = dump()
    with pytest.raises(Refused) as refusal:
        undone(cast, done)
    assert str(refusal.value) == f"合并之后已有新的变化（{told}），为免丢失，什么都没有撤销。"
    assert dump() == before
    assert AuditEvent.objects.filter(action="person.merge_undo_refused").count() == 1


def test_a_number_that_she_changed_since_she_keeps_and_the_old_one_goes_back(cast):
    User.objects.filter(pk=cast.officer.pk).update(phone_hash=None, phone_sealed="", phone_mask="")
    other = double(phone=phone(840))
    in_post(other, cast.jinhai, "director")
    done = merged(cast, cast.officer, other)
    kept = fresh(cast.officer)
    kept.phone = phone(841)
    kept.save()
    undone(cast, done)
    assert (fresh(kept).phone, fresh(other).phone, fresh(other).phone_mask) == (
        phone(841),
        phone(840),
        "199****0840",
    )


def test_thirty_days_and_then_it_is_forgotten(cast):
    other = double(phone=phone(842))
    in_post(other, cast.jinhai, "director")
    done = merged(cast, cast.officer, other)
    now = timezone.now()
    assert (forget_merges(now=now), done.may_be_undone(done.undo_until - timedelta(seconds=1))) == (0, True)
    Merge.objects.update(at=now - timedelta(days=30))
    done.refresh_from_db()
    with pytest.raises(Refused, match="30 天"):
        undone(cast, done)
    assert (forget_merges(now=now), Merge.objects.get().former_sealed) == (1, "")
    with pytest.raises(Refused, match="30 天"):
        undone(cast, Merge.objects.get())


def test_a_chain_is_parted_from_its_end(cast):
    first, second = double(username="a"), double(username="b")
    in_post(first, cast.jinhai, "director"), in_post(second, cast.jinhai, "principal")
    before = dump()
    one = merged(cast, second, first)
    two = merged(cast, cast.officer, second)
    assert (fresh(first).merged_into, fresh(second).merged_into) == (cast.officer, cast.officer)
    assert {e.person_id for e in records.latest(cast.officer)} == {first.pk, second.pk}
    for pair in ((first, cast.director), (cast.director, first), (second, cast.director)):
        with pytest.raises(Refused, match="已经并入另一人"):
            merged(cast, *pair)
    with pytest.raises(Refused, match="从最近的一次开始"):
        undone(cast, one)
    undone(cast, two)
    assert fresh(first).merged_into == second
    undone(cast, one)
    assert dump() == before


def test_repeated_it_changes_nothing(cast):
    other = double()
    in_post(other, cast.jinhai, "director")
    done = merged(cast, cast.officer, other)
    assert merged(cast, cast.officer, other) == done
    undone(cast, done)
    count = AuditEvent.objects.count()
    undone(cast, done)
    assert AuditEvent.objects.count() == count
    assert merged(cast, cast.officer, other) != done
    assert list(
        AuditEvent.objects.filter(action__startswith="person.merge")
        .order_by("pk")
        .values_list("action", "target")
    ) == [
        (action, f"accounts.user:{person.pk}")
        for action in ("person.merged", "person.merge_undone", "person.merged")
        for person in (cast.officer, other)
    ]


# --- Keys, periods, holds ---------------------------------------------------------------------------------------------


def test_what_is_kept_for_an_undo_is_sealed_and_goes_with_the_keys(cast):
    User.objects.filter(pk=cast.officer.pk).update(phone_hash=None, phone_sealed="", phone_mask="")
    other = double(phone=phone(850))
    in_post(other, cast.jinhai, "director")
    done = merged(cast, cast.officer, other)
    assert phone(850) not in done.former_sealed
    assert Merge in keys.sealed_columns()
    assert phone(850) not in json.dumps(list(AuditEvent.objects.values_list("data", flat=True)))
    assert phone(850) not in json.dumps(done.counts)


def test_disposal_waits_for_the_undo_and_counts_all_accounts_of_a_person(cast):
    long_ago = timezone.now() - timedelta(days=365 * 9)
    kept, other = (
        double("旧人", username="old", phone=phone(851)),
        double("旧人", phone=phone(852), id_number=id_number(852)),
    )
    User.objects.filter(pk__in=[kept.pk, other.pk]).update(joined_at=long_ago)
    due = set(retention.numbers_due(timezone.localdate()))
    assert {kept, other} <= due
    merged(cast, kept, other)
    assert not {kept, other} & set(retention.numbers_due(timezone.localdate()))
    forget_merges(now=timezone.now() + timedelta(days=31))
    assert {kept, other} <= set(retention.numbers_due(timezone.localdate()))
    hold = place_hold(person=kept, reason="投诉正在核查", by=cast.admin)
    dispose()
    assert (fresh(kept).phone, fresh(other).phone) == (
        phone(851),
        phone(852),
    )  # the hold covers both accounts
    end_hold(hold, reason="核查完毕", by=cast.admin)
    User.objects.filter(pk=other.pk).update(last_login=timezone.now())
    assert kept not in set(
        retention.numbers_due(timezone.localdate())
    )  # she signed in under the other account
    User.objects.filter(pk=other.pk).update(last_login=None)
    dispose()
    assert (fresh(kept).phone, fresh(other).phone) == ("", "")


def test_a_hold_on_an_enterprise_covers_whoever_worked_there_under_another_account(cast):
    other = double()
    in_post(other, cast.hengtong, ended=date(2026, 5, 1))
    merged(cast, cast.officer, other)
    place_hold(enterprise=cast.hengtong, reason="投诉正在核查", by=cast.admin)
    held = {one: Hold.objects.on(one).exists() for one in (cast.officer, other, cast.director)}
    assert held == {cast.officer: True, other: True, cast.director: False}
