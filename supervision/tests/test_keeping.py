"""A session of a spot check is managed in its case: the desk of sessions shows it, says whose it is, and changes nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.transitions import Refused
from exams import keeping
from exams.actions import sessions
from exams.models import Exam, ExamSession, Registration
from exams.tests.test_states import snapshot
from supervision.actions import checks, draws, notices
from supervision.tests import failing, stories
from supervision.tests.test_notices import signed_in
from tests import build

HOUR = timedelta(hours=1)
REGULATOR = Registration.Source.REGULATOR


@pytest.fixture
def house(cast):
    return failing.house(cast)


def called(house, people=2):
    opens = timezone.now() + HOUR
    times = {"opens_at": opens, "closes_at": opens + HOUR}
    return stories.called(house, **times, **stories.lean(house.blueprint, people))


def acts(house, session):
    """What the desk of sessions may do to any other session, and what only its floor offers."""
    post = house.posts_free[0]
    registration = session.registrations.first()
    times = {"opens_at": timezone.now() + 2 * HOUR, "closes_at": timezone.now() + 3 * HOUR, "place": "别处"}
    return {
        "publish": lambda: sessions.publish(session, by=house.district),
        "cancel": lambda: sessions.cancel(session, by=house.district, why="误建"),
        "renew papers": lambda: sessions.renew_papers(session, by=house.district),
        "register": lambda: sessions.register(session, post, by=house.district, source=REGULATOR),
        "withdraw": lambda: sessions.withdraw(registration, by=house.district, why="不来了"),
        "reschedule": lambda: sessions.reschedule(session, by=house.district, why="停电", **times),
    }


@pytest.mark.parametrize("is_retake", [False, True])
def test_every_act_of_the_desk_of_sessions_is_refused_with_the_place_where_it_is_done(house, is_retake):
    if is_retake:
        check = failing.failed(house, (0, 1))
        session = failing.retake(house, check).session
    else:
        check = called(house)
        session = check.session
    house.posts_free = stories.crowd(house, 1, code="free")
    for name, act in acts(house, session).items():
        before = snapshot()
        with pytest.raises(Refused, match=rf"西青区市场监管局在“{check.name}（.*）”中管理，这里不能更改"):
            act()
        assert snapshot() == before, name


def test_the_case_itself_still_moves_replaces_and_gives_up(house):
    check = called(house)
    opens = timezone.now() + 2 * HOUR
    notices.reschedule(check, by=house.district, opens_at=opens, closes_at=opens + HOUR, place="新址", why="停电")  # fmt: skip
    one = failing.called(check)[0]
    draws.replace(one.drawn, by=house.district, why="住院")
    checks.abandon(check, by=house.district, why="台风")
    assert ExamSession.objects.get(pk=check.session_id).state == "cancelled"


def test_another_session_is_nobodys_but_the_desks(house):
    own = build.make_session(house)
    lone = build.make_session(house, code="lone", kind=Exam.Kind.SPOT_CHECK)
    assert keeping.keeper_of(own) is keeping.keeper_of(lone) is None
    sessions.cancel(lone, by=house.city, why="误建")
    other = called(house)
    stranger = stories.planned(house, **stories.lean(house.blueprint, 1, other.profile))
    with pytest.raises(Refused, match="管理"):  # one case has no say in the session of another
        sessions.cancel(other.session, by=house.city, why="误建", keeper=stranger)


def test_the_page_of_the_session_leads_to_the_case_and_offers_nothing(house):
    check = called(house)
    client, case = signed_in(house.district), reverse("supervision:check", args=[check.code])
    page = client.get(reverse("exams:session_manage", args=[check.session.code])).content.decode()
    assert f'href="{case}"' in page and "本场次属于抽查考核" in page
    for name in ("session_cancel", "session_renew_papers", "session_register", "session_publish"):
        assert reverse(f"exams:{name}", args=[check.session.code]) not in page
    seen_by_enterprise = signed_in(house.manager).get(
        reverse("exams:session_manage", args=[check.session.code])
    )
    if seen_by_enterprise.status_code == 200:
        text = seen_by_enterprise.content.decode()
        assert "本场次属于抽查考核" in text and f'href="{case}"' not in text
    register = reverse("exams:session_register", args=[check.session.code])
    assert "这一场次不在这里登记" in client.get(register).content.decode()
    posts = [post.pk for post in stories.crowd(house, 1, code="free")]
    client.post(register, {"posts": posts})
    answer = client.post(reverse("exams:session_cancel", args=[check.session.code]), {"why": "误建"}, follow=True)  # fmt: skip
    assert "中管理，这里不能更改" in next(str(one) for one in answer.context["messages"])
    assert ExamSession.objects.get(pk=check.session_id).state == "published"
    assert check.session.registrations.count() == 2
