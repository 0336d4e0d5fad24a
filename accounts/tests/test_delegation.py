"""Roles lent to colleagues: to whom, for how long, and that they are gone when what they hang on is."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import actions, delegating, scope, second_factor
from accounts.models import Role, RoleGrant, User
from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import bank as bank_acts
from exams.tests.together import together
from tests import build
from tests.people import make_cast, phone

WHY = "年休假期间代管"
NOBODY = "没有找到可以委托的同事"
DAY = timedelta(days=1)


def today():
    return timezone.localdate()


def lend(by, to, *, unit=None, first=0, last=6, reason=WHY, role=None):
    given = RoleGrant.objects.get(user=by, delegated_from=None, **({"role": role} if role else {}))
    days = {"first": today() + first * DAY, "last": today() + last * DAY}
    return actions.delegate(given, to, unit=unit or given.unit, reason=reason, by=by, **days)


def on(user, day=0):
    """What a person holds on a day: [(role, unit)]."""
    found = RoleGrant.objects.current(today() + day * DAY).filter(user=user)
    return list(found.values_list("role", "unit__code"))


def holds(user):
    """The same for today by the way that pages ask."""
    return [(held.role, held.unit_id) for held in scope.grants_of(User.objects.get(pk=user.pk))]


def lines(*actions):
    found = AuditEvent.objects.filter(action__in=actions).order_by("pk")
    return [(e.action, e.actor_name, e.target_label) for e in found]


# --- How long -----------------------------------------------------------------------------------------------------------


def test_a_role_is_lent_from_the_first_day_to_the_last(cast):
    code = cast.jinhai.uscc
    lend(cast.manager, cast.director, first=1, last=3)
    assert [on(cast.director, day) for day in range(5)] == [[], *[[("manager", code)]] * 3, []]
    assert on(cast.manager, 2) == [("manager", code)]
    assert lines("grant.delegated") == [
        ("grant.delegated", "赵敏", f"李䶮 企业管理员 {cast.jinhai.unit}"),
    ]


def test_it_opens_the_pages_of_the_role_and_closes_them_with_its_end(cast):
    client = Client()
    client.force_login(cast.director)
    assert client.get("/people/").status_code == 403
    given = lend(cast.manager, cast.director)
    assert client.get("/people/").status_code == 200
    actions.end_delegation(given, by=cast.manager)
    assert client.get("/people/").status_code == 403


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (-1, 3, "首日不能早于今天。"),
        (3, 2, "末日不能早于首日。"),
        (0, 90, "一次最多委托 90 天，含首日和末日。"),
        (91, 92, "首日最迟在 90 天之内。"),
    ],
)
def test_for_how_long_a_role_cannot_be_lent(cast, first, last, why):
    with pytest.raises(Refused, match=why):
        lend(cast.manager, cast.director, first=first, last=last)
    assert lend(cast.manager, cast.director, first=0, last=89).last_day == today() + 89 * DAY


def test_it_is_no_longer_than_what_it_hangs_on(cast):
    RoleGrant.objects.filter(user=cast.manager).update(ends_on=today() + 3 * DAY)
    with pytest.raises(Refused, match="您自己的授权到"):
        lend(cast.manager, cast.director, last=3)
    lend(cast.manager, cast.director, last=2)
    RoleGrant.objects.filter(user=cast.manager).update(ends_on=today() + 2 * DAY)
    assert [len(on(cast.director, day)) for day in range(3)] == [1, 1, 0]


def test_the_database_knows_no_delegation_without_an_end(cast):
    given = lend(cast.manager, cast.director)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.filter(pk=given.pk).update(ends_on=None)


# --- What it hangs on ---------------------------------------------------------------------------------------------------


def test_it_is_over_at_once_when_an_administrator_ends_what_it_hangs_on(cast):
    lend(cast.manager, cast.director)
    assert holds(cast.director) == [("manager", cast.jinhai.unit_id)]
    actions.end_grant(cast.manager.grants.get(), by=cast.admin)
    assert (holds(cast.director), holds(cast.manager)) == ([], [])
    assert [line[:2] for line in lines("grant.delegation_ended", "grant.ended")] == [
        ("grant.delegation_ended", "卫管"),
        ("grant.ended", "卫管"),
    ]


def test_it_is_over_however_the_other_ended(cast):
    lend(cast.manager, cast.director)
    RoleGrant.objects.filter(user=cast.manager).update(ends_on=today())
    assert (holds(cast.director), on(cast.director)) == ([], [])
    RoleGrant.objects.filter(user=cast.manager).update(ends_on=None)
    User.objects.filter(pk=cast.manager.pk).update(is_active=False)
    assert (holds(cast.director), on(cast.director)) == ([], [])


def test_roles_are_still_one_query(cast, django_assert_num_queries):
    lend(cast.manager, cast.director)
    person = User.objects.get(pk=cast.director.pk)
    with django_assert_num_queries(1):
        assert len(scope.grants_of(person)) == 1


def test_a_delegate_lends_nothing_further(cast):
    given = lend(cast.manager, cast.director)
    assert list(delegating.lendable_by(cast.director, today())) == []
    with pytest.raises(Refused, match="您现在不持有这个角色"):
        actions.delegate(
            given, cast.principal, unit=given.unit, first=today(), last=today(), reason=WHY, by=cast.director
        )


def test_nobody_lends_what_is_anothers_and_an_administrator_lends_nothing(cast):
    with pytest.raises(Refused, match="您现在不持有这个角色"):
        actions.delegate(
            cast.manager.grants.get(), cast.director, unit=cast.jinhai.unit, first=today(), last=today(), reason=WHY,
            by=cast.stranger_manager,
        )  # fmt: skip
    with pytest.raises(Refused, match="您现在不持有这个角色"):
        lend(cast.admin, cast.city)


# --- To whom, and where -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "to", "may"),
    [
        ("manager", "director", True),
        ("manager", "stranger", False),
        ("manager", "station", False),  # who oversees the enterprise is no colleague of it
        ("district", "station", True),
        ("station", "district", False),  # nor is a superior
        ("district", "other_district", False),
        ("district", "manager", False),  # nor is an enterprise's manager one of its organ
        ("district", "officer", False),
        ("editor", "reviewer", True),
        ("city", "district", True),
    ],
)
def test_to_whom_a_role_is_lent(cast, by, to, may):
    by, to = getattr(cast, by), getattr(cast, to)
    if may:
        assert lend(by, to).user == to
        return
    with pytest.raises(Refused, match=NOBODY):
        lend(by, to)


def test_neither_to_oneself_nor_to_somebody_who_may_not_sign_in(cast):
    with pytest.raises(Refused, match="不能委托给自己。"):
        lend(cast.manager, cast.manager)
    User.objects.filter(pk=cast.director.pk).update(is_active=False)
    with pytest.raises(Refused, match=NOBODY):
        lend(cast.manager, cast.director)


def test_for_ones_own_unit_or_one_below(cast):
    assert lend(cast.district, cast.station, unit=cast.xiqing)
    assert lend(cast.city, cast.district, unit=cast.nankai)
    for unit in (cast.city_organ, cast.nankai, cast.jinhai.unit):
        with pytest.raises(Refused, match="只能委托自己的单位"):
            lend(cast.district, cast.station, unit=unit)
    assert sorted(holds(cast.station)) == sorted(
        [("regulator", cast.station_organ.pk), ("regulator", cast.xiqing.pk)]
    )


def test_a_reason_is_asked_and_the_same_again_changes_nothing(cast):
    with pytest.raises(Refused, match="至少 4 个字"):
        lend(cast.manager, cast.director, reason=" 休假 ")
    assert lend(cast.manager, cast.director) == lend(cast.manager, cast.director)
    with pytest.raises(Refused, match="已经委托给 李䶮"):
        lend(cast.manager, cast.director, last=9)
    assert len(lines("grant.delegated")) == 1


def test_the_second_person_is_still_another_person(cast):
    """An editor's delegate who reviews may write now, and what she writes another reviewer approves."""
    lend(cast.editor, cast.reviewer)
    lend(cast.reviewer, cast.editor)
    bank = build.make_bank(cast, each=1)
    item = build.make_item(bank, "single", 900)
    for person in (cast.editor, cast.reviewer):
        assert (bank_acts.may_write(person, bank), bank_acts.may_review(person, bank)) == (True, True)
    item.current.author_id, item.state = cast.reviewer.pk, "in_review"
    assert bank_acts.why_not_approve(item, cast.reviewer).startswith("不能批准自己编写的试题")
    assert bank_acts.why_not_approve(item, cast.editor) == ""


