"""How far somebody reaches: whose account she may touch, whose numbers she may read, what she may say of an enterprise."""

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.actions import importing
from accounts.models import PostKind, Role, RoleGrant, User
from accounts.planning import free_usernames, read_sheet
from accounts.telling import sentence
from accounts.tests.sheets import row, table
from audit.models import AuditEvent
from audit.transitions import Refused
from tests.people import id_number, phone

ELSEWHERE = "与系统中已有人员的信息冲突，请核对，或联系监管机构。"
ACTIVE = "该人员已启用账号，联系方式由本人或系统管理员修改。"
NOT_IN_POST = "此人现在不在您管理的企业任职，不能查看完整信息。"
ALSO_ELSEWHERE = "此人在您的管理范围之外还有任职或角色，不能查看完整信息。"
REASON = "核对任命文件"


def bring(*rows, by):
    return actions.import_people(read_sheet(table(*rows)), by=by)


def told(made):
    return [(p.column, sentence(p)) for p in made.problems]


def in_jinhai(cast, person, **cells):
    """A row of Jinhai's about somebody known, with the post that she has there if she has one."""
    plain = {"uscc": cast.jinhai.uscc, "risk": "", "address": "", "phone": "", "appointed_on": "2025-01-06"}
    plain |= {"name": cast.jinhai.unit.name, "person": person.name, "id_number": person.id_number}
    return row(1, **plain | cells)


def without_password(person):
    person.set_unusable_password()
    person.save()
    return person


def granted(person, role, unit):
    return RoleGrant.objects.create(user=person, role=role, unit=unit, starts_on=date(2026, 1, 1))


def appointed(person, enterprise, by, day=date(2026, 1, 5)):
    return actions.appoint(person, enterprise=enterprise, kind=PostKind.OFFICER, appointed_on=day, by=by)


# --- By what people sign in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contact", [{"phone": phone(7000)}, {"email": "thief@example.invalid"}])
def test_an_account_in_use_is_not_given_another_phone_or_email(cast, contact):
    [column] = [{"phone": "手机号", "email": "邮箱"}[name] for name in contact]
    for by in (cast.manager, cast.station, cast.city):
        assert told(bring(in_jinhai(cast, cast.officer, **contact), by=by)) == [(column, ACTIVE)]
    assert bring(in_jinhai(cast, cast.officer, **contact), by=cast.admin).done
    cast.officer.refresh_from_db()
    assert [getattr(cast.officer, name) for name in contact] == list(contact.values())


def test_an_account_not_yet_taken_up_may_be_mended_where_all_her_posts_are(cast):
    person = without_password(cast.officer)
    mended = in_jinhai(cast, person, phone=phone(7000))
    grant = granted(person, Role.EDITOR, cast.city_organ)
    assert told(bring(mended, by=cast.manager)) == [("手机号", ACTIVE)]
    grant.delete()
    post = appointed(person, cast.hengtong, cast.city)
    assert told(bring(mended, by=cast.manager)) == [("手机号", ACTIVE)]
    actions.dismiss(post, ended_on=date(2026, 2, 3), by=cast.city)
    assert bring(mended, by=cast.manager).done
    assert User.objects.by_phone(phone(7000)) == person


def test_whoever_is_hired_from_elsewhere_keeps_by_what_she_signs_in(cast):
    person = without_password(cast.stranger)
    thief = {"email": "thief@example.invalid", "appointed_on": "2026-05-06"}
    assert told(bring(in_jinhai(cast, person, **thief), by=cast.manager)) == [("", ELSEWHERE)]
    assert bring(in_jinhai(cast, person, **thief | {"email": ""}), by=cast.manager).done
    assert told(bring(in_jinhai(cast, person, **thief), by=cast.manager)) == [("邮箱", ACTIVE)]
    person.refresh_from_db()
    assert person.email == "stranger@example.invalid"


def test_an_administrator_of_a_part_mends_only_those_who_are_all_hers(cast):
    local = granted(cast.director, Role.ADMIN, cast.xiqing).user
    mended = in_jinhai(cast, cast.officer, phone=phone(7000))
    post = appointed(cast.officer, cast.hengtong, cast.city)
    assert told(bring(mended, by=local)) == [("手机号", ACTIVE)]
    actions.dismiss(post, ended_on=date(2026, 2, 3), by=cast.city)
    assert bring(mended, by=local).done


def test_an_old_email_opens_nothing_after_it_was_changed(cast):
    kept = EmailAddress.objects.create(
        user=cast.director, email=cast.director.email, primary=True, verified=True
    )
    EmailAddress.objects.create(user=cast.officer, email=cast.officer.email, primary=True, verified=True)
    assert bring(in_jinhai(cast, cast.officer, email="new@example.invalid"), by=cast.admin).done
    assert list(EmailAddress.objects.all()) == [kept]


# --- What a conflict tells --------------------------------------------------------------------------------------------


