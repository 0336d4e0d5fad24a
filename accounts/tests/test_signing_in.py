"""Signing in by whatever name a person knows of herself."""

import re

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.urls import reverse

from accounts import vault
from accounts.actions import make_administrator
from audit.models import AuditEvent
from tests.people import PASSWORD


def sign_in(client, login, password=PASSWORD):
    response = client.post(reverse("account_login"), {"login": login, "password": password})
    return response.status_code, client.session.get(SESSION_KEY)


@pytest.mark.parametrize(
    "login",
    [
        "officer",
        "19900000001",
        "+86 199 0000 0001",
        "199-0000-0001",
        "officer@example.invalid",
        "OFFICER@EXAMPLE.INVALID",
    ],
)
def test_username_phone_and_email_all_lead_in(client, cast, login):
    assert sign_in(client, login) == (302, str(cast.officer.pk))


@pytest.mark.parametrize(
    ("login", "password"),
    [("officer", "wrong"), ("19900009999", PASSWORD), ("", PASSWORD), ("11010519491231002X", PASSWORD)],
)
def test_anything_else_does_not(client, cast, login, password):
    assert sign_in(client, login, password) == (200, None)


def test_whoever_has_neither_phone_nor_e_mail_signs_in_by_username(client, db):
    first = make_administrator("root", name="管理", password=PASSWORD)
    assert sign_in(client, "root") == (302, str(first.pk))


def test_a_deactivated_person_stays_outside(client, cast):
    cast.officer.is_active = False
    cast.officer.save()
    assert sign_in(client, "officer")[1] is None


@pytest.mark.parametrize(
    "spellings", [["officer"] * 5, ["19900000001", "199-0000-0001", "+86 19900000001"] * 2]
)
def test_five_failures_close_the_door_for_one_account_only(client, cast, spellings):
    for login in spellings[:5]:
        sign_in(client, login, "wrong")
    assert sign_in(client, spellings[0])[1] is None
    assert sign_in(client, "director") == (302, str(cast.director.pk))


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ("officer", "nobody-at-all"),
        ("19900000001", "19900009999"),
        ("officer@example.invalid", "o@example.invalid"),
    ],
)
def test_a_name_that_nobody_has_is_turned_away_like_one_that_somebody_has(client, cast, known, unknown):
    def said(login):
        answer = client.post(reverse("account_login"), {"login": login, "password": "wrong"})
        return answer.context["form"].errors.get_json_data()

    found = [(said(known), said(unknown)) for _turn in range(7)]
    assert [one == other for one, other in found] == [True] * 7
    assert found[0] != found[6]  # the last ones were turned away for their number


def test_failures_from_elsewhere_keep_nobody_out_until_they_are_very_many(client, cast):
    stranger = {"REMOTE_ADDR": "203.0.113.9"}
    for _turn in range(7):
        client.post(reverse("account_login"), {"login": "officer", "password": "wrong"}, **stranger)
    assert sign_in(client, "officer") == (302, str(cast.officer.pk))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_speaks_the_chosen_language_whatever_the_browser_prefers(client, db, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(reverse("account_login"), headers={"accept-language": "fr"})
    assert (page.status_code, f'<html lang="{language}"' in page.content.decode()) == (200, True)
    assert page["Content-Language"] == language


NOT_OFFERED = [
    "/accounts/signup/", "/accounts/email/", "/accounts/confirm-email/", "/accounts/confirm-email/abc:def/",
    "/accounts/phone/change/", "/accounts/phone/verify/", "/accounts/login/code/confirm/",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_OFFERED)
def test_what_is_not_offered_is_not_there(client, cast, as_user, address):
    assert client.get(address).status_code == 404
    signed_in = as_user(cast.officer)
    assert (signed_in.get(address).status_code, signed_in.post(address, {}).status_code) == (404, 404)
    assert address not in signed_in.get(reverse("people:me")).content.decode()


def lines():
    return [(e.action, e.target, e.actor, e.data) for e in AuditEvent.objects.order_by("pk")]


def test_each_event_of_an_account_leaves_its_line_and_no_secret(client, cast):
    me = f"accounts.user:{cast.officer.pk}"
    sign_in(client, "199-0000-0001", "wrong")
    sign_in(client, "a password typed here", "wrong")
    sign_in(client, "officer@example.invalid")
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "Another quiet one", "password2": "Another quiet one"},
    )
    client.post(reverse("account_logout"))
    client.post(reverse("account_logout"))
    typed = vault.fingerprint("login", "a password typed here")
    assert lines() == [
        ("account.sign_in_failed", me, None, {}),
        ("account.sign_in_failed", f"accounts.user:{typed}", None, {}),
        ("account.signed_in", me, cast.officer, {}),
        ("account.password_changed", me, cast.officer, {}),
        ("account.signed_out", me, cast.officer, {}),
    ]
    assert sign_in(client, "officer", "Another quiet one") == (302, str(cast.officer.pk))


def test_a_forgotten_password_is_replaced_by_way_of_the_email(client, cast, mailoutbox):
    assert client.get(reverse("account_reset_password")).status_code == 200
    sent = client.post(reverse("account_reset_password"), {"email": cast.officer.email})
    assert sent["Location"] == reverse("account_reset_password_done")
    assert client.get(sent["Location"]).status_code == 200
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mailoutbox[0].body)[1]
    form = client.get(link, follow=True)
    done = client.post(
        form.request["PATH_INFO"], {"password1": "Another quiet one", "password2": "Another quiet one"}
    )
    assert done["Location"] == reverse("account_reset_password_from_key_done")
    assert client.get(done["Location"]).status_code == 200
    assert [action for action, *_rest in lines()] == ["account.password_reset"]
    assert sign_in(client, "officer", "Another quiet one") == (302, str(cast.officer.pk))


def test_nobody_is_invited_to_sign_up(client, cast, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": "unknown@example.invalid"})
    assert mailoutbox == []


def test_a_stranger_may_choose_her_language(client, db):
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert 'lang="en"' in client.get("/accounts/login/").content.decode()