def test_a_delegate_owes_the_second_factor_of_the_role(cast, settings):
    settings.SECOND_FACTOR = True
    plain = User.objects.create_user("plain", name="平", phone=phone(900))
    RoleGrant.objects.create(user=plain, role=Role.MANAGER, unit=cast.jinhai.unit, starts_on=today())
    RoleGrant.objects.create(
        user=plain, role=Role.EDITOR, unit=cast.xiqing, starts_on=today(), ends_on=today()
    )
    assert not second_factor.is_owed(User.objects.get(pk=plain.pk))
    given = cast.editor.grants.get()
    RoleGrant.objects.create(
        user=plain,
        role=Role.EDITOR,
        unit=given.unit,
        starts_on=today(),
        ends_on=today() + DAY,
        delegated_from=given,
    )
    assert second_factor.is_owed(User.objects.get(pk=plain.pk))


# --- Pages --------------------------------------------------------------------------------------------------------------


def form(**more):
    days = {"first": today().isoformat(), "last": (today() + 6 * DAY).isoformat()}
    return {"who": "director", "where": "", "reason": WHY, **days, **more}


def test_the_form_lends_and_both_see_it_and_so_does_the_administrator(cast, as_user):
    client = as_user(cast.manager)
    given = cast.manager.grants.get().pk
    assert client.post("/me/delegations/new/", form(grant=given, who=cast.director.phone)).status_code == 302
    for person, word in ((cast.manager, "李䶮"), (cast.director, "由 赵敏 委托")):
        page = as_user(person).get("/me/delegations/").content.decode()
        assert [w in page for w in (word, "生效中", WHY)] == [True] * 3
    assert "由 赵敏 委托，至" in as_user(cast.director).get("/me/").content.decode()
    page = as_user(cast.admin).get("/grants/").content.decode()
    assert f"由 赵敏 委托：{WHY}" in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"who": "manager"}, "不能委托给自己。"),
        ({"who": "stranger"}, NOBODY),
        ({"who": "nosuchname"}, NOBODY),
        ({"who": "gone"}, NOBODY),
        ({"where": "恒通燃气具商行"}, "您这个角色的范围内没有这个单位。"),
        ({"reason": "休假"}, "至少"),
        ({"last": "2020-01-01"}, "末日不能早于首日。"),
    ],
)
def test_what_the_form_refuses_it_says_alike_of_strangers_and_of_nobody(cast, as_user, sent, said):
    User.objects.create_user("gone", name="离", is_active=False)
    answer = as_user(cast.manager).post(
        "/me/delegations/new/", form(grant=cast.manager.grants.get().pk, **sent)
    )
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not RoleGrant.objects.filter(delegated_from__isnull=False).exists()


