"""Whoever can write to the tables changes something that was sealed; verification finds it, 1,000 times of 1,000."""

import random
from base64 import b64encode
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F, JSONField, Value
from django.test import override_settings
from django.utils import timezone

from audit import sealing, spelling
from audit.log import record, record_many
from audit.models import AuditEvent, AuditSeal, Outcome
from audit.tests.sealed import problems, seal_all, unlock

TIMES = 1_000
SECOND = timedelta(microseconds=1)
LEFT = 7  # rows that no seal covers


@pytest.fixture
def log(cast, settings, tmp_path, monkeypatch):
    """Thirty-two rows under six seals with gaps between their keys, the root kept in a file, seven rows not sealed yet."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(sealing, "ROWS", 6)
    for n in range(36):
        outcome = Outcome.REFUSED if n % 5 == 0 else Outcome.DONE
        by, other = cast.city if n % 3 else None, cast.manager if n % 4 == 1 else None
        record("story.told", cast.officer, by=by, on_behalf=other, outcome=outcome, n=n, why="试")
        if n % 4 == 0:
            given_up()
    unlock()
    AuditEvent.objects.filter(pk__in=list(AuditEvent.objects.values_list("pk", flat=True)[10:14])).delete()
    assert (seal_all().number, len(sealed())) == (6, 32)
    record_many([("story.later", cast.officer, {"n": n}) for n in range(LEFT)], by=cast.city)
    assert problems() == []


def given_up():
    """A row whose transaction was rolled back; where the database gives such a key again, the fixture makes gaps by hand."""
    with transaction.atomic():
        AuditEvent.objects.create(action="story.lost", target="x")
        transaction.set_rollback(True)


def sealed():
    return list(AuditEvent.objects.filter(pk__lte=sealing.newest().last_id).order_by("pk"))


def seals():
    return list(AuditSeal.objects.order_by("number"))


# What a tamperer does: each takes a chance. Nothing here may leave everything as it was.

OTHER = {
    "at": lambda row, chance: row.at + chance.choice([SECOND, -SECOND, timedelta(days=1)]),
    "actor_id": lambda row, chance: None if row.actor_id else chance.randrange(1, 9),
    "actor_name": lambda row, chance: row.actor_name + chance.choice(["x", " "]),
    "action": lambda row, chance: "story.silenced",
    "target": lambda row, chance: row.target + "0",
    "target_label": lambda row, chance: row.target_label[:-1],
    "data": lambda row, chance: chance.choice(
        [row.data | {"n": -1}, row.data | {"why": "試"}, {}, [], Value(None, JSONField())]
    ),
    "request_id": lambda row, chance: "another",
    "address": lambda row, chance: "192.0.2.1",
    "outcome": lambda row, chance: "done" if row.outcome == "refused" else "refused",
    "on_behalf_id": lambda row, chance: None if row.on_behalf_id else chance.randrange(1, 9),
    "on_behalf_name": lambda row, chance: "" if row.on_behalf_name else "另一人",
}


def edit(column):
    def tamper(chance):
        row = chance.choice(sealed())
        AuditEvent.objects.filter(pk=row.pk).update(**{column: OTHER[column](row, chance)})

    return tamper


def delete_rows(chance):
    rows = sealed()
    some = chance.sample([row.pk for row in rows], chance.choice([1, 1, 2, 10, len(rows)]))
    AuditEvent.objects.filter(pk__in=some).delete()


def delete_all_of_a_seal(chance):
    one = chance.choice(seals())
    keys = [key for key, _mark in spelling.unmark(bytes(one.marks))]
    assert AuditEvent.objects.filter(pk__in=keys).delete()[0] == len(keys)


def free_key(chance):
    rows = {row.pk for row in sealed()}
    return chance.choice([0, -5, *(key for key in range(min(rows), max(rows)) if key not in rows)])


def insert(chance):
    AuditEvent.objects.create(pk=free_key(chance), action="story.told", target="accounts.user:1")


def insert_a_copy(chance):
    row = chance.choice(sealed())
    row.pk = free_key(chance)
    row.save(force_insert=True)


def move_elsewhere(chance):
    row = chance.choice(sealed())
    AuditEvent.objects.filter(pk=row.pk).update(id=chance.choice([free_key(chance), 10**12]))


def swap_keys(chance):
    one, other = chance.sample(sealed(), 2)
    for old, new in ((one.pk, -1), (other.pk, one.pk), (-1, other.pk)):
        AuditEvent.objects.filter(pk=old).update(id=new)


def swap_contents(chance):
    one, other = chance.sample(sealed(), 2)
    for row, like in ((one, other), (other, one)):
        facts = {name: getattr(like, name) for name in spelling.COLUMNS}
        AuditEvent.objects.filter(pk=row.pk).update(**facts)


def shift_keys(chance):
    """Every row takes the key of the one after it."""
    rows = sealed()
    for old, new in zip(reversed(rows), reversed([*rows[1:], None]), strict=True):
        AuditEvent.objects.filter(pk=old.pk).update(id=new.pk if new else 10**12)


def cut_off_rows(chance):
    row = chance.choice(sealed())
    AuditEvent.objects.filter(pk__gte=row.pk).delete()


def cut_off_rows_and_seals(chance):
    """The newest of both, so that what is left fits; only the exported root tells."""
    row = chance.choice(sealed())
    AuditSeal.objects.filter(last_id__gte=row.pk).delete()
    AuditEvent.objects.filter(pk__gte=row.pk).delete()


def cut_off_seals(chance):
    AuditSeal.objects.filter(number__gte=chance.choice(seals()).number).delete()


def delete_a_seal(chance):
    AuditSeal.objects.filter(number=chance.choice(seals()).number).delete()


OF_SEAL = {
    "number": lambda seal, chance: chance.choice([0, -3, 99]),
    "at": lambda seal, chance: seal.at + SECOND,
    "last_id": lambda seal, chance: seal.last_id + chance.choice([-1, 1, 100, -seal.last_id]),
    "count": lambda seal, chance: seal.count + 1,
    "marks": lambda seal, chance: chance.choice([b"", bytes(seal.marks)[:-16], bytes(seal.marks)[:-1] + b"\x00\x00"]),
    "digest": lambda seal, chance: chance.choice(["", "é", "0" * 64, seal.digest[::-1]]),
}  # fmt: skip


def edit_seal(column):
    def tamper(chance):
        seal = chance.choice(seals())
        AuditSeal.objects.filter(number=seal.number).update(**{column: OF_SEAL[column](seal, chance)})

    return tamper


def swap_seals(chance):
    one, other = chance.sample(seals(), 2)
    for old, new in ((one.number, 0), (other.number, one.number), (0, other.number)):
        AuditSeal.objects.filter(number=old).update(number=new)


def append_an_old_seal(chance):
    old, last = chance.choice(seals()), sealing.newest()
    row = AuditEvent.objects.order_by("pk").last()
    AuditSeal.objects.create(
        number=last.number + 1, at=old.at, last_id=row.pk, count=LEFT, marks=old.marks, digest=old.digest
    )


def seal_anew_without_the_key(chance):
    """Change a row and make every seal from there on again, by the public source and a key of one's own."""
    row = chance.choice(sealed())
    AuditEvent.objects.filter(pk=row.pk).update(actor_name="另一人")
    gone = AuditSeal.objects.filter(last_id__gte=row.pk)
    top = sealing.newest().last_id
    gone.delete()
    with override_settings(FIELD_KEYS={"k1": b64encode(chance.randbytes(32)).decode()}):
        before = sealing.newest()
        while made := sealing.seal_next(before, up_to=top):
            before = made


