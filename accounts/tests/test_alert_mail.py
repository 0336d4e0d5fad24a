"""The mail of the morning: to whom, what it says, once a day whatever happens to the worker, and the switch."""

import smtplib
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts import actions, mornings, tasks
from accounts.actions.delegating import delegate
from accounts.actions.mailing import NotYet
from accounts.alerts import Alert
from accounts.models import AlertMail, Enterprise, Hold, Post, RoleGrant, User
from accounts.tests.test_alerts import certify
from audit.models import AuditEvent
from operations.periodic import turn_of

TODAY = date(2026, 11, 26)
CONCERNED = {"manager", "stranger_manager", "station", "district", "other_district", "city"}


def morning(on=TODAY):
    return actions.mail_alerts(on)


def got():
    """Who got how many mails."""
    return sorted(one.to[0].split("@")[0] for one in mail.outbox)


class Interrupted(BaseException):
    """The worker was killed."""


class Unlucky(EmailBackend):
    """A mail server to which something happens; `plan` says what, mail by mail: None, or what is raised before or after it."""

    plan = []

    def open(self):
        if self.plan and self.plan[0] == "closed":
            raise self.plan.pop(0) and ConnectionRefusedError

    def send_messages(self, messages):
        problem = self.plan.pop(0) if self.plan else None
        if isinstance(problem, tuple):  # it went out, and then
            super().send_messages(messages)
            raise problem[0]
        if problem is not None:
            raise problem
        return super().send_messages(messages)


