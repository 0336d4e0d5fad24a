"""From a request for absence to its end: no conclusion overtakes it, who is excused begins no more, and is owed until decided."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import attempts, rooms
from exams.models import Registration
from supervision.actions import absences, notices, publishing, retaking, sittings
from supervision.models import Decision, Outcome
from supervision.queries import failures
from supervision.queries import notices as queries
from supervision.queries import sittings as sitting_queries
from supervision.tests import failing, stories
from supervision.tests.test_notices import WORDS, excuse, people_of, signed_in

HOUR = timedelta(hours=1)


@pytest.fixture
def house(cast):
    return failing.house(cast)


def opened(house, people=2, issue=False):
    """A check whose session opened a minute ago."""
    opens = timezone.now() - timedelta(minutes=1)
    check = stories.called(house, opens_at=opens, closes_at=opens + HOUR, **stories.lean(house.blueprint, people))  # fmt: skip
    if issue:
        notices.issue(check, by=house.district, **WORDS)
    return check


def asked(house, one):
    """The manager asked an hour before the session opened."""
    opens = one.registration.session.opens_at
    return absences.ask(one, by=house.manager, side="enterprise", why="住院", now=opens - HOUR)


def decide(house, request, is_granted=True):
    return absences.decide(request, by=house.district, is_granted=is_granted, why="证明属实" if is_granted else "没有证明")  # fmt: skip


# --- No conclusion overtakes a request --------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_granted", "conclusion"), [(True, "excused"), (False, "absent")])
def test_a_check_is_not_concluded_before_every_request_has_its_answer(house, is_granted, conclusion):
    check = opened(house)
    one, other = people_of(check)
    request = asked(house, one)
    check = stories.begun(house, check)
    stories.sat(other)
    late = check.session.closes_at + HOUR
    with pytest.raises(Refused, match=f"{one.registration.candidate.name} 的缓考申请还没有答复"):
        sittings.conclude(check, by=house.district, now=late)
    assert not Outcome.objects.exists()
    decide(house, request, is_granted)
    sittings.conclude(check, by=house.district, now=late)
    assert Outcome.objects.get(examinee=one).conclusion == conclusion


def test_the_request_of_somebody_who_came_and_sat_is_answered_too(house):
    check = opened(house, 1)
    [one] = people_of(check)
    request = asked(house, one)
    check = stories.begun(house, check)
    stories.sat(one)
    with pytest.raises(Refused, match="缓考申请还没有答复"):
        sittings.conclude(check, by=house.district)
    decide(house, request, False)
    sittings.conclude(check, by=house.district)
    assert Outcome.objects.get().conclusion == "passed"


def test_a_retake_waits_for_the_answer_as_well(house):
    check = failing.failed(house, (0,))
    opens = timezone.now() + HOUR
    made = retaking.call_retake(check, by=house.district, opens_at=opens, closes_at=opens + HOUR)
    [one] = failing.called(check, 1)
    request = absences.ask(one, by=house.manager, side="enterprise", why="住院")
    with pytest.raises(Refused, match="缓考申请还没有答复"):
        retaking.conclude_retake(made, by=house.district, now=opens + 2 * HOUR)
    page = stories.seen(house.district, "check", check.code)
    assert "1 份缓考申请还没有答复" in page and 'href="#absences"' in page
    decide(house, request)
    retaking.conclude_retake(made, by=house.district, now=opens + 2 * HOUR)
    assert Outcome.objects.get(examinee=one).conclusion == "excused"


def test_the_case_says_why_and_leads_to_the_request(house):
    check = opened(house)
    one, other = people_of(check)
    request = asked(house, one)
    check = stories.begun(house, check)
    stories.sat(other)
    page = stories.seen(house.district, "check", check.code)
    assert "的缓考申请还没有答复" in page and '<a href="#absences">' in page and 'id="absences"' in page
    stories.posted(house.district, "conclude", check)
    check.refresh_from_db()
    assert check.state == "under_way"
    decide(house, request)
    assert '<a href="#absences">' not in stories.seen(house.district, "check", check.code)


# --- Who is excused begins no more ------------------------------------------------------------------------------------


def test_who_is_excused_cannot_begin_once_the_sitting_is_concluded(house):
    check = opened(house, issue=True)
    one, other = people_of(check)
    rooms.add(check.session, by=house.district, name="第一考场", capacity=8)
    rooms.seat_all(check.session, by=house.district)
    excuse(house, one, now=check.session.opens_at - HOUR)
    check = stories.begun(house, check)
    stories.sat(other)
    check = sittings.conclude(check, by=house.district)
    assert check.session.closes_at > timezone.now()  # her session is open as ever
    held = Registration.objects.get(pk=one.registration_id)
    with pytest.raises(Refused, match="您在本场次的登记已撤销：准予缓考，本场考核已经结束；另定日期后再通知"):
        attempts.start(held, by=held.candidate)
    assert not hasattr(held, "seat") and hasattr(Registration.objects.get(pk=other.registration_id), "seat")
    assert AuditEvent.objects.filter(action="registration.withdrawn").count() == 1
    last = queries.notices_of([one])[one.pk]
    assert (last.kind, last.why) == ("cancelled", notices.DISMISSED)
    assert not queries.notices_of([other])[other.pk].is_cancelled


def test_she_reads_so_on_her_phone_in_her_language(house):
    check = opened(house, 1, issue=True)
    [one] = people_of(check)
    excuse(house, one, now=check.session.opens_at - HOUR)
    sittings.conclude(stories.begun(house, check), by=house.district)
    client = signed_in(one.registration.candidate)
    briefing, told = reverse("exams:session", args=[check.session.code]), reverse("supervision:notice", args=[one.pk])  # fmt: skip
    for address in (briefing, told):
        assert notices.DISMISSED in client.get(address).content.decode()
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        english = str(translation.gettext(notices.DISMISSED))
    for address in (briefing, told):
        assert english in client.get(address).content.decode()
    assert client.post(reverse("exams:start", args=[check.session.code]), {"ready": "on"}).status_code == 302
    assert not one.registration.attempts.exists()


def test_who_begins_at_the_last_moment_keeps_the_check_from_being_concluded(house, monkeypatch):
    check = opened(house, 1)
    [one] = people_of(check)
    excuse(house, one, now=check.session.opens_at - HOUR)
    check = stories.begun(house, check)
    before = sitting_queries.sat([one])
    attempts.start(one.registration, by=one.registration.candidate)
    monkeypatch.setattr(
        sitting_queries, "sat", lambda _people: before
    )  # what was read a moment before she began
    with pytest.raises(Refused, match="已经开始答题，登记不能撤销"):
        sittings.conclude(check, by=house.district)
    check.refresh_from_db()
    assert (check.state, Outcome.objects.count()) == ("under_way", 0)


def test_no_notice_calls_her_to_a_session_from_which_she_was_dismissed(house):
    check = failing.failed(house, (0,))
    made = failing.retake(house, check)
    [one] = failing.called(check, 1)
    excuse(house, one, now=made.session.opens_at - HOUR)
    retaking.conclude_retake(made, by=house.district)
    with pytest.raises(Refused, match="没有待考的人员"):
        notices.issue(check, by=house.district, **WORDS)


# --- Who is excused is owed a sitting ---------------------------------------------------------------------------------


def excused_again(house, check):
    """A retake from which its only examinee was excused, concluded, signed and published: her examinee."""
    opens = timezone.now() + HOUR
    made = retaking.call_retake(check, by=house.district, opens_at=opens, closes_at=opens + HOUR, papers_wanted=2)  # fmt: skip
    [one] = failing.called(check, made.round)
    excuse(house, one)
    retaking.conclude_retake(made, by=house.district)
    failing.told(house, check, made.round)
    return one


def missing(check, by):
    return failures.why_not_close(check, by, today=timezone.localdate() + failing.LATER)


def test_an_excuse_in_the_last_round_uses_up_no_try_another_date_is_set_and_the_list_empties(house):
    check = failing.published(failing.failed(house, (0,)))  # the rules allow one retake
    failing.closed(house, failing.called(check)[0])
    one = excused_again(house, check)
    [standing] = failures.standings(check)
    assert (standing.why, standing.is_last, standing.waits) == (failures.OWED, False, True)
    assert list(queries.owed(house.district)) == [one]
    name = one.registration.candidate.name
    assert f"{name} 还没有合格，也没有处理决定" in missing(check, house.admin)
    failing.retaken(house, check, (1,))
    assert list(queries.owed(house.district)) == []
    assert missing(check, house.admin) == ""


def test_who_fails_the_date_that_was_set_instead_has_no_further_one(house):
    check = failing.published(failing.failed(house, (0,)))
    excused_again(house, check)
    failing.retaken(house, check, (0,))
    [standing] = failures.standings(check)
    assert (standing.why, standing.is_last) == (failures.LAST, True)
    with pytest.raises(Refused, match="最多补考 1 次"):
        failing.retake(house, check)


def test_only_who_was_excused_is_called_again_after_the_last_retake(house):
    check = failing.published(failing.failed(house, (0, 0)))
    opens = timezone.now() - timedelta(minutes=1)
    made = retaking.call_retake(check, by=house.district, opens_at=opens, closes_at=opens + HOUR, papers_wanted=2)  # fmt: skip
    first, second = failing.called(check, 1)
    excuse(house, first, now=opens - HOUR)
    stories.sat(second, 0)
    retaking.conclude_retake(made, by=house.district)
    assert [one.why for one in failures.standings(check)] == [failures.OWED, failures.LAST]
    retaking.call_retake(check, by=house.district, opens_at=opens + HOUR, closes_at=opens + 2 * HOUR)
    assert [one.drawn for one in failing.called(check, 2)] == [first.drawn]


def test_or_somebody_decides_that_the_case_ends_with_her_excused(house):
    check = failing.published(failing.failed(house, (1,)))
    [one] = failing.called(check)
    sittings.amend(one, by=house.city, why="住院，有证明", conclusion="excused")
    failing.confirmed(one)
    publishing.correct(check, by=house.city, why="住院，有证明")
    assert list(queries.owed(house.district)) == [one]
    closing = Decision.Measure.EXCUSED
    with pytest.raises(Refused, match="写明处理的理由"):
        retaking.decide(one, by=house.district, measure=closing, why=" ")
    retaking.decide(one, by=house.district, measure=closing, why="产假至明年九月")
    assert list(queries.owed(house.district)) == [] and missing(check, house.admin) == ""
    with pytest.raises(Refused, match="没有需要补考的人员"):
        failing.retake(house, check)
    assert "以准予缓考结案" in stories.seen(house.district, "check", check.code)
    retaking.close(check, by=house.admin, now=timezone.now() + failing.LATER)


def test_nobody_else_is_let_off_with_an_excuse(house):
    check = failing.published(failing.failed(house, (0,)))
    failing.retaken(house, check, (0,))
    [one] = failing.called(check, 1)
    with pytest.raises(Refused, match="才能以准予缓考结案"):
        retaking.decide(one, by=house.district, measure=Decision.Measure.EXCUSED, why="算了")
    assert 'value="excused"' not in stories.seen(house.district, "examinee", check.code, one.pk)


def test_the_list_of_what_is_owed_leads_to_both_ends(house):
    check = failing.published(failing.failed(house, (0,)))
    one = excused_again(house, check)
    page = stories.seen(house.district, "owed")
    case, file = reverse("supervision:check", args=[check.code]), reverse("supervision:examinee", args=[check.code, one.pk])  # fmt: skip
    assert f'{case}#following"' in page and f'{file}#decide"' in page
    assert 'id="following"' in stories.seen(house.district, "check", check.code)
    assert "安排补考（1 人）" in stories.seen(house.district, "check", check.code)
    there = stories.seen(house.district, "examinee", check.code, one.pk)
    assert 'id="decide"' in there and 'value="excused"' in there
    signed_in(house.district).post(
        reverse("supervision:decide", args=[check.code, one.pk]), {"measure": "excused", "why": "产假"}
    )
    assert "没有缓考待补的人员" in stories.seen(house.district, "owed")