def test_outside_ones_reach_a_conflict_tells_neither_what_nor_whom_it_met(cast):
    other, own = cast.stranger, cast.director
    own_enterprise = {"uscc": cast.jinhai.uscc, "name": cast.jinhai.unit.name, "risk": "", "address": ""}
    for cells, hers in (
        ({"phone": other.phone}, [("", ELSEWHERE)]),
        ({"email": other.email}, [("", ELSEWHERE)]),
        ({"username": "Stranger"}, [("", ELSEWHERE)]),
        ({"phone": other.phone, "email": other.email}, [("", ELSEWHERE)]),
        ({"id_number": other.id_number}, [("", ELSEWHERE)]),
        ({"phone": own.phone}, [("手机号", "这个手机号已属于另一个人。")]),
        ({"email": own.email}, [("邮箱", "这个邮箱已属于另一个人。")]),
        ({"username": "DIRECTOR"}, [("用户名", "这个用户名已被使用。")]),
    ):
        assert told(bring(row(1, **own_enterprise | cells), by=cast.manager)) == hers, cells
    assert ELSEWHERE not in str(
        told(bring(row(1, phone=other.phone, id_number=other.id_number), by=cast.city))
    )


def test_a_foreign_enterprise_does_not_tell_who_works_there(cast):
    asked = {"uscc": cast.hengtong.uscc, "name": "", "organ": "", "trade": "", "size": "", "categories": ""}
    made = bring(in_jinhai(cast, cast.stranger, **asked, appointed_on="2026-05-06"), by=cast.manager)
    assert told(made) == [("统一社会信用代码", "这家企业不在您的管理范围内。")]


# --- What an enterprise is supervised by ------------------------------------------------------------------------------


def test_a_manager_changes_the_address_and_nothing_by_which_she_is_supervised(cast):
    changes = {
        "name": "津海车业有限公司", "organ": "TJ-XQ", "trade": "生产、销售", "size": "微型", "risk": "高风险",
        "categories": "16",
    }  # fmt: skip
    new = in_jinhai(cast, cast.officer, **changes, address="示例路9号")
    made = bring(new, by=cast.manager)
    columns = ["企业名称", "生产/销售", "规模", "风险等级", "产品类别", "监管机构"]
    assert told(made) == [
        (column, f"“{column}”由监管机构登记，企业不能通过导入修改；如有变动，请联系监管机构更正。")
        for column in columns
    ]
    assert bring(in_jinhai(cast, cast.officer, address="示例路9号"), by=cast.manager).done
    cast.jinhai.refresh_from_db()
    assert (cast.jinhai.address, cast.jinhai.size, cast.jinhai.risk) == ("示例路9号", "medium", "low")
    assert bring(new, by=cast.district).done
    cast.jinhai.refresh_from_db()
    assert (cast.jinhai.size, cast.jinhai.risk, cast.jinhai.sells) == ("micro", "high", True)


# --- Staff numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["u1", "U10001", "u99999999999999999999"])
def test_the_houses_own_numbers_are_chosen_by_nobody(cast, name):
    reserved = "u 加数字的用户名由系统分配，请另选一个，或留空。"
    assert told(bring(row(1, username=name), by=cast.station)) == [("用户名", reserved)]
    with pytest.raises(Refused, match="由系统分配"):
        actions.enter_person(name="新来", username=name)


def test_a_person_who_has_such_a_number_may_be_told_with_it(cast):
    assert bring(row(1), by=cast.station).done
    assert bring(row(1, username="u10001"), by=cast.station).unchanged_posts == 1


def test_the_next_number_follows_the_highest_of_any_length(cast):
    assert next(free_usernames()) == "u10001"
    for name in ("U20000", "u0030000", "u7", "u99x", "xu50000"):
        User.objects.create_user(name, name=name)
    assert next(free_usernames()) == "u30001"
    User.objects.create_user("u123456789012", name="远")
    assert next(free_usernames()) == "u123456789013"


def test_whoever_was_quicker_is_not_run_over(cast, monkeypatch):
    """The first plan is overtaken by somebody who takes the name; the second is made on what is true by then."""
    plan, seen = importing.plan, []

    def overtaken(*args, **kwargs):
        made = plan(*args, **kwargs)
        seen.append([name for _draft, name in made.new_people])
        if len(seen) == 1:
            made.new_people = [(draft, "officer") for draft, _name in made.new_people]
        return made

    monkeypatch.setattr(importing, "plan", overtaken)
    assert bring(row(1), by=cast.station).done
    assert (seen, User.objects.by_id_number(id_number(1, "19900101")).username) == (
        [["u10001"]] * 2,
        "u10001",
    )
    assert AuditEvent.objects.filter(action="people.imported").count() == 1


