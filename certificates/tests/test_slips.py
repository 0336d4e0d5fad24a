"""One-time passwords on paper: for whom, how long, what stands on them, and that they lead in."""

import io
import re
from datetime import date, timedelta

import pypdf
import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.actions.passwords import ALPHABET, LENGTH
from accounts.models import PostKind, User
from audit.models import AuditEvent
from certificates import pdf
from tests.people import id_number

OWN = "A password of her own 7"


@pytest.fixture
def newcomers(cast):
    """Nine who were imported to Jinhai without e-mail, phone or password."""
    for serial in range(500, 509):
        actions.take_on(
            cast.jinhai,
            name=f"新来{serial}",
            id_number=id_number(serial),
            username=f"newcomer{serial}",
            kind=PostKind.OFFICER,
            appointed_on=date(2026, 5, 6),
            by=cast.manager,
        )
    return list(User.objects.filter(username__startswith="newcomer").order_by("username"))


def press(client, name, *arguments):
    return client.post(reverse(name, args=arguments))


def pages_of(answer):
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages]


def slips_on(answer):
    """What stands on the slips: {username: password}."""
    text = "".join(pages_of(answer))
    names = re.findall(r"newcomer\d+", text)
    return dict(
        zip(names, re.findall(rf"(?<![a-z0-9])[{ALPHABET}]{{{LENGTH}}}(?![a-z0-9])", text), strict=True)
    )


def sign_in(login, password):
    client = Client()
    answer = client.post(reverse("account_login"), {"login": login, "password": password})
    return client, answer


def test_an_enterprise_prints_slips_for_whoever_has_not_taken_up_her_account(cast, newcomers, as_user):
    manager = as_user(cast.manager)
    shown = manager.get(reverse("people:enterprise", args=[cast.jinhai.uscc])).content.decode()
    assert "9 人还没有启用账号" in shown
    answer = press(manager, "certificates:enterprise_slips", cast.jinhai.uscc)
    assert (answer["Content-Type"], "no-store" in answer["Cache-Control"]) == ("application/pdf", True)
    slips = slips_on(answer)
    assert (len(pages_of(answer)), sorted(slips)) == (2, [person.username for person in newcomers])
    assert "王雨晨" not in "".join(pages_of(answer))  # the officer has her own password
    issued = AuditEvent.objects.filter(action="password.issued")
    assert {event.target for event in issued} == {f"accounts.user:{person.pk}" for person in newcomers}
    assert [event.data for event in issued] == [{"reset": False, "slip": True}] * 9
    assert not any(password in str(list(AuditEvent.objects.values_list())) for password in slips.values())
    client, _answer = sign_in("newcomer503", slips["newcomer503"])
    assert client.get("/me/")["Location"].startswith(reverse("account_change_password"))
    client.post(
        reverse("account_change_password"),
        {"oldpassword": slips["newcomer503"], "password1": OWN, "password2": OWN},
    )
    assert client.get("/me/").status_code == 200
    again = slips_on(press(manager, "certificates:enterprise_slips", cast.jinhai.uscc))
    assert sorted(again) == [person.username for person in newcomers if person.username != "newcomer503"]
    assert SESSION_KEY not in sign_in("newcomer504", slips["newcomer504"])[0].session


def test_slips_that_are_out_stay_good_while_others_lack_one(cast, newcomers, as_user, monkeypatch):
    monkeypatch.setattr("certificates.slips.MOST", 5)
    manager = as_user(cast.manager)

    def printed():
        return slips_on(press(manager, "certificates:enterprise_slips", cast.jinhai.uscc))

    first, second = printed(), printed()
    assert (len(first), sorted([*first, *second])) == (5, [person.username for person in newcomers])
    assert SESSION_KEY in sign_in("newcomer500", first["newcomer500"])[0].session
    User.objects.filter(username="newcomer508").update(issued_until=timezone.now())
    assert list(printed()) == ["newcomer508"]