def seal_the_rest_without_the_key(chance):
    with override_settings(FIELD_KEYS={"k1": b64encode(chance.randbytes(32)).decode()}):
        assert sealing.seal_next(sealing.newest(), up_to=10**15)


TAMPERINGS = [
    *((f"edit {name}", edit(name)) for name in OTHER),
    *((f"edit {name} of a seal", edit_seal(name)) for name in OF_SEAL),
    *(
        (act.__name__, act)
        for act in (
            delete_rows, delete_all_of_a_seal, insert, insert_a_copy, move_elsewhere, swap_keys, swap_contents, shift_keys,
            cut_off_rows, cut_off_rows_and_seals, cut_off_seals, delete_a_seal, swap_seals, append_an_old_seal,
            seal_anew_without_the_key, seal_the_rest_without_the_key,
        )
    ),
]  # fmt: skip


def test_a_thousand_tamperings_are_all_found(log):
    chance, tried, missed = random.Random(20261126), Counter(), Counter()
    for turn in range(TIMES):
        name, tamper = TAMPERINGS[turn % len(TAMPERINGS)]
        with transaction.atomic():
            tamper(chance)
            tried[name] += 1
            missed[name] += not problems()
            transaction.set_rollback(True)
    assert (missed.total(), +missed) == (0, Counter())
    assert (tried.total(), len(tried)) == (TIMES, len(TAMPERINGS))
    assert problems() == []


