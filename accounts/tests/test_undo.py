"""Taking an import back: everything is as before, or nothing is touched and the reason is told."""

import json
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import actions, records, vault
from accounts.actions import import_people, undo_import
from accounts.actions.undoing import forget_former
from accounts.models import Enterprise, Import, Post, RecordEntry, RecordKind, Unit, User
from accounts.planning import read_sheet
from accounts.tests.sheets import row, table
from audit.models import AuditEvent
from audit.transitions import Refused, move
from tests.people import id_number, phone, uscc


def bring(rows, by=None):
    made = import_people(read_sheet(table(*rows)), by=by)
    assert made.problems == []
    return made.kept_as


def state_of_the_house():
    """What people can see of it: every value of every row that can be used; the file and the log only grow."""
    return {
        "units": list(Unit.objects.order_by("pk").values()),
        "enterprises": list(Enterprise.objects.order_by("pk").values()),
        "links": sorted(Enterprise.categories.through.objects.values_list("enterprise", "productcategory")),
        "posts": list(Post.objects.order_by("pk").values()),
        "people": list(User.objects.filter(is_active=True).order_by("pk").values()),
    }


def known(cast, **cells):
    """A row about the officer in her own enterprise."""
    own = {"uscc": cast.jinhai.uscc, "name": cast.jinhai.unit.name, "id_number": cast.officer.id_number,
           "person": cast.officer.name, "phone": "", "appointed_on": "2025-01-06"}  # fmt: skip
    return row(1, **own | cells)


def test_an_undone_import_leaves_everything_as_it_was(cast):
    before = state_of_the_house()
    done = bring([
        row(1, username="xin.yi", email="xin@example.invalid"),
        row(2),
        known(cast, name="津海电动车股份有限公司", organ="TJ-XQ", size="大型", categories="电动自行车、16",
              phone=phone(9100), email="new@example.invalid", ended_on="2026-10-01"),
        known(cast, name="", uscc=cast.jinhai.uscc, organ="", trade="", size="", risk="", categories="", address="",
              appointed_on="2026-10-02", kind="总监"),
    ], by=cast.admin)  # fmt: skip
    assert state_of_the_house() != before
    undone = undo_import(done, by=cast.admin)
    assert state_of_the_house() == before
    assert (undone.state, undone.former_sealed, undone.undone_at is not None) == ("undone", "", True)
    emptied = User.objects.filter(is_active=False).order_by("pk")
    assert [(u.username, u.phone, u.id_number, u.id_hash, u.email, u.posts.count()) for u in emptied] == [
        (f"withdrawn-{emptied[0].pk}", "", "", None, "", 0),
        ("u10001", "", "", None, "", 0),
    ]
    assert [
        (entry.title, entry.number) for entry in records.latest(emptied[0])
    ] == [("撤销登记：新竹电动车有限公司 质量安全员", 2)]  # fmt: skip
    assert [
        (entry.title, entry.number)
        for entry in records.latest(cast.officer, RecordKind.POST).order_by("pk")
    ] == [
        ("撤销登记：津海电动车股份有限公司 质量安全总监", 2),
        ("任职：津海电动车股份有限公司 质量安全员", 2),
    ]  # fmt: skip
    events = AuditEvent.objects.filter(pk__gt=AuditEvent.objects.get(action="people.imported").pk)
    acts = list(events.order_by("pk").values_list("action", flat=True))
    assert acts[acts.index("post.withdrawn") :] == [
        "post.withdrawn", "post.withdrawn", "post.withdrawn", "post.reopened", "person.restored", "person.withdrawn",
        "person.withdrawn", "enterprise.restored", "enterprise.withdrawn", "import.undone",
    ]  # fmt: skip


def test_what_was_undone_can_be_brought_again_with_the_mistake_mended(cast):
    done = bring([row(1, username="xin.yi", person="错名")], by=cast.station)
    undo_import(done, by=cast.station)
    again = bring([row(1, username="xin.yi", person="对名")], by=cast.station)
    person = User.objects.by_id_number(id_number(1, "19900101"))
    assert (person.name, person.username, person.phone, again.counts["new_people"]) == (
        "对名",
        "xin.yi",
        phone(9001),
        1,
    )


def test_an_undo_repeated_does_nothing_more(cast):
    done = bring([row(1)], by=cast.station)
    undo_import(done, by=cast.station)
    count = AuditEvent.objects.count()
    undo_import(done, by=cast.station)
    assert AuditEvent.objects.count() == count


def new_person():
    return User.objects.by_id_number(id_number(1, "19900101"))


def signs_in(cast):
    actions.issue_password(new_person(), by=cast.admin, on=timezone.localdate())


