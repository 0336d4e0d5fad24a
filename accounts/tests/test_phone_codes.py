"""Signing in by a code that came by short message."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import actions, sms, tasks
from accounts.actions.codes import LATER, SOON
from accounts.models import PhoneCode, User
from audit.context import acting_as
from audit.models import AuditEvent
from audit.transitions import Refused
from exams.tests.together import together
from tests.people import PASSWORD

OFFICERS, NOBODYS = "19900000001", "19900009999"
ASK, CONFIRM = "/accounts/login/phone/", "/accounts/login/phone/code/"


@pytest.fixture(autouse=True)
def sent(settings, tmp_path):
    """The messages so far, after the worker has done what waits."""
    settings.SMS_FILE = str(tmp_path / "sms.log")

    def read():
        for task in DBTaskResult.objects.filter(status="READY", task_path="accounts.tasks.send_code"):
            tasks.send_code.call(*task.args_kwargs["args"])
            DBTaskResult.objects.filter(pk=task.pk).update(status="SUCCESSFUL")
        file = Path(settings.SMS_FILE)
        lines = file.read_text().splitlines() if file.exists() else []
        return [(m["phone"], m["template"], m["parameters"]) for m in map(json.loads, lines)]

    return read


def asked(phone=OFFICERS, client=None, **more):
    """A browser that has asked for a code."""
    client = client or Client()
    answer = client.post(ASK, {"phone": phone, **more})
    assert (answer.status_code, answer["Location"]) == (302, CONFIRM)
    return client


def try_code(client, code):
    answer = client.post(CONFIRM, {"code": code})
    return answer.status_code, client.session.get(SESSION_KEY)


def code_of(sent):
    return sent()[-1][2]["code"]


def other_than(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def said(answer, *numbers):
    """All that a browser gets, but for what differs anyway: the form's token, the request's id, the number that was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    for number in numbers:
        text = text.replace(number, "N").replace(f"{number[:3]}****{number[-4:]}", "N")
    by_chance = (
        "X-Request-ID",
        "Content-Security-Policy",
        "Content-Length",
        "Expires",
    )  # the last one is a clock
    headers = {name: value for name, value in answer.headers.items() if name not in by_chance}
    return answer.status_code, headers, text


def lines():
    found = AuditEvent.objects.filter(action__startswith="phone_code").order_by("pk")
    return [(e.action, e.target_label, e.actor, e.data) for e in found]


def test_a_code_leads_in_once_and_each_step_leaves_a_line_without_the_number(cast, sent):
    browser = asked("+86 199-0000-0001", next="/me/?a=1")
    assert sent() == [(OFFICERS, "sign_in_code", {"code": code_of(sent), "minutes": 5})]
    code = code_of(sent)
    assert try_code(browser, other_than(code)) == (200, None)
    full_width = code.translate({ord(digit): ord("０") + int(digit) for digit in "0123456789"})
    answer = browser.post(CONFIRM, {"code": f" {full_width[:3]} {full_width[3:]}"})
    assert (answer.status_code, answer["Location"]) == (302, "/me/?a=1")
    assert browser.session[SESSION_KEY] == str(cast.officer.pk)
    assert browser.get("/me/").status_code == 200
    mask = {"phone": "199****0001"}
    assert lines() == [
        ("phone_code.asked", "王雨晨", None, mask | {"sent": True}),
        ("phone_code.failed", "王雨晨", None, mask),
        ("phone_code.used", "王雨晨", cast.officer, {}),
    ]
    assert AuditEvent.objects.filter(action="account.signed_in", actor=cast.officer).count() == 1
    assert try_code(Client(), code) == (302, None)  # nothing was asked there


def test_a_used_code_does_not_lead_in_again(cast, sent):
    now = timezone.now()
    ticket = actions.ask(OFFICERS, now=now)
    code = code_of(sent)
    tries = [actions.redeem(OFFICERS, code, ticket=ticket, now=now) for _again in range(2)]
    assert tries == [cast.officer, None]


