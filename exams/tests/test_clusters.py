"""What stands out among the attempts of a session: shared devices and addresses, the same wrong answers, impossible speed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.context import acting_as
from audit.models import AuditEvent
from audit.transitions import Refused
from exams import tasks
from exams.actions import clusters as acts
from exams.actions.attempts import Entry
from exams.models import Attempt, ClusterReading
from exams.queries import clusters as queries
from exams.queries.clusters import clusters
from exams.tasks import read_clusters as read
from tests import build


@pytest.fixture
def room(cast):
    return build.make_session(cast, counts={"single": 8}, papers_wanted=1)


def sat(room, user, answers, device="", address="10.0.0.1", minutes=20):
    """An attempt handed in with these answers by item, on a device, from an address, in so many minutes."""
    registration = build.admitted(room, user)
    with acting_as(user, address=address):
        attempt = build.attempts.start(registration, by=user, device=device)
    entries = [Entry(n, n, {"options": [one]}) for n, one in enumerate(answers, start=1)]
    at = attempt.started_at + timedelta(minutes=minutes)
    build.attempts.save(user, attempt.pk, entries, now=at)
    return build.attempts.hand_in(user, attempt.pk, by=user, now=at)


@pytest.fixture
def keys(cast, room):
    paper = room.papers.get()
    return [
        one.revision.key["options"][0] for one in paper.items.select_related("revision").order_by("position")
    ]


def shifted(keys, by):
    return ["abcd"[("abcd".index(key) + by) % 4] for key in keys]


def names(rows):
    return [one.registration.candidate.name for one in rows]


def test_what_is_shared_is_listed_with_its_evidence(cast, room, keys):
    alike = shifted(keys, 1)
    sat(room, cast.officer, alike, device="a" * 32, address="10.0.0.1")
    sat(room, cast.director, alike[:7] + shifted(keys, 2)[7:], device="a" * 32, address="10.0.0.2")
    sat(room, cast.principal, shifted(keys, 3), device="c" * 32, address="10.0.0.2", minutes=0.2)
    found = clusters(room)
    assert [(name, len(rows)) for name, rows in found["devices"]] == [("a" * 8, 2)]
    assert [(name, len(rows)) for name, rows in found["addresses"]] == [("10.0.0.2", 2)]
    (pair,) = found["alike"]
    assert {*names([pair.first, pair.second])} == {cast.officer.name, cast.director.name}
    assert (pair.same, pair.wrong, pair.percent) == (7, 8, 88)
    assert [(one.attempt.registration.candidate, one.answered, one.seconds) for one in found["quick"]] == [
        (cast.principal, 8, 12)
    ]


def test_right_answers_that_are_the_same_are_no_cluster(cast, room, keys):
    for user in (cast.officer, cast.director):
        sat(room, user, keys, device=user.username)
    found = clusters(room)
    assert (found["devices"], found["alike"], found["quick"]) == ([], [], [])


def test_it_costs_the_same_for_many_and_changes_nothing(cast, room, keys, as_user):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            clusters(room)
        return len(seen.captured_queries)

    sat(room, cast.officer, shifted(keys, 1))
    few = cost()
    sat(room, cast.director, shifted(keys, 1))
    sat(room, cast.principal, shifted(keys, 1))
    before = list(Attempt.objects.values())
    assert cost() == few == 5
    text = as_user(cast.city).get(reverse("exams:session_clusters", args=[room.code])).content.decode()
    assert "雷同的错误作答" in text and cast.director.name in text
    assert list(Attempt.objects.values()) == before


# --- A large session ---------------------------------------------------------------------------------------------------


@pytest.fixture
def large(cast, room, keys, monkeypatch):
    """Three who answered alike, in a session that is too large to be read while somebody waits."""
    for user in (cast.officer, cast.director, cast.principal):
        sat(room, user, shifted(keys, 1), device="a" * 32)
    monkeypatch.setattr(queries, "AT_ONCE", 2)
    asked = []
    monkeypatch.setattr(tasks, "read_clusters", SimpleNamespace(enqueue=asked.append))
    room.asked = asked
    return room


def address(room):
    return reverse("exams:session_clusters", args=[room.code])


def test_a_large_session_is_read_by_the_worker_and_shown_as_it_was_found(cast, large, as_user):
    desk, expected = as_user(cast.city), clusters(large)
    page = desk.get(address(large)).content.decode()
    assert "由后台统计" in page and "雷同的错误作答" not in page and large.asked == []
    desk.post(address(large))
    assert large.asked == [large.pk]
    page = desk.get(address(large)).content.decode()
    assert "正在后台统计" in page and "hx-trigger" in page
    assert read.call(large.pk) == 3
    answer = desk.get(address(large))
    assert answer.context["found"] == expected
    page = answer.content.decode()
    assert "共 3 份答卷" in page and "雷同的错误作答" in page and 'hx-trigger="every 3s"' not in page
    assert AuditEvent.objects.filter(action="clusters.asked").count() == 1


def test_a_reading_that_is_under_way_is_not_asked_for_twice_and_one_that_never_came_is(cast, large):
    now = timezone.now()
    acts.ask(large, by=cast.city, now=now)
    with pytest.raises(Refused, match="正在后台统计"):
        acts.ask(large, by=cast.city, now=now + timedelta(minutes=4))
    acts.ask(large, by=cast.city, now=now + timedelta(minutes=5))
    acts.read(large, now=now + timedelta(minutes=5, seconds=1))
    acts.ask(large, by=cast.city, now=now + timedelta(minutes=5, seconds=2))
    assert ClusterReading.objects.get().found["people"] == 3


def test_who_handed_in_since_is_counted_beside_the_reading(cast, room, keys, monkeypatch, as_user):
    sat(room, cast.officer, shifted(keys, 1))
    sat(room, cast.director, shifted(keys, 1))
    acts.ask(room, by=cast.city)
    acts.read(room)
    sat(room, cast.principal, keys)
    monkeypatch.setattr(queries, "AT_ONCE", 2)
    assert "此后又有 1 份交卷" in as_user(cast.city).get(address(room)).content.decode()


def test_the_page_of_a_reading_costs_the_same_however_many_stand_on_it(cast, large, as_user):
    desk = as_user(cast.city)
    acts.ask(large, by=cast.city)
    acts.read(large)

    def cost():
        with CaptureQueriesContext(connection) as seen:
            desk.get(address(large))
        return len(seen.captured_queries)

    cost()
    full = cost()
    ClusterReading.objects.update(found=queries.stored(clusters(large)) | {"alike": [], "quick": []})
    assert cost() == full