def appoints_elsewhere(cast):
    actions.appoint(
        new_person(), enterprise=cast.hengtong, kind="officer", appointed_on=date(2026, 3, 3), by=cast.admin
    )


def dismisses(cast):
    actions.dismiss(new_person().posts.get(), ended_on=date(2026, 5, 1), by=cast.station)


def takes_on_another(cast):
    enterprise = Enterprise.objects.get(uscc=uscc(901))
    actions.appoint(
        cast.director, enterprise=enterprise, kind="director", appointed_on=date(2026, 3, 3), by=cast.station
    )


def trains(cast):
    records.enter(
        new_person(), "training:1", kind="training", occurred_on=date(2026, 4, 1), title="培训", facts={}
    )


def grants(cast):
    actions.grant(new_person(), role="manager", unit=cast.jinhai.unit, by=cast.admin)


def mends(cast):
    bring([row(1, size="大型")], by=cast.station)


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        (signs_in, "发放一次性密码 1 项"),
        (appoints_elsewhere, "任职 1 项、档案条目 1 项"),
        (dismisses, "登记离任 1 项"),
        (takes_on_another, "任职 1 项"),
        (trains, "档案条目 1 项"),
        (grants, "授权 1 项"),
        (mends, "修改企业信息 1 项"),
    ],
)
def test_what_was_built_upon_is_not_undone_and_the_reason_is_told(cast, meanwhile, told):
    done = bring([row(1), row(2)], by=cast.station)
    meanwhile(cast)
    before = state_of_the_house(), RecordEntry.objects.count()
    with pytest.raises(Refused) as refusal:
        undo_import(done, by=cast.station)
    assert str(refusal.value) == f"导入之后已有新的变化（{told}），为免丢失，什么都没有撤销。请逐项更正。"
    assert (state_of_the_house(), RecordEntry.objects.count()) == before
    assert AuditEvent.objects.filter(action="import.undo_refused").count() == 1


def test_a_post_begun_in_place_of_an_ended_one_or_a_phone_given_on_stands_against_it(cast):
    done = bring([known(cast, phone=phone(9100), ended_on="2026-10-01")], by=cast.admin)
    old = json.loads(vault.decrypt(done.former_sealed))["changed_people"][0]
    assert old["phone_mask"] == "199****0001"
    actions.appoint(
        cast.officer, enterprise=cast.jinhai, kind="officer", appointed_on=date(2026, 10, 2), by=cast.city
    )
    actions.enter_person(name="新人", phone=phone(1), by=cast.admin)
    with pytest.raises(Refused, match="同一岗位的新任职 1 项、改由他人使用的手机号或邮箱 1 项"):
        undo_import(done, by=cast.admin)


def test_a_look_stands_against_nothing(cast):
    done = bring([row(1)], by=cast.station)
    actions.reveal(new_person(), reason="核对身份", by=cast.station)
    assert undo_import(done, by=cast.station).state == "undone"


def test_after_a_day_it_is_too_late_and_what_was_kept_is_forgotten(cast):
    done = bring([row(1)], by=cast.station)
    assert forget_former(now=timezone.now()) == 0
    late = timezone.now() - timedelta(hours=24)
    Import.objects.update(finished_at=late)
    done.refresh_from_db()
    with pytest.raises(Refused, match="24 小时"):
        undo_import(done, by=cast.station)
    assert (forget_former(now=timezone.now()), Import.objects.get().former_sealed) == (1, "")


def test_nobody_takes_back_what_reaches_beyond_her(cast):
    done = bring([row(1)], by=cast.station)
    with pytest.raises(Refused, match="管理范围之外"):
        undo_import(done, by=cast.other_district)


def test_what_is_kept_for_an_undo_tells_nobody_a_number(cast):
    done = bring([row(1), known(cast, phone=phone(9100))], by=cast.admin)
    kept = done.former_sealed + vault.decrypt(done.former_sealed)
    assert [n for n in (phone(1), phone(9100), cast.officer.id_number, phone(9001)) if n in kept] == []


LEGAL_MOVES = {
    ("waiting", "done"),
    ("waiting", "refused"),
    ("done", "undoing"),
    ("done", "undone"),
    ("undoing", "undone"),
    ("undoing", "done"),
}


@pytest.mark.parametrize("after", [*Import.State.values, "nowhere"])
@pytest.mark.parametrize("before", Import.State.values)
def test_of_all_pairs_of_states_the_legal_ones_pass_and_the_others_are_refused(cast, before, after):
    one = Import.objects.create(by=cast.city, state=before)
    if (before, after) in LEGAL_MOVES:
        assert move(one, to=after, by=cast.city).state == after
    else:
        with pytest.raises(Refused), transaction.atomic():
            move(one, to=after, by=cast.city)
    assert Import.objects.get().state == (after if (before, after) in LEGAL_MOVES else before)
