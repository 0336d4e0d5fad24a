"""Signing in by 微信, 企业微信 and 钉钉: off until configured, for linked accounts alone, under all rules of signing in."""

import json
import time

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import outside
from accounts.models import Login, User
from accounts.outside import line, wecom
from accounts.tests.elsewhere import (
    SECRETS,
    lines,
    links,
    opened,
    refused,
    returns,
    signed_in,
    signs_in,
    start,
    told_of,
    who,
)
from audit.models import AuditEvent
from config.checks import accounts_elsewhere
from tests.people import PASSWORD

CODES = ("weixin", "wecom", "dingtalk")
MINE = "/me/outside/"


@pytest.fixture
def elsewhere(settings):
    with opened(settings) as other:
        yield other


# --- Off ----------------------------------------------------------------------------------------------------------------


def test_nothing_of_it_is_there_until_it_is_configured(cast, client):
    assert "outside" not in client.get(reverse("account_login")).content.decode()
    me = signed_in()
    for visitor in (client, me):
        for code in CODES:
            for name in ("outside_begin", "outside_back"):
                address = reverse(name, args=[code])
                got = {visitor.get(address).status_code, visitor.post(address).status_code}
                assert got <= {404, 405}, (name, got)
    assert me.get(MINE).status_code == 404
    for code in CODES:
        assert me.post(reverse("people:outside_connect", args=[code])).status_code == 404
        assert me.post(reverse("people:outside_end", args=[code])).status_code == 404
    assert "外部账号登录" not in me.get(reverse("people:me")).content.decode()


def test_only_what_is_configured_is_there(cast, client, elsewhere, settings):
    del settings.OUTSIDE["weixin"], settings.OUTSIDE["dingtalk"]
    page = client.get(reverse("account_login")).content.decode()
    assert [reverse("outside_begin", args=[code]) in page for code in CODES] == [False, True, False]
    assert client.post(reverse("outside_begin", args=["weixin"])).status_code == 404
    assert client.post(reverse("outside_begin", args=["google"])).status_code == 404


def test_no_page_asks_the_other_side_but_the_way_back(cast, client, elsewhere):
    me = signed_in()
    for address in (reverse("account_login"), MINE, reverse("people:me"), reverse("people:data")):
        assert me.get(address).status_code in (200, 302)
    for code in CODES:
        start(client, code)
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [("weixin", "secret", ""), ("wecom", "agent", ""), ("dingtalk", "api", "http://example.cn"),
     ("wecom", "open", "example.cn"), ("weixin", "site", "https://open.weixin.qq.com/")],
)  # fmt: skip
def test_half_a_configuration_keeps_the_house_shut(elsewhere, settings, code, name, value):
    assert accounts_elsewhere() == []
    settings.OUTSIDE[code][name] = value
    [error] = accounts_elsewhere()
    assert (error.id, f"{code}.{name}" in error.msg) == ("config.E014", True)


# --- There and back -----------------------------------------------------------------------------------------------------


def test_each_is_asked_as_its_documentation_says(cast, client, elsewhere):
    home = "http://testserver"
    address, told = start(client, "weixin")
    assert (address.path, address.fragment) == ("/site/connect/qrconnect", "wechat_redirect")
    assert told | {"state": ""} == {
        "appid": "wx1", "redirect_uri": home + reverse("outside_back", args=["weixin"]), "response_type": "code",
        "scope": "snsapi_login", "state": "",
    }  # fmt: skip
    address, told = start(client, "wecom")
    assert address.path == "/site/wwlogin/sso/login"
    assert told | {"state": ""} == {
        "login_type": "CorpApp", "appid": "corp1", "agentid": "1000002", "state": "",
        "redirect_uri": home + reverse("outside_back", args=["wecom"]),
    }  # fmt: skip
    address, told = start(client, "dingtalk")
    assert address.path == "/site/oauth2/auth"
    assert told | {"state": ""} == {
        "client_id": "ding1", "redirect_uri": home + reverse("outside_back", args=["dingtalk"]), "scope": "openid",
        "response_type": "code", "prompt": "consent", "state": "",
    }  # fmt: skip


def test_within_wecom_its_silent_page_is_asked(cast, elsewhere):
    inside = Client(headers={"user-agent": "Mozilla/5.0 (iPhone) wxwork/4.1.0 MicroMessenger/7.0.1"})
    address, told = start(inside, "wecom")
    assert (address.path, told["scope"], address.fragment) == (
        "/open/connect/oauth2/authorize",
        "snsapi_base",
        "wechat_redirect",
    )


