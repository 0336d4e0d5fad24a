"""Where somebody is signed in: what is listed, how it ends, and after how long a silence."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import handle_of
from accounts.devices import browser_of, masked_address
from accounts.models import Login, Role, RoleGrant
from accounts.sessions import GRAIN
from audit.models import AuditEvent
from tests import build
from tests.people import APPOINTED, PASSWORD

PHONE = "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.47"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0"
ME = "/me/"


@pytest.mark.parametrize(
    ("agent", "code"),
    [
        (PHONE, "wechat/android"),
        (DESK, "edge/windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Safari/604.1", "safari/iphone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:130.0) Gecko/20100101 Firefox/130.0", "firefox/mac"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 Safari/537.36 HuaweiBrowser/5.0", "huawei/harmony"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_by_what_it_says_of_itself(agent, code):
    assert browser_of(agent) == code


@pytest.mark.parametrize(
    ("address", "mask"),
    [
        ("203.0.113.9", "203.0.113.*"),
        ("::ffff:203.0.113.9", "203.0.113.*"),
        ("2001:db8:12:34::9", "2001:0db8:0012:*"),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_an_address_by_its_mask(address, mask):
    assert masked_address(address) == mask


def sign_in(login, agent=DESK, address="203.0.113.9"):
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    client.post(reverse("account_login"), {"login": login, "password": PASSWORD})
    return client


def is_out(client):
    return client.get(ME).status_code == 302


def row_of(client):
    return Login.objects.get(session_key=client.session.session_key)


def age(client, **silence):
    """Let a browser have been silent for so long."""
    seen = timezone.now() - timedelta(**silence)
    Login.objects.filter(session_key=client.session.session_key).update(seen_at=seen)


def test_the_page_lists_ones_own_browsers_and_no_key(cast):
    here, phone = sign_in("officer"), sign_in("officer", PHONE, "198.51.100.7")
    sign_in("director")
    page = here.get(reverse("people:devices"))
    assert [(row["name"], row["is_here"], row["login"].address) for row in page.context["rows"]] == [
        ("Edge · Windows", True, "203.0.113.*"),
        ("微信 · Android", False, "198.51.100.*"),
    ]
    text = page.content.decode()
    assert [client.session.session_key in text for client in (here, phone)] == [False, False]
    assert "203.0.113.9" not in text


def test_one_is_ended_at_once_and_the_others_stay(cast):
    here, phone, third = sign_in("officer"), sign_in("officer", PHONE), sign_in("officer")
    here.post(reverse("people:device_end", args=[handle_of(row_of(phone))]))
    assert [is_out(client) for client in (here, phone, third)] == [False, True, False]
    event = AuditEvent.objects.get(action="login.ended")
    assert (event.actor, event.data) == (cast.officer, {"browser": "wechat/android"})


def test_nobody_ends_a_strangers(cast):
    here, other = sign_in("officer"), sign_in("director")
    here.post(reverse("people:device_end", args=[handle_of(row_of(other))]))
    here.post(reverse("people:devices_end_others"))
    assert [is_out(client) for client in (here, other)] == [False, False]


def test_all_others_are_ended(cast):
    here, phone, third = sign_in("officer"), sign_in("officer", PHONE), sign_in("officer")
    here.post(reverse("people:devices_end_others"))
    assert [is_out(client) for client in (here, phone, third)] == [False, True, True]
    assert AuditEvent.objects.get(action="login.others_ended").data == {"count": 2}


def test_a_new_password_ends_all_others_and_their_rows(cast):
    here, phone = sign_in("officer"), sign_in("officer", PHONE)
    new = "Another quiet one"
    here.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert [is_out(client) for client in (here, phone)] == [False, True]
    assert [(row.browser, row.session_key) for row in cast.officer.logins.all()] == [
        ("edge/windows", here.session.session_key)
    ]


def updates(act):
    with CaptureQueriesContext(connection) as context:
        act()
    return [q["sql"] for q in context.captured_queries if q["sql"].startswith("UPDATE")]


def test_that_a_browser_was_seen_is_written_at_most_every_five_minutes(cast):
    client = sign_in("officer")
    assert updates(lambda: client.get(ME)) == []
    age(client, seconds=GRAIN.total_seconds() + 1)
    ends = row_of(client).expire_date
    assert len(updates(lambda: client.get(ME))) == 1
    assert updates(lambda: client.get(ME)) == []
    assert timezone.now() - row_of(client).seen_at < timedelta(seconds=30)
    assert row_of(client).expire_date > ends


def test_what_a_page_keeps_in_the_session_leaves_the_notes_alone(cast):
    client = sign_in("officer", PHONE)
    began = row_of(client).began_at
    session = client.session
    session["desk"] = {"desk": "officer"}
    session.save()
    kept = row_of(client)
    assert (kept.browser, kept.began_at, kept.person) == ("wechat/android", began, cast.officer)


LIMITS = [
    ("city", 29, False),
    ("city", 31, True),
    ("editor", 31, True),
    ("admin", 31, True),
    ("manager", 8 * 60 - 1, False),
    ("manager", 8 * 60 + 1, True),
    ("officer", 12 * 60 - 1, False),
    ("officer", 12 * 60 + 1, True),
]


@pytest.mark.parametrize(("name", "minutes", "ended"), LIMITS)
def test_a_silent_browser_is_signed_out_after_the_time_of_its_role(cast, name, minutes, ended):
    client = sign_in(name)
    key = client.session.session_key
    age(client, minutes=minutes)
    assert is_out(client) == ended
    assert Login.objects.filter(session_key=key).exists() != ended
    assert AuditEvent.objects.filter(action="account.idle").count() == ended


@pytest.mark.parametrize(
    ("name", "minutes", "language", "told"),
    [
        ("city", 31, "zh-hans", "您超过 30 分钟没有操作，为安全起见已退出登录。请重新登录。"),
        ("city", 31, "en", "You were signed out for safety, as nothing was done for 30 minutes. Please sign in again."),
        ("officer", 12 * 60 + 1, "zh-hans", "您超过 12 小时没有操作，为安全起见已退出登录。请重新登录。"),
    ],
)  # fmt: skip
def test_whoever_was_signed_out_for_silence_reads_why_once(cast, name, minutes, language, told):
    client = sign_in(name)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    age(client, minutes=minutes)
    asked = client.get(ME)
    assert asked.url == f"{reverse('account_login')}?next={ME}"
    assert told in client.get(asked.url).content.decode()
    assert told not in client.get(asked.url).content.decode()
    stranger = Client()
    assert told not in stranger.get(stranger.get(ME).url).content.decode()


def test_a_part_of_a_page_never_becomes_the_sign_in_page(cast):
    answer = Client().get(ME, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Refresh"], answer.content) == (204, "true", b"")


@pytest.mark.parametrize(
    ("came", "back"),
    [
        ("http://testserver/me/?a=1", "/me/%3Fa%3D1"),
        ("", "/"),
        ("https://elsewhere.example/me/", "/"),
    ],
)
def test_whoever_sent_a_form_too_late_comes_back_to_its_page(cast, came, back):
    answer = Client().post(reverse("people:elder"), headers={"Referer": came})
    assert answer.url == f"{reverse('account_login')}?next={back}"


def test_of_several_roles_the_shortest_time_counts(cast):
    RoleGrant.objects.create(user=cast.manager, role=Role.EDITOR, unit=cast.city_organ, starts_on=APPOINTED)
    client = sign_in("manager")
    age(client, minutes=31)
    assert is_out(client)


@pytest.fixture
def sitting(cast):
    """The director, who regulates as well, has begun a sitting: her browser and what saves one answer."""
    RoleGrant.objects.create(user=cast.director, role=Role.REGULATOR, unit=cast.nankai, starts_on=APPOINTED)
    attempt = build.begun(build.make_session(cast), cast.director)
    client = sign_in("director")

    def save():
        entries = build.sent(attempt, build.right_entries(attempt, 1)[:1])
        answer = client.post(
            reverse("exams:save", args=[attempt.pk]), {"entries": entries}, content_type="application/json"
        )
        return answer.status_code

    return client, save


def test_a_sitting_in_progress_is_not_idle_but_lends_no_life_to_other_pages(cast, sitting):
    client, save = sitting
    assert save() == 200
    age(client, minutes=31)
    assert (save(), save()) == (200, 200)
    assert is_out(client)


def test_a_sitting_does_not_outlast_a_revocation(cast, sitting):
    client, save = sitting
    here = sign_in("director", PHONE)
    assert save() == 200
    here.post(reverse("people:device_end", args=[handle_of(row_of(client))]))
    assert save() in (302, 401, 403)


def test_nor_a_deactivation(cast, sitting):
    _client, save = sitting
    assert save() == 200
    cast.director.is_active = False
    cast.director.save()
    assert save() in (302, 401, 403)


def test_each_role_has_its_time():
    assert set(settings.IDLE_MINUTES) == {*Role.values, "officer"}
