"""A first password for people without e-mail: who may issue it, where it can be read, what it opens."""

import json
import re
from datetime import date

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.actions.passwords import ALPHABET, LENGTH
from accounts.models import PostKind, Role, RoleGrant, User
from audit.models import AuditEvent
from tests.people import PASSWORD, id_number

SHOWN = re.compile(rf"issued-password\">([{ALPHABET}]{{{LENGTH}}})<")
OWN = "A password of her own"


@pytest.fixture
def newcomer(cast):
    """Appointed at Jinhai, entered without e-mail and password."""
    actions.take_on(
        cast.jinhai,
        name="新来",
        id_number=id_number(500),
        username="newcomer",
        kind=PostKind.OFFICER,
        appointed_on=date(2026, 5, 6),
        by=cast.manager,
    )
    return User.objects.get(username="newcomer")


def issue(as_user, by, person):
    """Press the button; give the answer and the password on it."""
    answer = as_user(by).post(reverse("people:set_password", args=[person.pk]))
    shown = SHOWN.findall(answer.content.decode())
    return answer, shown[0] if shown else ""


def sign_in(login, password):
    client = Client()
    client.post(reverse("account_login"), {"login": login, "password": password})
    return client


def change(client, old, new, **more):
    data = {"oldpassword": old, "password1": new, "password2": new, **more}
    return client.post(reverse("account_change_password"), data)


@pytest.mark.parametrize("name", ["manager", "station", "district", "city", "admin"])
def test_whoever_oversees_a_person_gives_her_the_first_password(cast, newcomer, as_user, name):
    by = getattr(cast, name)
    assert "设置初始密码" in as_user(by).get(reverse("people:person", args=[newcomer.pk])).content.decode()
    answer, password = issue(as_user, by, newcomer)
    newcomer.refresh_from_db()
    assert (answer.status_code, "no-store" in answer["Cache-Control"], newcomer.check_password(password)) == (200, True, True)  # fmt: skip
    event = AuditEvent.objects.get(action="password.issued")
    assert (event.actor, event.target, event.data) == (by, f"accounts.user:{newcomer.pk}", {"reset": False})


def test_the_password_is_read_once_and_kept_nowhere(cast, newcomer, as_user, caplog):
    answer, password = issue(as_user, cast.manager, newcomer)
    assert password in answer.content.decode()
    client = as_user(cast.manager)
    later = client.get(reverse("people:person", args=[newcomer.pk])).content.decode()
    told = json.dumps([[e.action, e.target_label, e.data] for e in AuditEvent.objects.all()])
    kept = [
        later,
        told,
        caplog.text,
        json.dumps(dict(client.session)),
        str(client.cookies),
        "".join(map(str, mail.outbox)),
    ]
    assert [password in text for text in kept] == [False] * len(kept)
    assert sign_in("newcomer", password).session["_auth_user_id"] == str(newcomer.pk)
    answer, again = issue(as_user, cast.manager, newcomer)
    assert (answer.status_code, again) == (302, "")


def test_a_lost_slip_is_replaced_as_long_as_nobody_came_in_by_it(cast, newcomer, as_user):
    lost = issue(as_user, cast.manager, newcomer)[1]
    found = issue(as_user, cast.manager, newcomer)[1]
    assert [SESSION_KEY in sign_in("newcomer", one).session for one in (lost, found)] == [False, True]


def test_two_issued_passwords_differ(cast, newcomer):
    issued = {actions.issue_password(newcomer, by=cast.admin, on=date(2026, 6, 1)) for _again in range(3)}
    assert len(issued) == 3


def test_an_issued_password_opens_nothing_but_its_own_change(cast, newcomer, as_user):
    password = issue(as_user, cast.manager, newcomer)[1]
    client = sign_in("newcomer", password)
    pages = ["people:me", "dashboards:home", "exams:mine", "certificates:wallet"]
    to = reverse("account_change_password")
    assert [client.get(reverse(page))["Location"].split("?")[0] for page in pages] == [to] * len(pages)
    assert client.post(reverse("people:elder"), {"elder": "1"})["Location"] == to
    assert "您用的是一次性密码" in client.get(client.get("/me/?a=1")["Location"]).content.decode()
    assert [client.get(reverse(name)).status_code for name in ("healthz", "certificates:verify")] == [
        200,
        200,
    ]
    assert "新密码不能与当前密码相同" in change(client, password, password).content.decode()
    assert change(client, password, OWN, next="/me/?a=1")["Location"] == "/me/?a=1"
    assert client.get("/me/?a=1").status_code == 200
    assert "您用的是一次性密码" not in client.get(to).content.decode()
    assert [e.actor for e in AuditEvent.objects.filter(action="password.chosen")] == [newcomer]
    assert sign_in("newcomer", OWN).get("/me/").status_code == 200