@pytest.mark.parametrize("code", CODES)
def test_an_account_is_linked_and_then_opens_the_door(cast, elsewhere, code):
    me = signed_in()
    done = links(me, code)
    assert (done.status_code, done.url) == (302, MINE)
    page = me.get(MINE).content.decode()
    assert ("已关联" in page, page.count("未关联")) == (True, 2)
    visitor = Client()
    came = signs_in(visitor, code)
    assert (came.status_code, who(visitor)) == (302, str(cast.officer.pk))
    assert lines("outside.linked", "outside.used") == [
        ("outside.linked", "done", "王雨晨"),
        ("outside.used", "done", "王雨晨"),
    ]
    assert AuditEvent.objects.filter(action="account.signed_in").count() == 2
    assert Login.objects.filter(person=cast.officer).count() == 2


@pytest.mark.parametrize("code", CODES)
def test_of_an_identity_only_a_hash_is_kept(cast, elsewhere, code):
    links(signed_in(), code, "an-id-that-is-hers")
    signs_in(Client(), code, "an-id-that-is-hers")
    [kept] = SocialAccount.objects.all()
    assert (kept.user, kept.provider, len(kept.uid), kept.extra_data) == (cast.officer, code, 64, {})
    assert (SocialToken.objects.count(), SocialApp.objects.count()) == (0, 0)
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(row) for row in cursor.fetchall()]
    sessions = [json.dumps(login.get_decoded()) for login in Login.objects.all()]
    for word in ("an-id-that-is-hers", "-token", "-refresh", "昵称", *SECRETS.values()):
        assert not [row for row in [*found, *sessions] if word in row], word


def test_nobody_is_made_by_it(cast, elsewhere):
    before = User.objects.count()
    visitor = Client()
    answer = signs_in(visitor, "weixin")
    said = answer.content.decode()
    assert (answer.status_code, who(visitor), User.objects.count()) == (403, None, before)
    assert "还没有关联本平台的账号" in said
    assert "“我的”页面的“外部账号登录”里关联" in said
    assert SocialAccount.objects.count() == 0
    assert lines("account.sign_in_failed") == [("account.sign_in_failed", "refused", "")]


def test_one_goes_where_one_wanted_to_go_if_it_is_a_page_of_ours(cast, elsewhere):
    links(signed_in(), "wecom")
    assert signs_in(Client(), "wecom", next="/me/").url == "/me/"
    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert signs_in(Client(), "wecom", next=evil).url == "/", evil
    state = start(Client(), "wecom")[1]["state"]
    assert state
    visitor = Client()
    state = start(visitor, "wecom")[1]["state"]
    assert returns(visitor, "wecom", "somebody", state, next="https://evil.example/").url == "/"


# --- Refusals -----------------------------------------------------------------------------------------------------------


def test_what_was_begun_in_another_browser_ends_in_none(cast, elsewhere):
    links(signed_in(), "weixin")
    state = start(Client(), "weixin")[1]["state"]
    elsewhere.asked.clear()
    victim = Client()
    for one in (state, "", "made-up"):
        refused(returns(victim, "weixin", "somebody", one), "不是在这个浏览器里开始的")
    assert (who(victim), elsewhere.asked) == (None, [])  # the other side was not even asked


def test_a_state_serves_once_for_one_provider_and_ten_minutes(cast, elsewhere, monkeypatch):
    links(signed_in(), "weixin")
    visitor = Client()
    state = start(visitor, "weixin")[1]["state"]
    refused(returns(visitor, "wecom", "somebody", state), "不是在这个浏览器里开始的")
    assert returns(visitor, "weixin", "somebody", state).status_code == 302
    visitor = Client()
    state = start(visitor, "weixin")[1]["state"]
    refused(returns(visitor, "weixin", "", state), "您没有在微信里同意")
    refused(returns(visitor, "weixin", "somebody", state), "不是在这个浏览器里开始的")
    late = time.time() + 601
    state = start(visitor, "weixin")[1]["state"]
    monkeypatch.setattr(time, "time", lambda: late)
    refused(returns(visitor, "weixin", "somebody", state), "已超过 10 分钟")


def test_what_was_begun_to_link_ends_with_whoever_began(cast, elsewhere):
    """An attacker who gets her own way back opened in a victim's browser links nothing there, and neither does a later sign-in."""
    attacker = signed_in("stranger")
    state = told_of(attacker.post(reverse("people:outside_connect", args=["wecom"])))[1]["state"]
    victim = signed_in()
    refused(returns(victim, "wecom", "evil", state), "不是在这个浏览器里开始的")
    attacker.post(reverse("account_logout"))
    refused(returns(attacker, "wecom", "evil", state), "不是在这个浏览器里开始的")
    assert SocialAccount.objects.count() == 0