def test_what_fails_twice_is_not_hidden(cast, monkeypatch):
    def broken(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(importing, "plan", broken)
    with pytest.raises(IntegrityError):
        bring(row(1), by=cast.station)


# --- Full numbers -----------------------------------------------------------------------------------------------------


def reveal(as_user, by, person):
    """What the page and the act say: the number, or why not."""
    client = as_user(by)
    page = client.get(reverse("people:person", args=[person.pk])).content.decode()
    shown = client.post(reverse("people:reveal", args=[person.pk]), {"reason": REASON}, follow=True)
    shown = shown.content.decode()
    if person.id_number in shown:
        return "shown"
    said = [text for text in (NOT_IN_POST, ALSO_ELSEWHERE) if text in shown]
    assert said and said[0] in page
    return said[0]


def last_lines(count):
    return [(e.action, e.data) for e in AuditEvent.objects.order_by("-pk")[:count]]


def test_pulling_somebody_in_does_not_open_her_numbers(cast, as_user):
    appointed(cast.stranger, cast.jinhai, cast.manager)
    assert reveal(as_user, cast.manager, cast.stranger) == ALSO_ELSEWHERE
    assert last_lines(1) == [("person.reveal_refused", {"why": REASON})]
    for by in (cast.stranger_manager, cast.station, cast.other_district, cast.city, cast.admin):
        expected = ALSO_ELSEWHERE if by == cast.stranger_manager else "shown"
        assert reveal(as_user, by, cast.stranger) == expected, by
    assert last_lines(1) == [("person.revealed", {"why": REASON})]


def test_whoever_holds_a_role_elsewhere_is_sealed_for_all_but_the_administrator(cast, as_user):
    for person in (cast.editor, cast.admin):
        appointed(person, cast.jinhai, cast.manager)
        for by in (cast.manager, cast.station, cast.district):
            assert reveal(as_user, by, person) == ALSO_ELSEWHERE
        for by in (cast.city, cast.admin):
            assert reveal(as_user, by, person) == "shown"


def test_a_role_in_the_same_enterprise_seals_nothing(cast, as_user):
    granted(cast.officer, Role.MANAGER, cast.jinhai.unit)
    assert reveal(as_user, cast.manager, cast.officer) == "shown"


def test_a_former_employer_and_her_organ_read_no_numbers(cast, as_user):
    actions.dismiss(cast.post(cast.officer), ended_on=date(2026, 2, 3), by=cast.manager)
    for by in (cast.manager, cast.station):
        assert reveal(as_user, by, cast.officer) == NOT_IN_POST
    assert reveal(as_user, cast.admin, cast.officer) == "shown"


def test_a_post_to_come_opens_nothing_yet(cast, as_user):
    actions.dismiss(cast.post(cast.officer), ended_on=date(2026, 2, 3), by=cast.manager)
    tomorrow = timezone.localdate() + timedelta(days=1)
    appointed(cast.officer, cast.jinhai, cast.manager, tomorrow)
    assert reveal(as_user, cast.manager, cast.officer) == NOT_IN_POST


# --- What a list leaves in the log ------------------------------------------------------------------------------------


def test_an_export_leaves_the_names_of_its_filters_and_never_what_was_typed(cast, as_user):
    number = cast.officer.id_number
    client = as_user(cast.city)
    asked = {"export": "xlsx", "q": number, "kind": "officer", "validity": ""}
    assert client.get(reverse("people:people"), asked).status_code == 200
    assert client.get(reverse("people:enterprises"), {"export": "xlsx", "gap": "any"}).status_code == 200
    assert [(e.action, e.data) for e in AuditEvent.objects.order_by("pk")] == [
        ("people.exported", {"rows": 1, "filters": ["kind"], "searched": True}),
        ("enterprises.exported", {"rows": 2, "filters": ["gap"], "searched": False}),
    ]


@pytest.mark.parametrize("name", ["id_number", "phone"])
def test_a_search_for_a_whole_number_goes_no_further(cast, as_user, name):
    client, url = as_user(cast.city), reverse("people:people")
    found = client.get(url, {"q": getattr(cast.officer, name)})
    assert [person.name for person in found.context["page_obj"]] == ["王雨晨"]
    assert (found["Referrer-Policy"], "no-store" in found["Cache-Control"]) == ("strict-origin", True)
    plain = client.get(url, {"q": "王雨"})
    assert (plain["Referrer-Policy"], plain.get("Cache-Control")) == ("same-origin", None)
    assert AuditEvent.objects.count() == 0


# --- Days of appointment ----------------------------------------------------------------------------------------------


def test_nobody_is_appointed_in_another_age(cast):
    today = timezone.localdate()
    first, last = date(1980, 1, 1), today + timedelta(days=60)
    for day in (first - timedelta(days=1), last + timedelta(days=1)):
        with pytest.raises(Refused, match=f"任职日期应在 {first} 至 {last} 之间。"):
            appointed(cast.stranger, cast.jinhai, cast.manager, day)
        assert told(bring(row(1, appointed_on=day.isoformat()), by=cast.station))[0][0] == "任职日期"
    appointed(cast.stranger, cast.jinhai, cast.manager, last)
    assert bring(row(1, appointed_on=first.isoformat()), by=cast.station).done
