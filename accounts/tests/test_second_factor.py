"""The second factor: who must have one, how it is asked for, how often it may be tried, who may take it away."""

import json
import re
import time
from datetime import timedelta
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from fido2.cose import ES256
from fido2.webauthn import AttestedCredentialData

from accounts.models import Login, Role, RoleGrant, User
from accounts.second_factor import MOST
from audit.models import AuditEvent
from tests import build
from tests.people import APPOINTED, PASSWORD

CREDENTIAL = AttestedCredentialData.create(bytes(16), b"a credential", ES256.from_ctap1(bytes(65)))
SIGN_IN, SECOND, SET_UP = "account_login", "mfa_authenticate", "mfa_index"
BOUND = {"station", "district", "other_district", "city", "editor", "reviewer", "admin"}


@pytest.fixture
def obligatory(settings):
    """As in production."""
    settings.SECOND_FACTOR = True


def code(secret, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def with_totp(person):
    """Give a person an app and recovery codes; tell the app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    person.refresh_from_db()
    return secret


def first_step(login, client=None, **more):
    client = client or Client()
    answer = client.post(reverse(SIGN_IN), {"login": login, "password": PASSWORD}, **more)
    return client, answer["Location"]


def second_step(client, typed, **more):
    """The answer to a code: where it leads, or the sentences of the form."""
    answer = client.post(reverse(SECOND), {"code": typed}, **more)
    if answer.status_code == 302:
        return answer["Location"]
    return [str(error) for error in answer.context["form"].errors["code"]]


def is_in(client):
    return "_auth_user_id" in client.session


def actions_of(person):
    target = f"accounts.user:{person.pk}"
    return list(AuditEvent.objects.filter(target=target).order_by("pk").values_list("action", flat=True))


def test_whoever_regulates_edits_reviews_or_administers_sets_one_up_first(cast, as_user, obligatory):
    led = {
        name
        for name, person in cast.everybody().items()
        if as_user(person).get(reverse("people:me")).get("Location") == reverse(SET_UP)
    }
    assert led == BOUND


def test_without_the_switch_nobody_must(cast, as_user):
    assert as_user(cast.admin).get(reverse("people:me")).status_code == 200


@pytest.mark.parametrize(("starts", "ends"), [(1, None), (-9, -1)])
def test_a_role_of_another_day_obliges_nobody(cast, as_user, obligatory, starts, ends):
    today = timezone.localdate()
    RoleGrant.objects.create(
        user=cast.officer,
        role=Role.ADMIN,
        unit=cast.city_organ,
        starts_on=today + timedelta(days=starts),
        ends_on=ends and today + timedelta(days=ends),
    )
    assert as_user(cast.officer).get(reverse("people:me")).status_code == 200


def test_she_sets_up_an_app_and_is_asked_for_its_code_from_then_on(
    cast, obligatory, django_capture_on_commit_callbacks
):
    client, to = first_step("admin")
    elsewhere, _to = first_step("admin")
    assert (to, client.get(to)["Location"]) == ("/", reverse(SET_UP))
    assert "您的角色须启用双重验证" in client.get(reverse(SET_UP)).content.decode()
    page = client.get(reverse("mfa_activate_totp"))
    assert (page.status_code, "no-store" in page["Cache-Control"]) == (200, True)
    secret = page.context["form"].secret
    assert second_refused(client, "000000" if code(secret) != "000000" else "000001")
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert done["Location"] == reverse("mfa_view_recovery_codes")
    shown = client.get(done["Location"]).content.decode()
    assert len(re.findall(r"<li>(\d{8})</li>", shown)) == 10
    assert client.get(reverse("people:me")).status_code == 200
    assert elsewhere.get(reverse("people:me"))["Location"].startswith(
        reverse(SIGN_IN)
    )  # knew the password alone

    again, to = first_step("admin")
    assert (to, is_in(again)) == (reverse(SECOND), False)
    assert again.get(reverse("people:me"))["Location"].startswith(reverse(SIGN_IN))
    assert second_step(again, code(secret, 1)) == "/"
    assert (is_in(again), again.get(reverse("people:me")).status_code) == (True, 200)
    assert [action for action in actions_of(cast.admin) if "factor" in action] == [
        "factor.added",
        "factor.added",
        "account.second_factor_used",
    ]


def second_refused(client, typed):
    return client.post(reverse("mfa_activate_totp"), {"code": typed}).status_code == 200


def test_officers_may(cast, as_user, obligatory):
    page = as_user(cast.officer).get(reverse(SET_UP)).content.decode()
    assert ("启用身份验证器应用" in page, "您的角色须启用双重验证" in page) == (True, False)


def test_secrets_rest_sealed(cast):
    secret = with_totp(cast.admin)
    app = Authenticator.objects.get(user=cast.admin, type="totp")
    codes = Authenticator.objects.get(user=cast.admin, type="recovery_codes")
    assert secret not in json.dumps(app.data)
    assert re.fullmatch(r"\w+:[A-Za-z0-9+/=]+", app.data["secret"])
    assert re.fullmatch(r"\w+:[A-Za-z0-9+/=]+", codes.data["seed"])
    assert app.wrap().validate_code(code(secret))


def test_a_code_opens_once_and_so_does_a_recovery_code(cast):
    secret = with_totp(cast.admin)
    now = code(secret, 1)
    assert second_step(first_step("admin")[0], now) == "/"
    assert second_step(first_step("admin")[0], f"{now[:3]} {now[3:]}") == ["验证码不正确，或刚刚已经用过。"]
    spare = Authenticator.objects.get(user=cast.admin, type="recovery_codes").wrap().get_unused_codes()[0]
    assert second_step(first_step("admin")[0], spare) == "/"
    assert second_step(first_step("admin")[0], spare) == ["验证码不正确，或刚刚已经用过。"]


def test_another_ones_code_does_not_open(cast):
    with_totp(cast.admin)
    other = with_totp(cast.city)
    client, _to = first_step("admin")
    assert second_step(client, code(other)) == ["验证码不正确，或刚刚已经用过。"]
    assert not is_in(client)


def test_codes_cannot_be_tried_out_from_wherever_they_come(cast):
    secret = with_totp(cast.admin)
    wrong = "000000" if code(secret) != "000000" else "111111"
    for turn in range(MOST):
        address = {"REMOTE_ADDR": f"203.0.113.{turn}"}
        client, _to = first_step("admin", **address)
        assert second_step(client, wrong, **address) == ["验证码不正确，或刚刚已经用过。"]
    client, _to = first_step("admin")
    refused = second_step(client, code(secret))
    assert (is_in(client), "验证码" in refused[0]) == (False, False)
    assert actions_of(cast.admin).count("account.second_factor_failed") == MOST
    with_city = with_totp(cast.city)
    assert second_step(first_step("city")[0], code(with_city)) == "/"


def test_a_success_forgives(cast):
    secret = with_totp(cast.admin)
    spares = Authenticator.objects.get(user=cast.admin, type="recovery_codes").wrap().get_unused_codes()
    for spare in spares[:2]:
        for _turn in range(MOST - 1):
            second_step(first_step("admin")[0], "abc")
        assert second_step(first_step("admin")[0], spare) == "/"
    assert second_step(first_step("admin")[0], code(secret)) == "/"


def test_a_sitting_goes_on_whatever_is_owed(cast, as_user, obligatory):
    session = build.make_session(cast)
    attempt = build.begun(session, cast.director)
    client = as_user(cast.director)
    address = reverse("exams:save", args=[attempt.pk])

    def save():
        body = json.dumps({"entries": build.sent(attempt, build.right_entries(attempt, 1)[:1])})
        return client.post(address, body, content_type="application/json").status_code

    assert (save(), client.get(reverse("people:me")).status_code) == (200, 200)
    RoleGrant.objects.create(user=cast.director, role=Role.REGULATOR, unit=cast.xiqing, starts_on=APPOINTED)
    assert client.get(reverse("people:me"))["Location"] == reverse(SET_UP)
    assert (save(), client.get(reverse("exams:sitting", args=[attempt.pk])).status_code) == (200, 200)


REASON = {"factor-reason": "手机丢失，已当面核实"}


def test_an_administrator_takes_a_lost_one_away_for_a_reason(cast, as_user):
    secret = with_totp(cast.city)
    there, _to = first_step("city")
    assert second_step(there, code(secret)) == "/"
    client = as_user(cast.admin)
    address = reverse("people:remove_second_factor", args=[cast.city.pk])
    assert "解除双重验证" in client.get(reverse("people:person", args=[cast.city.pk])).content.decode()
    assert client.post(address, {"factor-reason": ""}).status_code == 422
    assert Authenticator.objects.filter(user=cast.city).count() == 2
    assert client.post(address, REASON).status_code == 302
    cast.city.refresh_from_db()
    assert (Authenticator.objects.filter(user=cast.city).count(), cast.city.has_second_factor) == (0, False)
    event = AuditEvent.objects.get(action="factor.removed")
    assert (event.actor, event.data) == (cast.admin, {"why": REASON["factor-reason"]})
    assert there.get(reverse("people:me"))["Location"].startswith(reverse(SIGN_IN))
    assert first_step("city")[1] == "/"


@pytest.mark.parametrize(("by", "status"), [("manager", 302), ("city", 302), ("stranger_manager", 404)])
def test_nobody_else_does(cast, as_user, by, status):
    with_totp(cast.officer)
    address = reverse("people:remove_second_factor", args=[cast.officer.pk])
    client = as_user(getattr(cast, by))
    assert client.post(address, REASON).status_code == status
    assert User.objects.get(pk=cast.officer.pk).has_second_factor


def test_an_administrator_not_her_own(cast, as_user):
    with_totp(cast.admin)
    answer = as_user(cast.admin).post(reverse("people:remove_second_factor", args=[cast.admin.pk]), REASON)
    assert answer.status_code == 302
    assert User.objects.get(pk=cast.admin.pk).has_second_factor


def test_her_own_she_gives_up_herself_and_the_codes_go_with_it(cast, as_user):
    secret = with_totp(cast.officer)
    client, _to = first_step("officer")
    second_step(client, code(secret))
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert not Authenticator.objects.exists()
    assert not User.objects.get(pk=cast.officer.pk).has_second_factor


def test_what_is_set_up_is_not_given_up_without_saying_again_who_one_is(cast):
    with_totp(cast.officer)
    client = Client()
    client.force_login(cast.officer)  # signed in a while ago
    for name in ("mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn"):
        assert client.post(reverse(name))["Location"].startswith(reverse("account_reauthenticate"))
    assert "mfa_view" not in client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert Authenticator.objects.count() == 2


def test_sessions_of_the_old_key_are_gone_after_the_second_step(cast):
    secret = with_totp(cast.admin)
    client, _to = first_step("admin")
    before = client.session.session_key
    second_step(client, code(secret))
    assert client.session.session_key != before
    assert [login.person for login in Login.objects.filter(session_key=before)] == []


def test_each_form_of_the_second_step_carries_its_token(cast):
    with_totp(cast.admin)
    data = {"name": "key", "credential": {}}
    Authenticator.objects.create(user=cast.admin, type="webauthn", data=data)
    client, to = first_step("admin")
    with patch("allauth.mfa.webauthn.internal.auth.get_credentials", lambda user: [CREDENTIAL]):
        page = client.get(to).content.decode()
    assert page.count('method="post"') == page.count('name="csrfmiddlewaretoken"') == 4
    assert "data-passkey=" in page


STRANGE = [
    {"id": "x"},
    {"id": "eA", "rawId": "eA", "response": {}},
    [],
    "x",
    7,
    {"response": {"userHandle": 3}},
]


@pytest.mark.parametrize("answer", STRANGE)
def test_a_strange_answer_for_a_passkey_is_a_wrong_one(cast, answer):
    client, _to = first_step("officer")
    options = client.get(reverse("mfa_add_webauthn")).context["js_data"]["creation_options"]["publicKey"]
    assert (options["user"]["name"], options["rp"]["id"]) == ("officer", "testserver")
    sent = {"name": "x", "credential": json.dumps(answer)}
    assert client.post(reverse("mfa_add_webauthn"), sent).status_code == 200
    assert not Authenticator.objects.exists()
    with_totp(cast.admin)
    client, _to = first_step("admin")
    assert client.post(reverse(SECOND), {"credential": json.dumps(answer)}).status_code == 200
    assert not is_in(client)