def test_a_slip_says_all_that_is_needed(cast, newcomers, as_user, settings):
    settings.BASE_URL = "https://zhikao.example.cn"
    answer = press(as_user(cast.station), "certificates:slip", newcomers[0].pk)
    [text] = pages_of(answer)
    until = f"{timezone.localtime() + timedelta(days=14):%Y-%m-%d}"
    for said in ("新来500", "newcomer500", until, "https://zhikao.example.cn/accounts/login/", "周正"):
        assert said in text
    assert list(slips_on(answer)) == ["newcomer500"]


def test_a_slip_is_over_after_fourteen_days_and_says_so_to_whoever_holds_it(cast, newcomers, as_user):
    password = slips_on(press(as_user(cast.manager), "certificates:slip", newcomers[0].pk))["newcomer500"]
    until = User.objects.get(pk=newcomers[0].pk).issued_until
    assert abs(until - timezone.now() - timedelta(days=14)) < timedelta(minutes=1)
    User.objects.filter(pk=newcomers[0].pk).update(issued_until=timezone.now())
    client, answer = sign_in("newcomer500", password)
    assert (SESSION_KEY in client.session, "已过有效期" in answer.content.decode()) == (False, True)
    _client, wrong = sign_in("newcomer500", "wrong")
    assert "已过有效期" not in wrong.content.decode()
    assert AuditEvent.objects.filter(action="account.sign_in_failed").count() == 2


def test_whoever_took_up_her_account_by_phone_gets_no_slip(cast, newcomers, as_user):
    person = newcomers[0]
    User.objects.filter(pk=person.pk).update(last_login=timezone.now())
    manager = as_user(cast.manager)
    assert press(manager, "certificates:slip", person.pk).status_code == 302
    assert "newcomer500" not in slips_on(press(manager, "certificates:enterprise_slips", cast.jinhai.uscc))


@pytest.mark.parametrize("name", ["stranger_manager", "other_district", "officer", "editor"])
def test_outside_ones_reach_nothing_is_printed(cast, newcomers, as_user, name):
    client = as_user(getattr(cast, name))
    assert press(client, "certificates:enterprise_slips", cast.jinhai.uscc).status_code == 404
    assert press(client, "certificates:slip", newcomers[0].pk).status_code == 404
    assert not AuditEvent.objects.filter(action="password.issued").exists()


def test_somebody_with_another_employer_is_left_to_the_regulator(cast, newcomers, as_user):
    actions.appoint(
        newcomers[0],
        enterprise=cast.hengtong,
        kind=PostKind.OFFICER,
        appointed_on=date(2026, 6, 1),
        by=cast.stranger_manager,
    )
    printed = slips_on(press(as_user(cast.manager), "certificates:enterprise_slips", cast.jinhai.uscc))
    assert sorted(printed) == [person.username for person in newcomers[1:]]


def test_nothing_is_given_that_cannot_be_printed(cast, newcomers, as_user, monkeypatch):
    def broken(*args, **kwargs):
        raise pdf.PdfUnavailable

    monkeypatch.setattr(pdf, "render_slips", broken)
    answer = press(as_user(cast.manager), "certificates:enterprise_slips", cast.jinhai.uscc)
    assert answer["Location"] == reverse("people:enterprise", args=[cast.jinhai.uscc])
    assert not AuditEvent.objects.filter(action="password.issued").exists()
    assert not User.objects.get(pk=newcomers[0].pk).has_usable_password()


def test_all_slips_of_a_document_are_given_or_none(cast, newcomers):
    def meanwhile(drawn):
        User.objects.filter(pk=newcomers[4].pk).update(last_login=timezone.now())
        return b""

    with pytest.raises(actions.passwords.Refused):
        actions.issue_slips(newcomers, by=cast.manager, on=date(2026, 6, 1), print_=meanwhile)
    assert not any(
        person.has_usable_password() for person in User.objects.filter(pk__in=[p.pk for p in newcomers])
    )


def test_a_name_is_printed_as_it_is_and_not_as_markup(cast, newcomers, as_user):
    User.objects.filter(pk=newcomers[0].pk).update(name="<b>阿卜杜热依木·买买提吐尔逊江·伊敏</b>")
    [text] = pages_of(press(as_user(cast.manager), "certificates:slip", newcomers[0].pk))
    assert "<b>阿卜杜热依木" in text.replace("\n", "")