def test_whose_grant_it_is_not_is_no_choice_of_the_form(cast, as_user):
    answer = as_user(cast.manager).post(
        "/me/delegations/new/", form(grant=cast.stranger_manager.grants.get().pk, who="stranger")
    )
    assert answer.status_code == 422


def test_both_may_end_it_and_nobody_else(cast, as_user):
    for who, status in (("stranger_manager", 404), ("principal", 404), ("manager", 302), ("director", 302)):
        given = lend(cast.manager, cast.director)
        answer = as_user(getattr(cast, who)).post(f"/me/delegations/{given.pk}/end/")
        assert answer.status_code == status
        assert bool(on(cast.director)) == (status == 404)
    assert [line[1] for line in lines("grant.delegation_ended")] == ["赵敏", "李䶮"]


def test_a_delegate_sees_no_way_to_lend_it_further(cast, as_user):
    lend(cast.manager, cast.director)
    client = as_user(cast.director)
    assert client.get("/me/delegations/").context["may_lend"] is False
    page = client.get("/me/delegations/new/").content.decode()
    assert ("不能再转委托" in page, '<form class="form"' in page) == (True, False)


# --- An administrator's own grants --------------------------------------------------------------------------------------


def test_an_administrator_grants_until_a_day(cast, as_user):
    client = as_user(cast.admin)
    sent = {"who": "stranger", "role": "editor", "unit": "TJ", "last_day": (today() + 2 * DAY).isoformat()}
    assert client.post("/grants/new/", sent).status_code == 302
    assert [len(on(cast.stranger, day)) for day in range(4)] == [1, 1, 1, 0]
    assert client.post("/grants/new/", sent).status_code == 302
    assert RoleGrant.objects.filter(user=cast.stranger).count() == 1
    assert client.post("/grants/new/", sent | {"last_day": "2020-01-01"}).status_code == 422
    assert client.post("/grants/new/", sent | {"last_day": ""}).status_code == 302
    assert (on(cast.stranger, 9), holds(cast.stranger)) == (
        [("editor", "TJ")],
        [("editor", cast.city_organ.pk)],
    )


# --- Many at once -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time")
def test_a_button_that_is_pressed_many_times_lends_once():
    cast = make_cast()
    given = cast.manager.grants.get()
    made = together(
        8, lambda n: lend(cast.manager, cast.director).pk, behind=RoleGrant.objects.filter(pk=given.pk)
    )
    assert len(set(made)) == 1
    assert (RoleGrant.objects.filter(delegated_from=given).count(), len(lines("grant.delegated"))) == (1, 1)
