"""Signing in by whatever name a person knows of herself."""

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.urls import reverse

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


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_speaks_the_chosen_language_whatever_the_browser_prefers(client, db, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(reverse("account_login"), headers={"accept-language": "fr"})
    assert (page.status_code, f'<html lang="{language}"' in page.content.decode()) == (200, True)
    assert page["Content-Language"] == language


def test_nobody_signs_up(client, db):
    assert "form" not in (client.get(reverse("account_signup")).context or {})
