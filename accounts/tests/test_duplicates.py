"""People who may be the same are proposed within one's reach, told apart once, and noticed when a sheet enters them."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import actions, alike
from accounts.actions import import_people
from accounts.models import Merge, NotSame, Post, User
from accounts.planning import plan, read_sheet
from accounts.tests import sheets
from accounts.tests.sheets import row, table
from audit.models import AuditEvent
from audit.transitions import Refused
from tests.people import PASSWORD, id_number, phone

LIST = reverse("people:duplicates")


def enter(cast, username, name, where=None, kind="director", **numbers):
    person = User.objects.create_user(username, PASSWORD, name=name, **numbers)
    if where:
        Post.objects.create(person=person, enterprise=where, kind=kind, appointed_on=date(2026, 3, 2))
    return person


def proposed(user):
    return [(one.first, one.second, one.reasons) for one in alike.proposed_to(user)]


def test_pairs_are_proposed_with_their_reasons_the_likeliest_first(cast):
    typo = enter(cast, "typo", "王雨晨", cast.jinhai, id_number=id_number(21))
    bare = enter(cast, "bare", "李 䶮", cast.hengtong, phone="13800000002")
    assert proposed(cast.admin) == [
        (cast.officer.pk, typo.pk, ("typing", "place")),
        (cast.director.pk, bare.pk, ("tail", "numberless", "spelling")),
    ]


def test_nobody_is_shown_a_pair_of_which_she_may_not_know_one(cast):
    enter(cast, "twice", "王雨晨", cast.hengtong)
    assert [
        len(proposed(user))
        for user in (cast.city, cast.admin, cast.district, cast.other_district, cast.manager)
    ] == [1, 1, 0, 0, 0]


def test_a_pair_that_was_told_apart_is_not_proposed_again(cast):
    other = enter(cast, "twice", "王雨晨", cast.jinhai)
    with pytest.raises(Refused, match="4 个字"):
        actions.tell_apart(cast.officer, other, reason="不", by=cast.station)
    for pair in ((other, cast.officer), (cast.officer, other)):
        actions.tell_apart(*pair, reason="两人同名，均已核对", by=cast.station)
    assert (NotSame.objects.count(), proposed(cast.admin)) == (1, [])
    line = AuditEvent.objects.get(action="person.told_apart")
    assert (line.actor, line.data["other"]) == (cast.station, "王雨晨 (twice)")


def test_the_absorbed_and_those_who_were_shut_out_are_not_proposed(cast):
    other = enter(cast, "twice", "王雨晨", cast.jinhai)
    third = enter(cast, "thrice", "王雨晨", cast.jinhai, "principal")
    User.objects.filter(pk=third.pk).update(is_active=False)
    assert len(proposed(cast.admin)) == 1
    actions.merge(cast.officer, other, reason="同一人两份档案", by=cast.admin)
    assert proposed(cast.admin) == []


def test_the_list_costs_the_same_for_few_and_for_many(cast, as_user, django_assert_max_num_queries):
    client = as_user(cast.admin)

    def cost():
        with django_assert_max_num_queries(40) as seen:
            page = client.get(LIST)
        assert page.status_code == 200
        return len(seen.captured_queries), page.content.decode().count("pair-")

    enter(cast, "one", "王雨晨", cast.jinhai)
    few, one = cost()
    for number in range(8):
        enter(cast, f"more{number}", "李䶮", cast.hengtong, phone=f"1380000{number:04}")
    assert (one, cost()[0]) == (1, few)
    assert cost()[1] > 20


def test_the_page_shows_both_beside_each_other_and_no_number_in_full(cast, as_user):
    enter(cast, "twice", "王雨晨", cast.jinhai, phone="13800000001", id_number=id_number(21))
    page = as_user(cast.station).get(LIST).content.decode()
    assert [
        text in page
        for text in (
            "证件号码的地区一致",
            "手机号后四位相同",
            "同一企业",
            "twice",
            "138****0001",
            f"120000********{id_number(21)[-4:]}",
        )
    ] == [True] * 6
    assert [number in page for number in ("13800000001", id_number(1), id_number(21), phone(1))] == [
        False
    ] * 4


def test_two_are_told_apart_and_two_are_merged_and_parted_from_the_pages(cast, as_user):
    other = enter(cast, "twice", "王雨晨", cast.jinhai, id_number=id_number(21))
    client = as_user(cast.station)
    address = reverse("people:merge", args=[cast.officer.pk, other.pk])
    page = client.get(address).content.decode()
    assert [
        text in page for text in ("两人登记的证件号码不同", "账号 twice 停用", "任职 1 项转到保留的人名下")
    ] == [True] * 3
    answer = client.post(address, {"reason": "同一人两份档案"})
    assert (answer.status_code, Merge.objects.count()) == (422, 0)
    answer = client.post(address, {"reason": "同一人两份档案", "number_reason": "并入的号码录入有误"})
    one = Merge.objects.get()
    assert (answer.url, client.get(address).url) == (reverse("people:merged", args=[one.pk]),) * 2
    assert str(timezone.localdate(one.undo_until)) in client.get(answer.url).content.decode()
    assert "可撤销" in client.get(reverse("people:merges")).content.decode()
    assert client.get(reverse("people:person", args=[other.pk])).url == reverse(
        "people:person", args=[cast.officer.pk]
    )
    assert "twice" in client.get(reverse("people:person", args=[cast.officer.pk])).content.decode()
    back = reverse("people:merge_undo", args=[one.pk])
    assert client.post(back, {"reason": ""}).status_code == 422
    assert client.post(back, {"reason": "查明是两个人"}).status_code == 302
    assert "撤销了这次合并：查明是两个人" in client.get(answer.url).content.decode()
    assert (
        client.post(
            reverse("people:tell_apart", args=[other.pk, cast.officer.pk]), {"reason": "查明是两个人"}
        ).url
        == LIST
    )
    assert (NotSame.objects.get().by, proposed(cast.station)) == (cast.station, [])


def test_a_pair_beyond_ones_reach_is_not_there_and_what_stands_against_it_is_told(cast, as_user):
    other = enter(cast, "twice", "王雨晨", cast.jinhai)
    Post.objects.create(person=other, enterprise=cast.hengtong, kind="officer", appointed_on=date(2026, 3, 2))
    address = reverse("people:merge", args=[cast.officer.pk, other.pk])
    apart = reverse("people:tell_apart", args=[cast.officer.pk, other.pk])
    assert [
        as_user(cast.other_district).get(address).status_code,
        as_user(cast.manager).get(address).status_code,
    ] == [404, 403]
    assert as_user(cast.other_district).post(apart, {"reason": "不是同一人"}).status_code == 404
    client = as_user(cast.station)
    page = client.get(address).content.decode()
    assert ("管理范围之外的 1 家企业" in page, "<button" in page and "合并后会发生什么" in page) == (
        True,
        False,
    )
    assert client.post(address, {"reason": "同一人两份档案"}).status_code == 422
    assert client.get(reverse("people:merge", args=[cast.officer.pk, cast.officer.pk])).status_code == 200
    assert Merge.objects.count() == 0
    one = actions.merge(cast.officer, other, reason="同一人两份档案", by=cast.city)
    assert (
        as_user(cast.other_district).get(reverse("people:merged", args=[one.pk])).status_code == 200
    )  # hers, too
    assert (
        as_user(cast.other_district)
        .post(reverse("people:merge_undo", args=[one.pk]), {"reason": "不是同一人"})
        .status_code
        == 302
    )
    assert Merge.objects.get().undone_at is None


# --- A sheet ----------------------------------------------------------------------------------------------------------


# What only her organ may say of an enterprise is left out.
KNOWN = dict.fromkeys(("organ", "trade", "size", "risk", "categories", "address"), "") | {"kind": "总监"}


def resembling(cast, by, **cells):
    own = KNOWN | {"uscc": cast.jinhai.uscc, "name": cast.jinhai.unit.name, "person": "王雨晨"}
    made = plan(read_sheet(table(row(1, **own | cells))), by=by)
    assert made.problems == []
    return [(draft.name, person.username, why) for draft, person, why in made.alike]


def test_a_sheet_that_would_enter_a_double_says_so(cast):
    assert resembling(cast, cast.station, id_number=id_number(21), phone="13800000001") == [
        ("王雨晨", "officer", ("typing", "tail", "place"))
    ]
    assert resembling(cast, cast.manager, id_number=id_number(21), phone="") == [
        ("王雨晨", "officer", ("typing", "place"))
    ]
    assert resembling(cast, cast.station, person="王 雨晨", phone="") == [
        ("王 雨晨", "officer", ("place", "spelling"))
    ]
    assert resembling(cast, cast.station, person="别的人", phone="") == []
    assert (
        resembling(cast, cast.station, id_number=cast.officer.id_number, phone="") == []
    )  # known, and nobody new


def test_a_sheet_betrays_nobody_whom_its_owner_does_not_know(cast):
    cells = {"person": "钱一帆", "id_number": id_number(25), "phone": "13800000005"}
    assert resembling(cast, cast.station, **cells) == resembling(cast, cast.manager, **cells) == []
    assert resembling(cast, cast.city, **cells) == [("钱一帆", "stranger", ("typing", "tail"))]


def test_the_rows_go_in_all_the_same_and_the_pair_is_proposed(cast, as_user):
    own = {
        "uscc": cast.jinhai.uscc,
        "name": cast.jinhai.unit.name,
        "person": "王雨晨",
        "kind": "总监",
        "phone": "",
    }
    file = sheets.csv_bytes(table(row(1, **own, id_number=id_number(21))))
    client = as_user(cast.station)
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = client.post(reverse("people:import"), {"file": SimpleUploadedFile("people.csv", file)})
    page = client.get(answer.url).content.decode()
    assert ("疑似与 王雨晨（officer）重复" in page, "确认导入" in page, id_number(1) in page) == (
        True,
        True,
        False,
    )
    assert client.post(answer.url).status_code == 302
    made = User.objects.by_id_number(id_number(21))
    assert proposed(cast.station) == [(cast.officer.pk, made.pk, ("typing", "place"))]
    assert (
        import_people(
            read_sheet(table(row(1, **own, id_number=id_number(21)))), by=cast.station, dry_run=True
        ).alike
        == []
    )
