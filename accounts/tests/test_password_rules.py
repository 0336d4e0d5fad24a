"""What a password must be, and how long it may be in use."""

from datetime import timedelta

import pytest
from django.contrib.auth.password_validation import get_default_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.db import Error, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import FormerPassword, Role, RoleGrant, User
from accounts.tests.test_second_factor import with_totp
from tests import build
from tests.people import APPOINTED, PASSWORD, phone

PLAIN, ABOUT, USED, SAME = (
    "password_too_plain",
    "password_about_oneself",
    "password_used_before",
    "password_unchanged",
)


def problems(password, person):
    try:
        validate_password(password, person)
    except ValidationError as found:
        return sorted(one.code for one in found.error_list)
    return []


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("zhikao-demo-2026", []),
        ("Rivers and 7 hills", []),
        ("rivers and hills", [PLAIN]),
        ("riversandhills", [PLAIN]),
        ("RIVERSandhills", [PLAIN]),
        ("20261126384756", [PLAIN]),
        ("江河湖海Rivers9", []),
        ("Sh0rt!", ["password_too_short"]),
        ("Officer-20387", [ABOUT]),
        ("Password123!", []),
        ("P4ss王雨晨w0rd", [ABOUT]),
        (f"Ab!{phone(1)}", [ABOUT]),
        (f"Ab!x{phone(1)[-8:]}", [ABOUT]),
        ("Ab!19880312xx", [ABOUT]),
        (PASSWORD, [PLAIN, SAME]),
    ],
)
def test_a_password_is_mixed_and_not_about_its_owner(cast, password, found):
    assert [code for code in problems(password, cast.officer) if code != "password_too_similar"] == found


def test_a_short_username_forbids_nothing(db):
    assert problems("Rivers and 7 hills", User(username="an", name="An")) == []


def test_each_rule_is_told_beforehand():
    assert all(rule.get_help_text() for rule in get_default_password_validators())


@pytest.fixture
def six():
    return [f"Rivers and {n} hills" for n in range(6)]


def test_the_last_five_do_not_come_back(cast, six):
    for password in six:
        actions.choose_password(cast.officer, password)
    assert problems(PASSWORD, cast.officer) == [PLAIN]  # the sixth before: forgotten
    assert [problems(password, cast.officer) for password in six] == [[USED]] * 5 + [[SAME]]
    assert problems(six[0], cast.director) == []


def test_former_passwords_are_hashes_and_stay(cast, six):
    actions.choose_password(cast.officer, six[0])
    kept = FormerPassword.objects.get()
    assert PASSWORD not in kept.encoded
    for change in (kept.delete, lambda: FormerPassword.objects.update(encoded="x")):
        with pytest.raises(Error), transaction.atomic():
            change()


def change(client, old, new):
    data = {"oldpassword": old, "password1": new, "password2": new}
    return client.post(reverse("account_change_password"), data)


def test_the_page_of_the_change_keeps_the_rules(cast, as_user, six):
    client = as_user(cast.officer)
    assert change(client, PASSWORD, six[0]).status_code == 302
    assert change(client, six[0], six[1]).status_code == 302
    again = change(client, six[1], six[0])
    assert (again.status_code, "不能使用最近用过的五个密码" in again.content.decode()) == (200, True)


def test_nor_does_an_issued_password_hide_the_one_before(cast, as_user, six):
    actions.choose_password(cast.officer, six[0])
    actions.issue_password(cast.officer, by=cast.admin, on=timezone.localdate())
    cast.officer.refresh_from_db()
    assert problems(six[0], cast.officer) == [USED]


def grow_old(person, days=91):
    User.objects.filter(pk=person.pk).update(password_set_at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize(
    ("name", "days", "sent_on"),
    [
        ("city", 89, False),
        ("city", 91, True),
        ("admin", 91, True),
        ("editor", 91, False),
        ("manager", 91, False),
        ("officer", 400, False),
    ],
)
def test_an_old_password_of_office_is_changed_first(cast, as_user, name, days, sent_on):
    person = getattr(cast, name)
    grow_old(person, days)
    answer = as_user(person).get("/me/")
    assert answer.status_code == (302 if sent_on else 200)
    if sent_on:
        assert answer["Location"].startswith(reverse("account_change_password"))


def test_with_a_new_one_she_goes_on(cast, as_user, six):
    grow_old(cast.city)
    client = as_user(cast.city)
    assert "已使用较长时间" in client.get(reverse("account_change_password")).content.decode()
    assert change(client, PASSWORD, six[0]).status_code == 302
    assert client.get("/me/").status_code == 200


def test_first_the_password_then_the_second_factor(cast, as_user, settings):
    settings.SECOND_FACTOR = True
    grow_old(cast.city)
    assert as_user(cast.city).get("/me/")["Location"].startswith(reverse("account_change_password"))
    assert as_user(cast.city).get(reverse("account_change_password")).status_code == 200
    with_totp(cast.city)
    assert as_user(cast.city).get("/me/")["Location"].startswith(reverse("account_change_password"))


def test_a_sitting_is_not_interrupted_by_an_old_password(cast, as_user):
    RoleGrant.objects.create(user=cast.director, role=Role.REGULATOR, unit=cast.nankai, starts_on=APPOINTED)
    attempt = build.begun(build.make_session(cast), cast.director)
    grow_old(cast.director)
    client = as_user(cast.director)
    assert client.get(reverse("exams:sitting", args=[attempt.pk])).status_code == 200
    assert client.get("/me/").status_code == 302
