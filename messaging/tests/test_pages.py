"""The pages of messages: an inbox that is one's own, confirming, the switch, the ledger and its proof."""

import io

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts import merging, privacy, retention
from accounts.models import RoleGrant, Unit, User
from audit.models import AuditEvent
from courses.models import Enrolment
from courses.tests import stories as courses
from dashboards.queries import operator
from messaging.actions import planning, reading, sending
from messaging.models import Channel, MailChoice, Message
from messaging.tests.stories import lines, planned, told
from operations import metrics

WEEK = timezone.timedelta(days=7)


@pytest.fixture
def unmeasured(monkeypatch):
    """What other stories saved in this process is not looked at."""
    monkeypatch.setattr(metrics, "requests_of", lambda view: ({}, {}))


def late(cast, user=None):
    """A message that asks to be confirmed: somebody's course is over its day."""
    enrolment = courses.enrolled(cast, courses.published(cast), user)
    Enrolment.objects.filter(pk=enrolment.pk).update(due_on=timezone.localdate() - WEEK)
    planning.plan(timezone.localdate(), only="learning.late")
    found = Message.objects.get(kind="learning.late")
    sending.arrive(found.next_at)
    found.refresh_from_db()
    return found


def text(client, name, *arguments, **query):
    answer = client.get(reverse(name, args=arguments), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_message_is_delivered_when_it_is_shown_and_read_when_it_is_opened_once_each(cast, as_user):
    found, client = told(cast.officer), as_user(cast.officer)
    assert "未读消息（1）" in text(client, "dashboards:home")
    for _turn in range(2):
        assert "1 条未读" in text(client, "messaging:inbox")
    for _turn in range(2):
        assert "姓名见平台内" in text(client, "messaging:message", found.pk)
    assert [what for what, _way in lines(found)] == ["planned", "sent", "held", "delivered", "read"]
    assert "未读消息" not in text(client, "dashboards:home")
    assert "0 条未读" in text(client, "messaging:inbox")
    assert "没有未读消息" in text(client, "messaging:inbox", only="unread")


def test_names_stand_on_the_managers_page_and_leave_the_house_by_no_channel(cast, as_user, settings):
    settings.MESSAGES_TEST, settings.MESSAGE_CHANNELS = False, ["email"]
    found = planned(cast.manager, late=[["王雨晨", "消防产品", 9]]).get()
    sending.arrive(found.next_at)
    sending.carry(timezone.now() + WEEK)
    [sent] = mail.outbox
    assert "王雨晨" not in sent.subject + sent.body
    assert "王雨晨 · 消防产品 · 已逾期 9 天" in text(as_user(cast.manager), "messaging:message", found.pk)


def test_whoever_is_asked_confirms_once_and_it_is_written_down(cast, as_user):
    found, client = late(cast), as_user(cast.officer)
    confirm = reverse("messaging:confirm", args=[found.pk])
    assert "确认知悉" in text(client, "messaging:message", found.pk)
    for _turn in range(2):
        assert client.post(confirm).url == reverse("messaging:message", args=[found.pk])
    page = text(client, "messaging:message", found.pk)
    assert ("您已经确认过这条消息" in page, "确认知悉</button>" in page) == (True, False)
    assert [what for what, _way in lines(found)][-2:] == ["read", "confirmed"]
    assert list(
        AuditEvent.objects.filter(action="message.confirmed").values_list("actor_name", flat=True)
    ) == ["王雨晨"]
    other = told(cast.officer)
    client.post(reverse("messaging:confirm", args=[other.pk]))
    other.refresh_from_db()
    assert other.confirmed_at is None


def test_everything_is_read_at_once_but_what_asks_to_be_confirmed(cast, as_user):
    asking, plain = late(cast), told(cast.officer)
    client = as_user(cast.officer)
    for _turn in range(2):
        client.post(reverse("messaging:read_all"))
    assert list(Message.objects.of(cast.officer).unread()) == [asking]
    assert [what for what, _way in lines(plain)][-1] == "read"
    assert AuditEvent.objects.filter(action="messages.read").count() == 1


def test_who_acts_for_her_sees_her_inbox_and_neither_opens_nor_delivers(cast):
    found, client = told(cast.officer), Client()
    client.force_login(cast.admin)
    client.post(reverse("people:act_for", args=[cast.officer.pk]), {"reason": "协助核对消息"})
    assert "示例电动车有限公司" in text(client, "messaging:inbox")
    answers = [
        client.get(reverse("messaging:message", args=[found.pk])),
        client.post(reverse("messaging:confirm", args=[found.pk])),
        client.post(reverse("messaging:read_all")),
    ]
    assert [answer.status_code for answer in answers] == [403] * 3
    found.refresh_from_db()
    assert (found.shown_at, found.read_at) == (None, None)


def test_the_inbox_is_read_from_all_accounts_of_a_person(cast, as_user):
    twice = User.objects.create_user("twice", name="同一人")
    found = told(twice)
    User.objects.filter(pk=twice.pk).update(is_active=False, merged_into=cast.officer)
    assert found.subject in {one.subject for one in Message.objects.of(cast.officer)}
    assert merging.DECIDED["messaging.Message.recipient"] == merging.STAYS
    assert [row["said"] for row in privacy.all_of(cast.officer, with_numbers=False)["messages"]] == [
        found.said
    ]


def test_messages_by_mail_are_switched_off_and_on_and_then_go_by_the_next_channel(cast, as_user, settings):
    client, switch = as_user(cast.officer), reverse("messaging:mail")
    assert "邮件提醒" in text(client, "people:me")
    for wanted in ("0", "0", "1", "0"):
        client.post(switch, {"by_mail": wanted})
    assert MailChoice.objects.get().by_mail is False
    told_of = AuditEvent.objects.filter(action="person.message_mail").order_by("pk")
    assert [one.data["on"] for one in told_of] == [False, True, False]
    settings.MESSAGE_CHANNELS, settings.SMS_ADAPTER = ["email", "sms"], "http"
    assert [told(who, kind="learning.digest", occasion=who.username).channel for who in (cast.officer, cast.director)] == [
        "", Channel.EMAIL,
    ]  # fmt: skip


# --- The ledger ----------------------------------------------------------------------------------------------------------------


def names(client, **query):
    answer = client.get(reverse("messaging:ledger"), query)
    return sorted(row["it"].recipient.name for row in answer.context["rows"])


def test_the_ledger_is_searched_and_filtered(cast, as_user):
    first, _second = told(cast.officer), told(cast.stranger, occasion="2")
    client = as_user(cast.admin)
    reading.read(first)
    assert names(client) == ["王雨晨", "钱一帆"]
    assert names(client, q="王雨") == names(client, what="read") == ["王雨晨"]
    assert names(client, kind="session.opens") == names(client, what="failed") == []
    today = timezone.localdate().isoformat()
    assert names(client, since=today, until=today) == ["王雨晨", "钱一帆"]
    assert names(client, until="2020-01-01") == []
    assert names(client, since="nonsense", channel="pigeon") == ["王雨晨", "钱一帆"]
    assert "没有符合条件的消息" in text(client, "messaging:ledger", q="没有这个人")


def test_the_proof_tells_every_line_and_the_words_as_they_were_said(cast, as_user):
    found = told(cast.officer)
    client = as_user(cast.officer)
    text(client, "messaging:message", found.pk)
    page = text(as_user(cast.admin), "messaging:proof", found.pk)
    for word in (
        "已计划",
        "已发出",
        "未发出（试运行）",
        "已阅读",
        "告知的原文",
        "示例电动车有限公司：2 人的课程已逾期",
    ):
        assert word in page


def test_the_ledger_is_taken_away_as_a_workbook_and_that_is_written_down(cast, as_user):
    told(cast.officer)
    answer = as_user(cast.admin).get(reverse("messaging:ledger"), {"export": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert sheet[1][:4] == ["王雨晨", "officer", "每周逾期汇总", "示例电动车有限公司：2 人的课程已逾期"]
    assert AuditEvent.objects.get(action="messages.exported").data["rows"] == 1


def test_an_administrator_of_a_part_sees_the_messages_to_her_people_only(cast, as_user):
    User.objects.filter(pk=cast.admin.pk).update(is_active=False)
    part = User.objects.create_user("part", name="分局管理员")
    RoleGrant.objects.create(
        user=part, role="admin", unit=Unit.objects.get(code="TJ-XQ"), starts_on="2025-01-06"
    )
    mine, foreign = told(cast.officer), told(cast.stranger, occasion="2")
    client = as_user(part)
    assert names(client) == ["王雨晨"]
    assert client.get(reverse("messaging:proof", args=[mine.pk])).status_code == 200
    assert client.get(reverse("messaging:proof", args=[foreign.pk])).status_code == 404
    assert "最近的批次" not in text(client, "messaging:ledger")


def test_the_pages_of_operators_say_plainly_that_nothing_is_sent(cast, as_user, settings, unmeasured):
    client = as_user(cast.admin)
    assert "不向站外发送" in text(client, "messaging:ledger")
    assert "试运行：不向站外发送" in text(client, "dashboards:operations")
    settings.MESSAGES_TEST = False
    assert "不向站外发送" not in text(client, "messaging:ledger") + text(client, "dashboards:operations")


def test_a_silent_batch_is_an_alarm_that_says_what_to_do(db, unmeasured):
    seen = operator.figures(timezone.now())
    seen["messages"] |= {"silent": 1}
    line = operator.lines(seen)["messages"]
    assert line.advice.startswith("有一批提醒没有送到任何人。")
    seen["messages"] |= {"silent": 0}
    assert operator.lines(seen)["messages"].advice == ""


def test_the_words_of_every_kind_are_shown_in_both_languages(cast, as_user):
    page = text(as_user(cast.admin), "messaging:kinds")
    for word in ("课程期限临近", "learning.near", "is due in 3 days", "certificate_ending"):
        assert word in page


@pytest.mark.parametrize("name", ["messaging:inbox", "messaging:ledger"])
def test_a_page_costs_the_same_for_one_and_for_many(cast, as_user, django_assert_max_num_queries, name):
    client, asked = as_user(cast.admin), []
    for count in (1, 20):
        for n in range(count):
            found = planned(cast.admin, occasion=f"{count}-{n}").get()
            sending.arrive(found.next_at)
        client.get(reverse(name))  # what is shown for the first time is written down
        with django_assert_max_num_queries(40) as seen:
            client.get(reverse(name))
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_the_class_of_data_tells_for_how_long(settings):
    settings.MESSAGES_KEPT_DAYS = 400
    assert [str(one["period"]) for one in retention.told() if "400" in str(one["period"])] == [
        "400 天；不含姓名的送达台账长期保存"
    ]
