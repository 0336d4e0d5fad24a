"""The administrator makes and ends tokens of other systems, within her reach."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import actions, tokens
from accounts.models import ApiToken, Role, RoleGrant, Unit
from api.tests.stories import Machine
from audit.models import AuditEvent
from audit.transitions import Refused


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def district_admin(cast):
    """An administrator of one district only."""
    RoleGrant.objects.create(
        user=cast.other_district, role=Role.ADMIN, unit=cast.nankai, starts_on=timezone.localdate()
    )
    return cast.other_district


def form(**changes):
    return {
        "name": "市级平台", "unit": "TJ-XQ", "scopes": ["people:read", "posts:read"], "expires_on": in_days(90).isoformat(),
    } | changes  # fmt: skip


def test_the_secret_is_shown_once(cast, as_user):
    client = as_user(cast.admin)
    answer = client.post(reverse("people:token_new"), form())
    token = ApiToken.objects.get()
    secret = answer.context["secret"]
    assert secret in answer.content.decode() and tokens.find(secret) == token
    assert "no-store" in answer["Cache-Control"]
    page = client.get(reverse("people:tokens")).content.decode()
    assert token.prefix in page and secret not in page
    assert (token.unit, token.scopes, token.expires_on) == (
        cast.xiqing,
        ["people:read", "posts:read"],
        in_days(90),
    )
    line = AuditEvent.objects.get(action="token.made")
    assert (line.actor_id, line.data["unit"]) == (cast.admin.pk, "TJ-XQ")


WRONG = {
    "no name": {"name": ""},
    "no scope": {"scopes": []},
    "no such scope": {"scopes": ["people:write"]},
    "over already": {"expires_on": "2020-01-01"},
    "more than a year": {"expires_on": in_days(366).isoformat()},
    "no such unit": {"unit": "nowhere"},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_a_token_that_may_not_be_is_refused_and_what_was_typed_is_kept(cast, as_user, changes):
    answer = as_user(cast.admin).post(reverse("people:token_new"), form(**changes))
    assert (answer.status_code, ApiToken.objects.count()) == (422, 0)
    if "name" not in changes:
        assert "市级平台" in answer.content.decode()


def test_an_administrator_makes_and_ends_tokens_in_her_reach_only(cast, as_user, district_admin):
    theirs, _secret = actions.make_token(
        cast.xiqing, name="西青", scopes=["posts:read"], expires_on=in_days(9), by=cast.admin
    )
    with pytest.raises(Refused):
        actions.make_token(
            cast.xiqing, name="越界", scopes=["posts:read"], expires_on=in_days(9), by=district_admin
        )
    client = as_user(district_admin)
    assert client.post(reverse("people:token_new"), form()).status_code == 422
    assert client.post(reverse("people:token_new"), form(unit="TJ-NK")).status_code == 200
    assert "西青" not in client.get(reverse("people:tokens")).content.decode()
    assert client.post(reverse("people:token_end", args=[theirs.pk])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.ended_at is None


def test_ending_twice_changes_nothing(cast):
    token, secret = actions.make_token(
        cast.jinhai.unit, name="一次", scopes=["posts:read"], expires_on=in_days(9), by=cast.admin
    )
    first = actions.end_token(token, by=cast.admin).ended_at
    assert actions.end_token(token, by=cast.admin).ended_at == first
    assert AuditEvent.objects.filter(action="token.ended").count() == 1
    assert not tokens.find(secret).opens_on(timezone.localdate())


def test_the_list_tells_those_in_force_from_those_that_are_over(cast, as_user):
    made = {
        name: actions.make_token(
            cast.xiqing, name=name, scopes=["posts:read"], expires_on=in_days(9), by=cast.admin
        )[0]
        for name in ("在用", "停用", "到期")
    }
    actions.end_token(made["停用"], by=cast.admin)
    ApiToken.objects.filter(pk=made["到期"].pk).update(starts_on=in_days(-9), expires_on=in_days(-1))
    client = as_user(cast.admin)

    def listed(**chosen):
        return {token.name for token in client.get(reverse("people:tokens"), chosen).context["page_obj"]}

    assert (listed(), listed(state="over"), listed(q="没有")) == ({"在用"}, {"停用", "到期"}, set())


def open_with(secret):
    return Machine(secret).ask("/posts").status_code


def made(unit, by):
    return actions.make_token(unit, name="对接", scopes=["posts:read"], expires_on=in_days(9), by=by)


def takes_back(cast, maker):
    actions.end_grant(maker.grants.get(role="admin"), by=cast.admin)


def runs_out(cast, maker):
    maker.grants.filter(role="admin").update(starts_on=in_days(-9), ends_on=in_days(0))


def moves_on(cast, maker):
    maker.grants.filter(role="admin").update(unit=cast.xiqing)


def closes(cast, maker):
    type(maker).objects.filter(pk=maker.pk).update(is_active=False)


@pytest.mark.parametrize("loses", [takes_back, runs_out, moves_on, closes])
def test_a_token_opens_nothing_once_its_maker_no_longer_administers_its_unit(cast, district_admin, loses):
    token, secret = made(cast.nankai, district_admin)
    _other, theirs = made(cast.nankai, cast.admin)
    assert open_with(secret) == 200
    loses(cast, district_admin)
    answer = Machine(secret).ask("/posts")
    assert (answer.status_code, "已不再管理该单位" in answer.json()["problem"]) == (401, True)
    assert AuditEvent.objects.get(action="token.refused").target == f"accounts.apitoken:{token.pk}"
    assert open_with(theirs) == 200


def test_another_role_or_a_role_below_does_not_back_it_and_one_above_does(cast, district_admin):
    _token, secret = made(cast.nankai, district_admin)
    held = [district_admin.grants.get(role="admin").pk]
    station = Unit.objects.create(
        kind=Unit.Kind.ORGAN, code="TJ-NK-X", name="所", parent=cast.nankai, region=cast.nankai.region
    )
    RoleGrant.objects.filter(user=district_admin, role=Role.REGULATOR).delete()
    RoleGrant.objects.filter(pk__in=held).update(role=Role.REGULATOR)
    assert open_with(secret) == 401
    grants = RoleGrant.objects.filter(pk__in=held)
    grants.update(role=Role.ADMIN, unit=station)
    assert open_with(secret) == 401
    grants.update(unit=cast.city_organ)
    assert open_with(secret) == 200


def test_whoever_takes_the_role_back_is_told_which_tokens_stop_and_the_list_marks_them(
    cast, as_user, district_admin
):
    made(cast.nankai, district_admin)
    client = as_user(cast.admin)
    assert "已停止" not in client.get(reverse("people:tokens")).content.decode()
    grant = district_admin.grants.get(role="admin")
    text = client.post(reverse("people:grant_end", args=[grant.pk]), follow=True).content.decode()
    assert f"由 {district_admin.name} 建立的接口令牌随之停止：对接。" in text
    assert "已停止" in client.get(reverse("people:tokens")).content.decode()
    other = cast.station.grants.get()
    text = client.post(reverse("people:grant_end", args=[other.pk]), follow=True).content.decode()
    assert "随之停止" not in text