@pytest.fixture
def unlucky(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Unlucky"
    Unlucky.plan = []
    yield Unlucky.plan
    Unlucky.plan = []


# --- To whom, and what --------------------------------------------------------------------------------------------------


def test_whoever_manages_or_supervises_enterprises_with_alerts_is_written_to_once(cast):
    assert morning() == {"sent": 6, "refused": 0, "later": 0}
    assert got() == sorted(CONCERNED)
    assert morning() == {"sent": 0, "refused": 0, "later": 0}
    assert len(mail.outbox) == 6
    morning(TODAY + timedelta(days=1))
    assert got() == sorted([*CONCERNED] * 2)


def test_it_tells_how_many_and_where_and_names_nobody(cast, settings, as_user):
    settings.BASE_URL = "https://exam.example.cn"
    today = timezone.localdate()
    certify(cast.officer, "officer", 10, today)
    actions.dismiss(cast.post(cast.director), ended_on=today, by=cast.manager)
    morning(today)
    [told] = [one for one in mail.outbox if one.to == ["manager@example.invalid"]]
    assert told.subject == "【质考】预警：2 项需要处理"
    assert told.body == (
        f"{today.isoformat()}，您管理或监管的企业有以下预警：\n\n岗位空缺：1\n60 天内到期：1\n涉及 1 家企业。\n\n"
        "逐项查看和处理：https://exam.example.cn/alerts/\n\n"
        "每天早上最多一封，没有预警时不发。不想再收到，请在“我的”页面关闭“预警邮件”：https://exam.example.cn/me/"
    )
    everything = "".join(one.subject + one.body for one in mail.outbox)
    assert not [user.name for user in User.objects.all() if user.name in everything]
    assert not [one.unit.name for one in Enterprise.objects.all() if one.unit.name in everything]


@pytest.mark.parametrize("who", sorted(CONCERNED))
def test_the_counts_are_those_of_her_page(cast, as_user, who):
    today = timezone.localdate()
    certify(cast.officer, "officer", 10, today)
    actions.dismiss(cast.post(cast.director), ended_on=today, by=cast.manager)
    morning(today)
    [told] = [one for one in mail.outbox if one.to == [f"{who}@example.invalid"]]
    counts = as_user(getattr(cast, who)).get("/alerts/").context["counts"]
    assert [f"{label}：{count}" in told.body.split("\n") for _code, label, count in counts if count]
    assert f"预警：{sum(count for *_code, count in counts)} 项" in told.subject
    assert all(f"{label}：{count}" in told.body.split("\n") for _code, label, count in counts if count)


def test_what_lies_below_two_of_ones_units_is_counted_once():
    found = mornings.below(
        [Alert(1, "vacant", "officer"), Alert(1, "many", "", 7), Alert(2, "vacant", "officer")],
        {1: "/TJ/XQ/S1/E1/", 2: "/TJ/NK/E2/"},
    )
    assert found["/TJ/"] == {"vacant": 2, "many": 1, "enterprises": 2}
    assert mornings.of_one(["/TJ/XQ/", "/TJ/XQ/S1/E1/"], found) == {"vacant": 1, "many": 1, "enterprises": 1}
    assert mornings.of_one(["/TJ/XQ/", "/TJ/NK/E2/"], found) == found["/TJ/"]
    assert mornings.of_one(["/TJ/BH/"], found) == {}
    assert found["/TJ/"]["vacant"] == 2  # nothing was added to what others read


def test_nobody_is_written_to_without_alerts_address_wish_role_or_account(cast):
    Post.objects.filter(enterprise=cast.hengtong).delete()
    Enterprise.objects.filter(pk=cast.hengtong.pk).update(
        is_active=False
    )  # of these two people nothing is left
    User.objects.filter(pk=cast.district.pk).update(email="")
    User.objects.filter(pk=cast.city.pk).update(is_active=False)
    RoleGrant.objects.filter(user=cast.station).update(ends_on=TODAY)
    actions.set_alert_mail(cast.manager, on=False)
    assert morning() == {"sent": 0, "refused": 0, "later": 0}
    assert AlertMail.objects.count() == 0
    actions.set_alert_mail(cast.manager, on=True)
    morning()
    assert got() == ["manager"]


def test_whoever_stands_in_for_a_manager_reads_it_as_well(cast):
    today, given = timezone.localdate(), cast.manager.grants.get()
    delegate(
        given, cast.director, unit=given.unit, first=today, last=today, reason="出差期间代管", by=cast.manager
    )
    morning(today)
    assert got() == sorted([*CONCERNED, "director"])


def test_each_reads_it_in_the_language_that_she_chose(cast, as_user):
    client = as_user(cast.manager)
    client.post(reverse("set_language"), {"language": "en"})
    client.post(reverse("set_language"), {"language": "klingon"})
    with translation.override("en"):  # the worker's own makes no difference
        morning()
    told = {one.to[0].split("@")[0]: one for one in mail.outbox}
    assert told["manager"].subject.startswith("【质考】")
    assert "alerts to attend to" in told["manager"].subject
    assert "In 1 enterprise." in told["manager"].body
    assert "预警" in told["district"].subject
    assert {name for name, one in told.items() if "alert" in one.subject} == {"manager"}


def test_whoever_acts_for_another_does_not_choose_her_language(cast, as_user):
    client = as_user(cast.admin)
    client.post(reverse("people:act_for", args=[cast.manager.pk]), {"reason": "协助核对"})
    client.post(reverse("set_language"), {"language": "en"})
    assert list(User.objects.exclude(language="")) == []


def test_everybody_is_reckoned_with_a_few_statements(cast, django_assert_max_num_queries):
    for number in range(30):
        extra = User.objects.create_user(f"m{number}", name="管理员", email=f"m{number}@example.invalid")
        RoleGrant.objects.create(user=extra, role="manager", unit=cast.jinhai.unit, starts_on=TODAY)
    from accounts.actions.mailing import _due

    with django_assert_max_num_queries(10):
        assert len(_due(TODAY)) == 36


# --- Once, whatever happens ---------------------------------------------------------------------------------------------


def test_two_rows_of_one_morning_cannot_be(cast):
    AlertMail.objects.create(person=cast.manager, day=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        AlertMail.objects.create(person=cast.manager, day=TODAY)


def test_a_worker_that_is_killed_twice_writes_to_nobody_twice(cast, unlucky):
    unlucky += [None, (Interrupted(),)]  # the second mail had gone out when the worker died
    with pytest.raises(Interrupted):
        morning()
    unlucky[:] = [None, Interrupted()]  # the next one dies over a mail that had not
    with pytest.raises(Interrupted):
        morning()
    assert morning() == {"sent": 2, "refused": 0, "later": 0}
    assert len(got()) == len(set(got())) == 5  # the one over which it died is not risked again
    assert AlertMail.objects.filter(sent_at=None).count() == 2
    assert AlertMail.objects.count() == 6


def test_a_worker_that_dies_before_the_first_mail_has_lost_nothing(cast, unlucky, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("accounts.actions.mailing._due", lambda on: (_ for _ in ()).throw(Interrupted()))
        for _turn in range(2):
            with pytest.raises(Interrupted):
                morning()
    assert morning()["sent"] == 6


def test_where_the_server_is_away_nobody_counts_as_written_to(cast, unlucky):
    unlucky += ["closed"]
    with pytest.raises(ConnectionRefusedError):
        morning()
    assert AlertMail.objects.count() == 0
    assert morning()["sent"] == 6


def test_what_the_server_refuses_for_good_is_left_and_what_it_refuses_for_now_comes_later(cast, unlucky):
    unlucky += [
        smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}),
        smtplib.SMTPRecipientsRefused({"b": (450, b"try later")}),
        smtplib.SMTPDataError(451, b"busy"),
    ]
    with pytest.raises(NotYet):
        morning()
    assert len(mail.outbox) == 3
    assert morning() == {"sent": 2, "refused": 0, "later": 0}
    assert len(got()) == len(set(got())) == 5


def test_where_the_line_breaks_the_rest_is_written_to_later(cast, unlucky):
    unlucky += [None, smtplib.SMTPServerDisconnected()]
    with pytest.raises(NotYet):
        morning()
    assert morning()["sent"] == 4
    assert len(got()) == len(set(got())) == 5


def test_of_two_workers_one_writes(cast, monkeypatch):
    from accounts.actions import mailing

    due = mailing._due(TODAY)
    monkeypatch.setattr(mailing, "_due", lambda on: due)  # both have looked before either wrote
    assert (morning()["sent"], morning()["sent"]) == (6, 0)
    assert got() == sorted(CONCERNED)


@pytest.mark.parametrize("backend", ["filebased", "dummy"])
def test_without_a_mail_server_it_is_quiet(cast, settings, tmp_path, backend):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    assert morning() == {"sent": 0, "refused": 0, "why": "no mail server"}
    assert (AlertMail.objects.count(), list(tmp_path.iterdir())) == (0, [])


def test_the_worker_does_it_at_eight_in_the_morning(cast, settings):
    [every] = [every for name, every, path in settings.PERIODIC_JOBS if path == "accounts.tasks.mail_alerts"]
    turn = turn_of(every, timezone.now())
    assert (every, timezone.localtime(turn).hour, timezone.localtime(turn).minute) == (86400, 8, 0)
    assert tasks.mail_alerts.call()["sent"] == 6


def test_old_mornings_are_forgotten_but_for_a_hold(cast):
    for person, days in ((cast.manager, 31), (cast.district, 31), (cast.city, 30)):
        AlertMail.objects.create(person=person, day=TODAY - timedelta(days=days))
    Hold.objects.create(person=cast.district, reason="投诉正在核查")
    morning()
    assert set(AlertMail.objects.filter(day__lt=TODAY).values_list("person", flat=True)) == {
        cast.district.pk,
        cast.city.pk,
    }


# --- The switch ---------------------------------------------------------------------------------------------------------


def test_whoever_is_written_to_may_switch_it_off_and_on(cast, as_user):
    client, switch = as_user(cast.manager), reverse("people:alert_mail")
    assert "预警邮件" in client.get(reverse("people:me")).content.decode()
    assert client.post(switch, {"alert_mail": "0"}).url == reverse("people:me")
    client.post(switch, {"alert_mail": "0"})
    assert User.objects.get(pk=cast.manager.pk).alert_mail is False
    client.post(switch, {"alert_mail": "1"})
    assert User.objects.get(pk=cast.manager.pk).alert_mail is True
    told = AuditEvent.objects.filter(action="person.alert_mail").order_by("pk")
    assert [(one.actor_name, one.data["on"]) for one in told] == [("赵敏", False), ("赵敏", True)]


def test_nobody_else_is_shown_the_switch_and_without_an_address_it_says_why(cast, as_user):
    for user in (cast.officer, cast.editor, cast.admin):
        assert "预警邮件" not in as_user(user).get(reverse("people:me")).content.decode()
    User.objects.filter(pk=cast.manager.pk).update(email="")
    page = as_user(cast.manager).get(reverse("people:me")).content.decode()
    assert ("档案里没有邮箱" in page, 'name="alert_mail"' in page) == (True, False)