def test_neither_number_nor_code_lies_in_the_database_or_the_log(cast, sent, caplog):
    browser = asked()
    code = code_of(sent)
    try_code(browser, other_than(code))
    kept = [list(PhoneCode.objects.values_list()), list(DBTaskResult.objects.values_list()), dict(browser.session),
            list(AuditEvent.objects.values_list()), caplog.text]  # fmt: skip
    assert [OFFICERS in str(one) or f"'{code}'" in str(one) for one in kept] == [False] * 5


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_number_that_nobody_has_is_answered_byte_for_byte_like_any_other(cast, sent, language):
    cast.stranger.is_active = False
    cast.stranger.save()
    numbers = (OFFICERS, NOBODYS, cast.stranger.phone)

    def story(number):
        browser = Client()
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        wrong = "000000" if not sent() or code_of(sent) != "000000" else "000001"
        steps = [
            browser.post(ASK, {"phone": number}),
            browser.get(CONFIRM),
            *(browser.post(CONFIRM, {"code": wrong}) for _try in range(7)),
            browser.post(ASK, {"phone": number}),
            browser.get(CONFIRM),
            browser.post(ASK, {"again": "1"}),
            browser.get(CONFIRM),
        ]
        elsewhere = Client()
        elsewhere.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        steps.append(elsewhere.post(ASK, {"phone": number}))
        return [said(step, number) for step in steps]

    known, *others = map(story, numbers)
    assert [other == known for other in others] == [True, True]
    assert [phone for phone, *_rest in sent()] == [OFFICERS]


def test_it_takes_the_same_statements_for_a_number_that_nobody_has(cast):
    def statements(number):
        with CaptureQueriesContext(connection) as caught:
            ticket = actions.ask(number, now=timezone.now())
            actions.redeem(number, "000000", ticket=ticket, now=timezone.now())
        return [re.sub(r"'[^']*'|\d+", "?", one["sql"]) for one in caught]

    known, unknown = statements(OFFICERS), statements(NOBODYS)
    assert [sql[:60] for sql in known] == [sql[:60] for sql in unknown]


@pytest.mark.parametrize(
    ("later", "leads"), [(timedelta(minutes=4, seconds=59), True), (timedelta(minutes=5), False)]
)
def test_a_code_is_good_for_five_minutes(cast, sent, later, leads):
    now = timezone.now()
    ticket = actions.ask(OFFICERS, now=now)
    person = actions.redeem(OFFICERS, code_of(sent), ticket=ticket, now=now + later)
    assert person == (cast.officer if leads else None)


@pytest.mark.parametrize(("wrong", "leads"), [(4, True), (5, False)])
def test_a_code_can_be_tried_five_times(cast, sent, wrong, leads):
    browser = asked()
    code = code_of(sent)
    for _turn in range(wrong):
        assert try_code(browser, other_than(code)) == (200, None)
    assert try_code(browser, code)[1] == (str(cast.officer.pk) if leads else None)


def test_a_new_code_ends_the_old_one(cast, sent):
    now = timezone.now()
    old = actions.ask(OFFICERS, now=now)
    old_code = code_of(sent)
    new = actions.ask(OFFICERS, now=now + timedelta(minutes=2))
    assert actions.redeem(OFFICERS, old_code, ticket=old, now=now) is None
    assert actions.redeem(OFFICERS, code_of(sent), ticket=new, now=now) == cast.officer


def test_another_browser_cannot_use_up_the_tries(cast, sent):
    now = timezone.now()
    ticket = actions.ask(OFFICERS, now=now)
    for _turn in range(9):
        assert actions.redeem(OFFICERS, code_of(sent), ticket="another", now=now) is None
    assert actions.redeem(OFFICERS, code_of(sent), ticket=ticket, now=now) == cast.officer


@pytest.mark.parametrize("number", [OFFICERS, NOBODYS])
def test_codes_come_once_a_minute_five_times_an_hour_ten_times_a_day(cast, number):
    """Each line of the log counts from when it was written, so the clock is moved on and not the lines."""

    def refusal(minutes):
        try:
            actions.ask(number, now=timezone.now() + timedelta(minutes=minutes))
        except Refused as refused:
            return str(refused)
        return ""

    first = [refusal(minutes) for minutes in (0, 0.9, 1.1, 1.1, 1.1, 1.1, 1.1, 59)]
    assert first == ["", SOON, "", "", "", "", LATER, LATER]
    assert [refusal(61) for _turn in range(6)] == [""] * 5 + [LATER]
    assert (refusal(23 * 60), refusal(24 * 60 + 1)) == (LATER, "")


def test_an_address_asks_only_so_often(cast):
    def ask(number, address):
        with acting_as(address=address):
            return actions.ask(f"1990001{number:04}", now=timezone.now())

    assert all(ask(number, "203.0.113.9") for number in range(60))
    with pytest.raises(Refused):
        ask(61, "203.0.113.9")
    assert ask(61, "203.0.113.10")


def test_an_address_fails_only_so_often(cast, sent):
    now = timezone.now()
    with acting_as(address="203.0.113.9"):
        for _turn in range(100):
            actions.redeem(NOBODYS, "123456", ticket="", now=now)
        ticket = actions.ask(OFFICERS, now=now)
        with pytest.raises(Refused):
            actions.redeem(OFFICERS, code_of(sent), ticket=ticket, now=now)
    with acting_as(address="203.0.113.10"):
        assert actions.redeem(OFFICERS, code_of(sent), ticket=ticket, now=now) == cast.officer


