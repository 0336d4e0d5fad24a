"""Sending: into the inbox, out by the first channel that takes it, once whatever happens, and in test mode not at all."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Hold, User
from courses.actions import enrolling
from courses.tests import stories as courses
from messaging import channels, kinds
from messaging.actions import forgetting, planning, reading, sending
from messaging.models import LedgerLine, Message
from messaging.queries import ledger
from messaging.tests.stories import lines, planned, told

NOON = timezone.make_aware(timezone.datetime(2026, 5, 6, 12, 0))
PLANNED, IN_APP = ("planned", ""), ("sent", "in_app")


class Interrupted(BaseException):
    """The worker was killed."""


class Way:
    """A channel to which something happens; `plan` says what, letter by letter: nothing, or what is raised."""

    def __init__(self):
        self.plan, self.got, self.is_there = [], [], True

    def reaches(self, route):
        return self.is_there

    def send(self, person, letter):
        problem = self.plan.pop(0) if self.plan else None
        if problem is not None:
            raise problem
        self.got.append((person.username, letter.title))


@pytest.fixture
def ways(settings, monkeypatch):
    """Two channels, the first tried first; something may leave the house, at noon."""
    made = {"email": Way(), "sms": Way()}
    monkeypatch.setattr(channels, "CHANNELS", made)
    settings.MESSAGES_TEST, settings.MESSAGE_CHANNELS = False, ["email", "sms"]
    clock = SimpleNamespace(now=NOON)
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return SimpleNamespace(**made, clock=clock)


def later(ways, **span):
    ways.clock.now += timedelta(**span)


# --- The straight way -----------------------------------------------------------------------------------------------------


def test_a_message_arrives_and_goes_out_by_the_first_channel(cast, ways):
    found = planned(cast.manager).get()
    assert sending.send_due() == {"arrived": 1, "carried": 1, "more": False}
    found.refresh_from_db()
    assert lines(found) == [PLANNED, IN_APP, ("handed", "email"), ("sent", "email")]
    assert (found.channel, found.next_at, found.handed_at, found.arrived_at == found.sent_at == NOON) == (
        "email", None, None, True,
    )  # fmt: skip
    assert ways.email.got == [("manager", "示例电动车有限公司：2 人的课程已逾期")]
    assert found.said.startswith("示例电动车有限公司：2 人的课程已逾期\n\n共 3 项课程")
    assert sending.send_due() == {"arrived": 0, "carried": 0, "more": False}


def test_each_is_told_in_the_language_that_she_chose(cast, ways):
    User.objects.filter(pk=cast.manager.pk).update(language="en")
    planned(cast.manager, cast.principal)
    sending.send_due()
    assert dict(ways.email.got) == {
        "manager": "示例电动车有限公司: 2 people are late with their courses",
        "principal": "示例电动车有限公司：2 人的课程已逾期",
    }


def test_in_the_quiet_hours_nothing_arrives_and_nothing_goes(cast, ways):
    later(ways, hours=10)
    found = planned(cast.manager).get()
    assert sending.send_due()["arrived"] == 0
    later(ways, hours=9, minutes=29)
    assert sending.send_due()["arrived"] == 0
    later(ways, minutes=1)
    assert sending.send_due() == {"arrived": 1, "carried": 1, "more": False}
    found.refresh_from_db()
    assert timezone.localtime(found.sent_at).strftime("%m-%d %H:%M") == "05-07 07:30"


def test_in_test_mode_everything_arrives_and_nothing_leaves_the_house(cast, ways, settings):
    settings.MESSAGES_TEST = True
    found = planned(cast.manager).get()
    assert sending.send_due() == {"arrived": 1, "carried": 0, "more": False}
    assert lines(found) == [PLANNED, IN_APP, ("held", "email")]
    assert (ways.email.got, ways.sms.got, mail.outbox) == ([], [], [])
    # what was on its way when the mode was switched is held as well, and the one way out is shut by itself
    settings.MESSAGES_TEST = False
    second = planned(cast.manager, occasion="2").get()
    sending.arrive(NOON)
    settings.MESSAGES_TEST = True
    sending.send_due()
    assert lines(second) == [PLANNED, IN_APP, ("handed", "email"), ("held", "email")]
    with pytest.raises(channels.Withheld):
        channels.hand_over("email", cast.manager, kinds.letter(kinds.KINDS[second.kind], second.facts))
    assert ways.email.got == []


def test_whoever_is_reached_by_nothing_outside_has_it_in_her_inbox(cast, ways):
    ways.email.is_there = ways.sms.is_there = False
    found = planned(cast.manager).get()
    sending.send_due()
    assert (lines(found), Message.objects.of(cast.manager).count()) == ([PLANNED, IN_APP], 1)


def test_what_is_no_longer_true_is_withdrawn(cast, ways):
    course = courses.published(cast)
    enrolment = courses.enrolled(cast, course, due_on=timezone.localdate() + timedelta(days=2))
    planning.plan(timezone.localdate(), only="learning.near")
    closed = planned(cast.director).get()
    User.objects.filter(pk=cast.director.pk).update(is_active=False)
    enrolling.cancel(enrolment, by=cast.manager, why="调岗")
    sending.send_due()
    [found] = Message.objects.filter(kind="learning.near")
    assert [(one.what, one.note) for one in found.ledger.order_by("number")][1:] == [
        ("withdrawn", "事项已办结或已改变")
    ]
    assert [(one.what, one.note) for one in closed.ledger.order_by("number")][1:] == [
        ("withdrawn", "账号已停用")
    ]
    assert (ways.email.got, Message.objects.of(cast.officer).count()) == ([], 0)


# --- What goes wrong --------------------------------------------------------------------------------------------------------


def test_what_is_refused_for_good_goes_by_the_next_channel(cast, ways):
    ways.email.plan = [channels.Never("550")]
    found = planned(cast.manager).get()
    sending.send_due()
    assert lines(found)[2:] == [("handed", "email"), ("failed", "email"), ("handed", "sms"), ("sent", "sms")]
    assert (found.ledger.get(number=4).note, len(ways.sms.got)) == ("550", 1)


def test_what_is_refused_by_all_has_failed_and_stays_in_the_inbox(cast, ways):
    ways.email.plan, ways.sms.plan = [channels.Never("550")], [channels.Never("403")]
    found = planned(cast.manager).get()
    sending.send_due()
    found.refresh_from_db()
    assert (lines(found)[-1], found.next_at, found.sent_at) == (("failed", "sms"), None, None)
    assert list(Message.objects.of(cast.manager)) == [found]


def test_what_cannot_go_now_is_tried_at_growing_intervals_and_then_by_the_next_channel(cast, ways):
    ways.email.plan = [channels.NotNow("451")] * 5
    found = planned(cast.manager).get()
    sending.send_due()
    waits = []
    for _turn in range(4):
        found.refresh_from_db()
        waits.append(round((found.next_at - ways.clock.now).total_seconds() / 60))
        ways.clock.now = found.next_at - timedelta(seconds=1)
        assert sending.send_due()["carried"] == 0
        later(ways, seconds=1)
        sending.send_due()
    assert waits[:3] == [5, 30, 180]
    assert waits[3] >= 720  # and later where that falls into the quiet hours
    found.refresh_from_db()
    assert [what for what, way in lines(found) if way == "email"] == [
        *["handed", "postponed"] * 4,
        "handed",
        "failed",
    ]
    assert (lines(found)[-1], ways.sms.got != []) == (("sent", "sms"), True)


def test_a_fault_of_ours_stops_nobody_behind_it(cast, ways):
    ways.email.plan = [ZeroDivisionError()]
    planned(cast.manager, cast.principal)
    sending.send_due()
    assert [name for name, _title in ways.email.got] == ["principal"]
    assert LedgerLine.objects.filter(what="postponed", note="ZeroDivisionError").count() == 1


def test_where_the_line_broke_nobody_knows_and_nothing_is_sent_again(cast, ways):
    ways.email.plan = [channels.Unknown("TimeoutError")]
    found = planned(cast.manager).get()
    sending.send_due()
    later(ways, days=1)
    sending.send_due()
    assert lines(found)[2:] == [("handed", "email"), ("failed", "email")]
    assert (found.ledger.last().note, ways.sms.got) == ("交付中断，结果不明，不再重发：TimeoutError", [])


def test_a_worker_that_is_killed_over_a_letter_sends_nobody_two(cast, ways):
    found = planned(cast.manager, cast.principal)
    ways.email.plan = [Interrupted()]
    with pytest.raises(Interrupted):
        sending.send_due()
    sending.send_due()
    assert [name for name, _title in ways.email.got] == ["principal"]
    later(ways, minutes=14)
    sending.send_due()
    assert lines(found[0])[-1] == ("handed", "email")
    later(ways, minutes=2)
    sending.send_due()
    assert (lines(found[0])[-1], len(ways.email.got), ways.sms.got) == (("failed", "email"), 1, [])


def test_of_two_who_have_looked_one_hands_it_over(cast, ways):
    planned(cast.manager)
    sending.arrive(NOON)
    first, second = (Message.objects.select_related("recipient").get() for _turn in range(2))
    assert [sending._carry(first), sending._carry(second)] == [True, False]
    assert len(ways.email.got) == 1


def test_what_she_reads_while_it_goes_out_loses_no_line(cast, ways):
    found = planned(cast.manager).get()

    def read_meanwhile(person, letter):
        reading.read(Message.objects.get(pk=found.pk))

    ways.email.send = read_meanwhile
    sending.send_due()
    assert lines(found)[2:] == [("handed", "email"), ("read", "in_app"), ("sent", "email")]


def test_many_arrive_with_as_many_statements_as_few(cast, settings, django_assert_max_num_queries):
    planned(*cast.everybody().values())
    with django_assert_max_num_queries(8):
        assert sending.arrive(NOON + timedelta(days=9999)) == len(cast.everybody())


# --- Alarms, and the end ----------------------------------------------------------------------------------------------------


def test_a_batch_of_which_nothing_came_is_an_alarm_after_two_hours(cast, ways):
    def silent(is_test=False):
        return ledger.figures(ways.clock.now, is_test=is_test)["silent"]

    ways.email.plan, ways.sms.plan = [channels.Never("550")] * 2, [channels.Never("403")] * 2
    ways.clock.now = timezone.make_aware(timezone.datetime(2029, 12, 31, 12, 0))
    planned(cast.manager, cast.principal)
    sending.send_due()
    assert silent() == 0
    later(ways, hours=3)
    assert (silent(), silent(is_test=True)) == (1, 0)  # it arrived in the inbox, and in test mode that is all
    planned(cast.director, occasion="2")
    later(ways, hours=3)
    assert (silent(), silent(is_test=True)) == (2, 1)  # nothing has arrived: the worker is away
    sending.send_due()
    assert (silent(), silent(is_test=True)) == (1, 0)


def test_old_messages_go_but_for_a_hold_and_their_ledger_stays(cast, settings, ways):
    settings.MESSAGES_KEPT_DAYS = 730
    old, held = told(cast.manager, now=NOON), told(cast.director, occasion="2", now=NOON)
    Message.objects.update(next_at=None)
    Hold.objects.create(person=cast.director, reason="投诉正在核查")
    assert forgetting.forget(NOON + timedelta(days=730)) == 0
    assert forgetting.forget(NOON + timedelta(days=731)) == 1
    assert list(Message.objects.all()) == [held]
    assert LedgerLine.objects.filter(message=old.pk).count() == 2