def test_whoever_is_in_is_not_exchanged_for_somebody_else(cast, elsewhere):
    links(signed_in("stranger"), "wecom", "stranger-there")
    client = Client()
    state = start(client, "wecom")[1]["state"]
    client.post(reverse("account_login"), {"login": "officer", "password": PASSWORD})
    assert returns(client, "wecom", "stranger-there", state).status_code in (302, 403)
    assert who(client) == str(cast.officer.pk)


@pytest.mark.parametrize("code", CODES)
def test_whoever_does_not_agree_is_told_so(cast, elsewhere, code):
    visitor = Client()
    state = start(visitor, code)[1]["state"]
    answer = returns(visitor, code, "", state, error="access_denied")
    refused(answer, f"您没有在{outside.NAMES[code]}里同意。什么也没有改变")


FIRST = {
    "weixin": "/sns/oauth2/access_token",
    "wecom": "/cgi-bin/gettoken",
    "dingtalk": "/v1.0/oauth2/userAccessToken",
}
LAST = FIRST | {"wecom": "/cgi-bin/auth/getuserinfo", "dingtalk": "/v1.0/contact/users/me"}
STRANGE = [
    {}, [], "no", 7, None, b"", b"<html>", b"\xff\xfe", {"errcode": 40029}, {"errcode": 42001}, {"errcode": "x"},
    {"access_token": "t", "openid": ""}, {"access_token": "t", "openid": None}, {"access_token": "t", "openid": 7},
    {"access_token": "t", "openid": ["a"], "expires_in": "soon"}, {"access_token": None}, {"accessToken": "t"},
    {"userid": ""}, {"userid": {"a": 1}}, {"openId": None}, {"openId": " "}, (400, {}), (401, {"errcode": 1}),
]  # fmt: skip


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("places", [FIRST, LAST])
def test_an_answer_that_tells_nobody_lets_nobody_in(cast, elsewhere, code, places):
    links(signed_in(), code)
    for said in STRANGE:
        wecom._tokens.clear()
        elsewhere.says = {places[code]: said} if said is not None else {places[code]: b"null"}
        visitor = Client()
        answer = signs_in(visitor, code)
        refused(answer, "没有确认您的身份")
        assert who(visitor) is None, said


def test_a_guest_of_wecom_is_nobody(cast, elsewhere):
    refused(signs_in(Client(), "wecom", "guest-of-theirs"), "企业微信没有确认您的身份")


def test_a_token_of_wecom_is_kept_and_fetched_anew_when_it_wears_out(cast, elsewhere):
    links(signed_in(), "wecom")
    elsewhere.asked.clear()
    assert signs_in(Client(), "wecom").status_code == 302
    assert elsewhere.asked == ["GET /cgi-bin/auth/getuserinfo"]
    elsewhere.tokens = {"another token"}
    elsewhere.asked.clear()
    assert signs_in(Client(), "wecom").status_code == 302
    assert elsewhere.asked == [
        "GET /cgi-bin/auth/getuserinfo",
        "GET /cgi-bin/gettoken",
        "GET /cgi-bin/auth/getuserinfo",
    ]


@pytest.mark.parametrize("code", CODES)
def test_when_the_other_side_is_down_it_is_said_and_quickly(cast, elsewhere, code, monkeypatch):
    monkeypatch.setattr(line, "EACH_STEP", 0.3)
    monkeypatch.setattr(line, "WHOLE", 0.5)
    for trouble in ("waits", "drips", "500", "elsewhere", "endless", "gone"):
        wecom._tokens.clear()
        elsewhere.waits = 1 if trouble == "waits" else 0
        elsewhere.drips = trouble == "drips"
        says = {"500": (503, {}), "elsewhere": (302, {}), "endless": b"[" * (line.LONGEST + 1)}
        elsewhere.says = {FIRST[code]: says[trouble]} if trouble in says else {}
        visitor = Client()
        state = start(visitor, code)[1]["state"]
        if trouble == "gone":
            elsewhere.shutdown()
            elsewhere.server_close()
        began = time.monotonic()
        refused(returns(visitor, code, "somebody", state), "暂时没有回应。什么也没有改变")
        assert time.monotonic() - began < 20, trouble  # else it would wait as long as the other side likes


def test_few_wait_for_the_other_side_at_once(cast, elsewhere, monkeypatch):
    monkeypatch.setattr(line, "PATIENCE", 0.05)
    with line.turn(), line.turn():
        elsewhere.asked.clear()
        refused(signs_in(Client(), "weixin"), "微信暂时没有回应")
        assert elsewhere.asked == []
    assert signs_in(Client(), "weixin").status_code == 403  # its turn came; it is only unknown
    assert elsewhere.asked == ["GET /sns/oauth2/access_token"]