def test_a_deactivated_person_gets_no_code_and_a_code_on_the_way_leads_nowhere(cast, sent):
    now = timezone.now()
    ticket = actions.ask(OFFICERS, now=now)
    code = code_of(sent)
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    assert actions.redeem(OFFICERS, code, ticket=ticket, now=now) is None
    actions.ask(OFFICERS, now=now + timedelta(minutes=2))
    assert len(sent()) == 1


def test_a_code_belongs_to_the_person_and_not_to_whoever_has_the_number_next(cast, sent):
    now = timezone.now()
    ticket = actions.ask(OFFICERS, now=now)
    cast.officer.phone = ""
    cast.officer.save()
    cast.director.phone = OFFICERS
    cast.director.save()
    assert actions.redeem(OFFICERS, code_of(sent), ticket=ticket, now=now) is None


def test_the_worker_sends_nothing_that_is_over(cast, sent):
    actions.ask(OFFICERS, now=timezone.now() - timedelta(minutes=6))
    with pytest.raises(sms.NotSent):
        sent()


def test_the_session_is_a_new_one_and_keeps_nothing_of_the_question(cast, sent):
    browser = asked()
    before = browser.session.session_key
    try_code(browser, code_of(sent))
    assert (browser.session.session_key == before, "phone_code" in browser.session) == (False, False)
    assert browser.get(ASK)["Location"] == "/"


def test_no_page_elsewhere_is_gone_to(cast, sent):
    browser = asked(next="https://evil.example/")
    assert browser.post(CONFIRM, {"code": code_of(sent)})["Location"] == "/"


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "1234567", "<script>"])
def test_what_is_no_code_is_not_tried(cast, sent, typed):
    browser = asked()
    assert try_code(browser, typed) == (200, None)
    assert PhoneCode.objects.get().tries == 0


def test_what_is_no_number_is_said_beside_the_field(cast, client):
    answer = client.post(ASK, {"phone": "12345"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["phone"])
    assert PhoneCode.objects.count() == 0


def test_the_sign_in_page_leads_there_and_back_with_the_page_one_wanted(client, cast):
    page = client.get(reverse("account_login") + "?next=/me/%3Fa%3D1").content.decode()
    [there] = re.findall(r'href="(/accounts/login/phone/[^"]*)"', page)
    assert there == "/accounts/login/phone/?next=%2Fme%2F%3Fa%3D1"
    assert 'href="/accounts/login/?next=%2Fme%2F%3Fa%3D1"' in client.get(there).content.decode()


def test_where_no_gateway_is_connected_the_pages_say_so(cast, client, settings):
    def pages():
        return [
            client.get(ASK).content.decode(),
            asked(f"199000012{len(seen):02}").get(CONFIRM).content.decode(),
        ]

    seen = []
    for settings.SMS_ADAPTER in ("file", "http"):
        seen += [("没有接入短信网关" in page, "验证码已经发出" in page) for page in pages()]
    assert seen == [(True, False), (True, False), (False, False), (False, True)]


def test_codes_long_over_are_forgotten(cast):
    now = timezone.now()
    for number, days in ((OFFICERS, 2), (NOBODYS, 0)):
        actions.ask(number, now=now - timedelta(days=days))
    assert (actions.forget_codes(now=now), PhoneCode.objects.count()) == (1, 1)


def test_a_code_counts_for_one_account_whose_password_still_works(cast, sent, client):
    try_code(asked(), code_of(sent))
    client.post(reverse("account_login"), {"login": "officer", "password": PASSWORD})
    assert client.session[SESSION_KEY] == str(cast.officer.pk)


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_of_many_who_try_the_code_at_once_one_is_let_in(cast, sent):
    now = timezone.now()
    ticket = actions.ask(OFFICERS, now=now)
    code = code_of(sent)
    came = together(
        20,
        lambda _number: actions.redeem(OFFICERS, code, ticket=ticket, now=now),
        threads=20,
        behind=PhoneCode.objects.all(),
    )
    assert sorted(came, key=bool) == [None] * 19 + [cast.officer]


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_of_many_who_guess_at_once_five_are_heard_and_of_many_who_ask_one(cast, sent):
    now = timezone.now()
    ticket = actions.ask(OFFICERS, now=now)
    wrong = other_than(code_of(sent))
    together(20, lambda _number: actions.redeem(OFFICERS, wrong, ticket=ticket, now=now), threads=20, behind=PhoneCode.objects.all())  # fmt: skip
    assert PhoneCode.objects.get().tries == 5

    def ask(_number):
        try:
            return bool(actions.ask(NOBODYS, now=now))
        except Refused:
            return False

    assert sorted(together(20, ask, threads=20)) == [False] * 19 + [True]