def test_every_column_is_sealed():
    columns = {field.attname for field in AuditEvent._meta.local_concrete_fields}
    assert columns == {"id", *spelling.COLUMNS} == {"id", *OTHER}
    assert {field.attname for field in AuditSeal._meta.local_concrete_fields} == set(OF_SEAL)


def test_a_value_that_no_parser_reads_is_found_and_verification_goes_on(log):
    if connection.vendor != "sqlite":
        pytest.skip("the database refuses such values")
    row, other = sealed()[3], sealed()[20]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditevent SET at = '2026-13-45 00:00:00' WHERE id = %s", [row.pk])
        cursor.execute("UPDATE audit_auditevent SET address = x'fffe' WHERE id = %s", [other.pk])
    assert problems() == [
        f"第 1 号封存：审计记录 {row.pk} 被改动。",
        f"第 4 号封存：审计记录 {other.pk} 被改动。",
    ]


def test_each_finding_names_the_row_or_the_seal(log):
    rows = sealed()
    last = sealing.newest()
    gone, changed, into = rows[2].pk, rows[15].pk, free_key(random.Random(3))
    with transaction.atomic():
        AuditEvent.objects.filter(pk=gone).delete()
        AuditEvent.objects.filter(pk=changed).update(address=F("target"))
        AuditSeal.objects.filter(number=5).update(count=9)
        AuditSeal.objects.filter(number=6).delete()
        assert problems() == [
            f"第 1 号封存：审计记录 {gone} 不见了。",
            f"第 3 号封存：审计记录 {changed} 被改动。",
            "第 5 号封存自身被改动，或不是本系统所作。",
            f"封存根文件第 1 行：第 {last.number} 号封存曾经存在，现在没有了。",
        ]
        transaction.set_rollback(True)
    AuditEvent.objects.create(pk=into, at=timezone.now(), action="story.told", target="x")
    assert [line.partition("：")[2] for line in problems()] == [f"审计记录 {into} 是封存之后塞进来的。"]


# --- Columns that came later ------------------------------------------------------------------------------------------

LATER = ("on_behalf_id", "on_behalf_name")


@pytest.fixture
def sealed_before(cast, settings, tmp_path, monkeypatch):
    """Rows that were sealed by the version that did not know in whose name somebody acts."""
    settings.VAR_DIR = tmp_path
    rows = record_many([("story.told", cast.officer, {"n": n}) for n in range(5)], by=cast.city)
    with monkeypatch.context() as before:
        columns = {name: nothing for name, nothing in spelling.COLUMNS.items() if name not in LATER}
        before.setattr(spelling, "COLUMNS", columns)
        seal_all()
    return rows


def test_a_seal_from_before_a_column_still_fits_and_guards_it(cast, sealed_before):
    assert problems() == []
    record("story.later", cast.officer, by=cast.admin, on_behalf=cast.manager)
    seal_all()
    assert problems() == []
    unlock()
    old, new = sealed_before[2], AuditEvent.objects.get(action="story.later")
    for row, changes in (
        (old, {"on_behalf_id": cast.manager.pk}),
        (old, {"on_behalf_name": "赵敏"}),
        (new, {"on_behalf_id": None}),
        (new, {"on_behalf_name": ""}),
        (new, {"on_behalf_id": cast.city.pk, "on_behalf_name": "冯城"}),
    ):
        with transaction.atomic():
            AuditEvent.objects.filter(pk=row.pk).update(**changes)
            [found] = problems()
            assert found.endswith(f"审计记录 {row.pk} 被改动。")
            transaction.set_rollback(True)


def test_a_row_in_ones_own_name_is_spelled_as_ever():
    row = (
        7,
        "2026-11-26 05:15:00.000001",
        3,
        "李四",
        "story.told",
        "accounts.user:1",
        "",
        "{}",
        "",
        "192.0.2.1",
        "done",
    )
    line = b'{"action":"story.told","actor_id":3,"actor_name":"\\u674e\\u56db","address":"192.0.2.1",'
    line += b'"at":"2026-11-26T05:15:00.000001+00:00","data":{},"id":7,"target":"accounts.user:1"}\n'
    assert spelling.spell((*row, None, "")) == line
