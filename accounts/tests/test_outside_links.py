"""Accounts elsewhere under the rules of signing in: second factor, locked doors, who may link what, what becomes of the data."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts import actions, privacy
from accounts.models import User
from accounts.tests.elsewhere import lines, links, opened, refused, returns, signed_in, signs_in, told_of, who
from audit.models import AuditEvent
from tests.people import PASSWORD

MINE = "/me/outside/"


@pytest.fixture
def elsewhere(settings):
    with opened(settings) as other:
        yield other


# --- The rules of signing in --------------------------------------------------------------------------------------------


def test_a_second_factor_is_asked_all_the_same(cast, elsewhere):
    links(signed_in(), "weixin")
    Authenticator.objects.create(user=cast.officer, type=Authenticator.Type.TOTP, data={"secret": "x"})
    visitor = Client()
    assert signs_in(visitor, "weixin").url == reverse("mfa_authenticate")
    assert who(visitor) is None


def test_whoever_owes_a_second_factor_sets_one_up_first(cast, elsewhere, settings):
    links(signed_in("district"), "weixin")
    settings.SECOND_FACTOR = True
    visitor = Client()
    signs_in(visitor, "weixin")
    assert who(visitor) == str(cast.district.pk)
    assert visitor.get("/enterprises/").url == reverse("mfa_index")


def test_a_closed_account_stays_closed(cast, elsewhere):
    links(signed_in(), "weixin")
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    visitor = Client()
    assert signs_in(visitor, "weixin").url == reverse("account_inactive")
    assert who(visitor) is None


def test_a_door_that_is_locked_is_locked_for_this_way_too(cast, elsewhere):
    links(signed_in(), "weixin")
    for _turn in range(5):
        Client().post(reverse("account_login"), {"login": "officer", "password": "wrong"})
    visitor = Client()
    refused(signs_in(visitor, "weixin"), "尝试次数过多")
    assert who(visitor) is None


def test_an_unknown_account_that_keeps_knocking_is_kept_waiting(cast, elsewhere):
    for _turn in range(5):
        refused(signs_in(Client(), "weixin", "unknown"), "还没有关联")
    refused(signs_in(Client(), "weixin", "unknown"), "尝试次数过多")
    refused(signs_in(Client(), "weixin", "another"), "还没有关联")


def test_an_old_password_is_still_asked_to_be_renewed(cast, elsewhere):
    links(signed_in(), "weixin")
    User.objects.filter(pk=cast.officer.pk).update(must_change_password=True)
    visitor = Client()
    signs_in(visitor, "weixin")
    assert visitor.get("/me/").url.startswith(reverse("account_change_password"))


# --- Linking ------------------------------------------------------------------------------------------------------------


def test_one_account_elsewhere_belongs_to_one_account_here(cast, elsewhere):
    links(signed_in(), "wecom")
    refused(links(signed_in("director"), "wecom"), "已经关联了本平台的另一个账号")
    refused(links(signed_in(), "wecom", "another"), "您已经关联了另一个企业微信账号")
    assert links(signed_in(), "wecom").status_code == 302  # the same once more
    assert list(SocialAccount.objects.values_list("user", flat=True)) == [cast.officer.pk]
    assert [action for action, *_rest in lines("outside.linked", "outside.link_refused")] == [
        "outside.linked",
        "outside.link_refused",
        "outside.link_refused",
    ]


@pytest.mark.parametrize("taken", [("officer", "wecom", "b"), ("director", "wecom", "a")])
def test_the_database_holds_both_rules_itself(cast, taken):
    SocialAccount.objects.create(user=cast.officer, provider="wecom", uid="a")
    username, code, uid = taken
    with pytest.raises(IntegrityError), transaction.atomic():
        SocialAccount.objects.create(user=getattr(cast, username), provider=code, uid=uid)


def test_whoever_signed_in_long_ago_says_once_more_who_she_is(cast, elsewhere, monkeypatch):
    me = signed_in()
    later = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr("accounts.adapter.time", lambda: later)
    answer = me.post(reverse("people:outside_connect", args=["wecom"]))
    assert answer.status_code == 302
    assert answer.url.split("?")[0] == reverse("account_reauthenticate")
    onward = me.post(
        answer.url, {"password": PASSWORD, "next": reverse("people:outside_connect", args=["wecom"])}
    )
    state = told_of(onward)[1]["state"]
    assert returns(me, "wecom", "somebody", state).url == MINE


def test_a_link_is_ended_and_opens_nothing_any_more(cast, elsewhere):
    me = signed_in()
    links(me, "dingtalk")
    ends = reverse("people:outside_end", args=["dingtalk"])
    assert (me.get(ends).status_code, me.post(ends).url, me.post(ends).url) == (405, MINE, MINE)
    assert lines("outside.unlinked") == [("outside.unlinked", "done", "王雨晨")]
    refused(signs_in(Client(), "dingtalk"), "还没有关联")


def test_the_last_way_in_is_kept(cast, elsewhere):
    me = signed_in()
    links(me, "dingtalk")
    cast.officer.set_unusable_password()
    cast.officer.phone = ""
    cast.officer.save()
    visitor = Client()
    signs_in(visitor, "dingtalk")
    said = visitor.post(reverse("people:outside_end", args=["dingtalk"]), follow=True).content.decode()
    assert ("解除后将无法登录" in said, SocialAccount.objects.count()) == (True, 1)


def test_a_new_one_time_password_ends_the_links(cast, elsewhere):
    links(signed_in(), "weixin")
    actions.issue_password(cast.officer, by=cast.admin, on="2026-11-26")
    assert AuditEvent.objects.get(action="password.issued").data["links_ended"] == 1
    refused(signs_in(Client(), "weixin"), "还没有关联")


def test_a_form_needs_its_token(cast, elsewhere):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("outside_begin", args=["weixin"])).status_code == 403
    strict.force_login(cast.officer)
    for name in ("people:outside_connect", "people:outside_end"):
        assert strict.post(reverse(name, args=["weixin"])).status_code == 403
    assert strict.get(reverse("outside_begin", args=["weixin"])).status_code == 405


# --- Personal data ------------------------------------------------------------------------------------------------------


def test_what_is_kept_of_it_is_told_to_whom_it_concerns(cast, elsewhere):
    links(signed_in(), "weixin")
    [told] = privacy.all_of(cast.officer, with_numbers=False)["outside_accounts"]
    assert (told["at"], len(told["id_hash"]), bool(told["linked_at"])) == ("微信", 64, True)
    assert (
        "外部账号（微信、企业微信、钉钉）的关联" in signed_in().get(reverse("people:data")).content.decode()
    )


def test_it_goes_with_the_numbers(cast, elsewhere):
    gone = User.objects.create_user("gone", name="离任者")
    SocialAccount.objects.create(user=gone, provider="wecom", uid="a")
    call_command("dispose", "--dry-run")
    assert SocialAccount.objects.count() == 1
    User.objects.filter(pk=gone.pk).update(joined_at="2019-01-01T00:00Z")
    call_command("dispose")
    assert SocialAccount.objects.count() == 0


def test_a_merge_ends_the_links_of_the_account_that_goes(cast, elsewhere):
    twice = User.objects.create_user("twice", name=cast.principal.name)
    for person, uid in ((twice, "a"), (cast.principal, "b")):
        SocialAccount.objects.create(user=person, provider="wecom", uid=uid)
    actions.merge(cast.principal, twice, reason="同一人两份档案", by=cast.city)
    assert list(SocialAccount.objects.values_list("uid", flat=True)) == ["b"]