def test_signing_out_is_always_open(cast, newcomer, as_user):
    client = sign_in("newcomer", issue(as_user, cast.manager, newcomer)[1])
    assert client.post(reverse("account_logout"))["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_a_password_from_the_letter_counts_as_her_own(cast, newcomer, as_user):
    issue(as_user, cast.manager, newcomer)
    User.objects.filter(pk=newcomer.pk).update(email="newcomer@example.invalid")
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "newcomer@example.invalid"})
    link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[0].body)[0]
    client.post(client.get(link)["Location"], {"password1": OWN, "password2": OWN})
    assert sign_in("newcomer", OWN).get("/me/").status_code == 200


def test_somebody_with_an_address_and_no_password_chooses_one_by_letter(cast, newcomer):
    User.objects.filter(pk=newcomer.pk).update(email="newcomer@example.invalid")
    Client().post(reverse("account_reset_password"), {"email": "newcomer@example.invalid"})
    assert [letter.to for letter in mail.outbox] == [["newcomer@example.invalid"]]


def test_a_password_that_exists_is_reset_by_an_administrator_only(cast, as_user):
    at_work = sign_in("officer", PASSWORD)
    assert at_work.get("/me/").status_code == 200
    refused = [
        issue(as_user, getattr(cast, name), cast.officer)[0].status_code
        for name in ("manager", "station", "city")
    ]
    assert (refused, User.objects.get(pk=cast.officer.pk).check_password(PASSWORD)) == ([302] * 3, True)
    answer, password = issue(as_user, cast.admin, cast.officer)
    assert (answer.status_code, AuditEvent.objects.get(action="password.issued").data) == (
        200,
        {"reset": True},
    )
    assert at_work.get("/me/").status_code == 302
    assert sign_in("officer", password).get("/me/")["Location"].startswith(reverse("account_change_password"))


def test_outside_ones_reach_there_is_no_such_page(cast, newcomer, as_user):
    for name in ("stranger_manager", "other_district", "officer", "editor"):
        assert issue(as_user, getattr(cast, name), newcomer)[0].status_code == 404
    assert not User.objects.get(pk=newcomer.pk).has_usable_password()


def refusal(as_user, by, person):
    """The sentence with which an act is refused."""
    answer = issue(as_user, by, person)[0]
    assert answer.status_code == 302
    return [str(message) for message in as_user(by).get(answer["Location"]).context["messages"]]


def test_nobody_reaches_through_a_new_password_for_a_higher_authority(cast, newcomer, as_user):
    higher = ["此人担有您管理范围之外的角色，请由管理该角色的系统管理员设置密码。"]
    RoleGrant.objects.create(
        user=newcomer, role=Role.REGULATOR, unit=cast.city_organ, starts_on=date(2026, 1, 1)
    )
    RoleGrant.objects.create(
        user=cast.district, role=Role.ADMIN, unit=cast.xiqing, starts_on=date(2026, 1, 1)
    )
    assert [refusal(as_user, by, newcomer) for by in (cast.manager, cast.district)] == [higher, higher]
    assert issue(as_user, cast.admin, newcomer)[0].status_code == 200


def test_an_enterprise_manager_in_post_is_within_reach_of_her_regulator(cast, newcomer, as_user):
    RoleGrant.objects.create(
        user=newcomer, role=Role.MANAGER, unit=cast.jinhai.unit, starts_on=date(2026, 1, 1)
    )
    assert issue(as_user, cast.station, newcomer)[0].status_code == 200


def test_a_second_employer_leaves_the_password_to_the_regulator(cast, newcomer, as_user):
    day = date(2026, 6, 1)
    actions.appoint(
        newcomer, enterprise=cast.hengtong, kind=PostKind.OFFICER, appointed_on=day, by=cast.stranger_manager
    )
    said = refusal(as_user, cast.stranger_manager, newcomer)
    assert said == ["此人在别的企业还有任职，请由监管机构设置密码。"]
    assert issue(as_user, cast.other_district, newcomer)[0].status_code == 200


def test_a_former_employer_gives_no_passwords(cast, newcomer, as_user):
    actions.dismiss(newcomer.posts.get(), ended_on=date(2026, 5, 7), by=cast.manager)
    said = refusal(as_user, cast.manager, newcomer)
    assert said == ["此人现在不在您管理的企业任职，不能为其设置密码。"]
    assert issue(as_user, cast.admin, newcomer)[0].status_code == 200


def test_an_administrator_gives_a_new_clerk_her_password_but_not_herself(cast, as_user):
    clerk = actions.enter_person(name="新监", username="new.clerk", by=cast.admin)
    actions.grant(clerk, role=Role.REGULATOR, unit=cast.nankai, by=cast.admin)
    assert issue(as_user, cast.admin, clerk)[0].status_code == 200
    assert refusal(as_user, cast.admin, cast.admin) == ["自己的密码请在“我的”页面修改。"]


def test_the_question_costs_no_query_of_its_own(cast, as_user, django_assert_num_queries):
    from accounts.middleware import OwnPasswordMiddleware

    class Request:
        user = cast.officer
        method = "GET"
        resolver_match = type("Match", (), {"view_name": "exams:save"})

    with django_assert_num_queries(0):
        assert OwnPasswordMiddleware(None).process_view(Request, lambda request: None, (), {}) is None
