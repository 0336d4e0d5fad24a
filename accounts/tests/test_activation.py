"""People who were imported and have no password: taking up the account by a code."""

from datetime import date

import pytest
from allauth.account.stages import LoginStage
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions, queries, tasks
from accounts.models import PostKind, User
from accounts.reach import Reach, places_of
from accounts.tests.test_phone_codes import ASK, CONFIRM
from audit.models import AuditEvent
from tests.people import id_number

PHONE, OWN = "19900000500", "A password of her own 7"
TODAY = date(2026, 6, 1)


@pytest.fixture
def newcomer(cast):
    """Appointed at Jinhai with a phone, entered without e-mail and password."""
    actions.take_on(
        cast.jinhai,
        name="新来",
        id_number=id_number(500),
        username="newcomer",
        phone=PHONE,
        kind=PostKind.OFFICER,
        appointed_on=date(2026, 5, 6),
        by=cast.manager,
    )
    return User.objects.get(username="newcomer")


@pytest.fixture
def by_code(monkeypatch):
    """Sign in by a code that the telephone shows."""
    codes = []
    monkeypatch.setattr(
        "accounts.actions.codes._leave_to_worker", lambda phone, code, **more: codes.append(code)
    )

    def come_in():
        client = Client()
        client.post(ASK, {"phone": PHONE})
        return client, client.post(CONFIRM, {"code": codes[-1]}, follow=True)

    return come_in


def test_she_comes_in_by_a_code_is_told_that_she_has_no_password_and_sets_one(cast, newcomer, by_code):
    client, answer = by_code()
    assert client.session[SESSION_KEY] == str(newcomer.pk)
    assert "您还没有设置密码" in answer.content.decode()
    assert "设置密码" in client.get("/me/").content.decode()
    to = client.get(reverse("account_change_password"))["Location"]
    assert (to, client.get(to).status_code) == (reverse("account_set_password"), 200)
    done = client.post(to, {"password1": OWN, "password2": OWN})
    assert (done["Location"], client.get("/me/").status_code) == ("/me/", 200)
    with_password = Client()
    with_password.post(reverse("account_login"), {"login": "newcomer", "password": OWN})
    assert with_password.session[SESSION_KEY] == str(newcomer.pk)


def test_a_slip_on_its_way_dies_and_she_chooses_a_password_before_anything_else(cast, newcomer, by_code):
    slip = actions.issue_password(newcomer, by=cast.manager, on=TODAY)
    client, answer = by_code()
    assert answer.redirect_chain[-1][0].startswith(reverse("account_set_password"))
    assert "一次性密码已经作废" in answer.content.decode()
    assert client.get("/me/")["Location"].startswith(reverse("account_change_password"))
    finder = Client()
    finder.post(reverse("account_login"), {"login": "newcomer", "password": slip})
    assert SESSION_KEY not in finder.session
    client.post(reverse("account_set_password"), {"password1": OWN, "password2": OWN})
    assert client.get("/me/").status_code == 200
    done = AuditEvent.objects.filter(actor=newcomer, action__startswith="password.").order_by("pk")
    assert [event.action for event in done] == ["password.dropped", "password.chosen"]


def test_a_password_of_her_own_is_left_alone(cast, newcomer, by_code):
    newcomer.set_password(OWN)
    newcomer.save()
    _client, answer = by_code()
    assert "您还没有设置密码" not in answer.content.decode()
    assert User.objects.get(pk=newcomer.pk).check_password(OWN)


def test_a_stage_that_stands_before_the_door_is_asked_here_too(cast, newcomer, by_code, monkeypatch):
    """A second factor is such a stage; until it is passed nothing is opened and no slip dies."""
    slip = actions.issue_password(newcomer, by=cast.manager, on=TODAY)
    stages = [f"{__name__}.Wait"]
    monkeypatch.setattr("accounts.adapter.AccountAdapter.get_login_stages", lambda self: stages)
    client, answer = by_code()
    assert (answer.content, SESSION_KEY in client.session) == (b"a second factor, please", False)
    assert User.objects.get(pk=newcomer.pk).check_password(slip)


class Wait(LoginStage):
    """A stage that lets nobody by."""

    key = "wait"

    def handle(self):
        """Ask for more."""
        return HttpResponse("a second factor, please"), True


def test_whoever_came_in_once_is_out_of_the_managers_hands(cast, newcomer, by_code):
    reach = Reach(cast.manager, TODAY)

    def free(person):
        places = places_of([person], TODAY)[person.pk]
        return reach.may_mend(person, places), queries.why_not_issue(person, by=cast.manager, on=TODAY)

    assert free(newcomer) == (True, "")
    by_code()
    mend, why = free(User.objects.get(pk=newcomer.pk))
    assert (mend, why[:8]) == (False, "此人已启用账号。")


def test_the_worker_forgets_codes(cast, newcomer):
    actions.ask(PHONE, now=timezone.now() - timezone.timedelta(days=2))
    assert tasks.forget_codes.call() == 1
