"""What the lists say: pages that stay true while rows are added, filters, strictness, what is told and what never."""

import json
from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from accounts.models import Post, PostKind, User
from api.tests.stories import Machine, machine, make_token
from audit.models import AuditEvent
from certificates import actions as certificate_acts
from exams.models import Attempt
from tests import build

PATHS = ("/people", "/posts", "/results", "/certificates")


def hire(enterprise, names):
    """More people in post."""
    made = []
    for name in names:
        person = User.objects.create_user(name, name=name)
        Post.objects.create(
            person=person, enterprise=enterprise, kind=PostKind.OFFICER, appointed_on=timezone.localdate()
        )
        made.append(person)
    return made


def test_pages_follow_each_other_without_gap_or_repetition_while_rows_are_added_and_removed(cast):
    hire(cast.jinhai, [f"early{n}" for n in range(7)])
    asks = machine(cast, cast.jinhai.unit)
    there = set(Post.objects.filter(enterprise=cast.jinhai).values_list("person_id", flat=True))
    seen, cursor, turn = [], "", 0
    while cursor is not None:
        answer = asks.ask("/people", limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [row["id"] for row in answer["items"]]
        cursor, turn = answer["next"], turn + 1
        if turn < 4:
            hire(cast.jinhai, [f"late{turn}"])
    assert len(seen) == len(set(seen))
    assert set(seen) >= there
    assert seen == sorted(seen)


def test_the_last_page_has_no_next_even_when_it_is_full(cast):
    asks = machine(cast, cast.jinhai.unit)
    answer = asks.ask("/people", limit=3).json()
    assert (len(answer["items"]), answer["next"]) == (3, None)
    assert machine(cast, cast.jinhai.unit).ask("/results").json() == {"items": [], "next": None}


def test_a_cursor_of_another_list_or_of_other_conditions_or_made_up_is_refused(cast):
    asks = machine(cast, cast.jinhai.unit)
    good = asks.ask("/people", limit=1).json()["next"]
    assert asks.ask("/people", limit=2, cursor=good).status_code == 200
    made_up = [
        asks.ask("/posts", cursor=good),
        asks.ask("/people", cursor=good, state="left"),
        asks.ask("/people", cursor=good[:-1] + ("A" if good[-1] != "A" else "B")),
        asks.ask("/people", cursor="1"),
        asks.ask("/people", cursor=signing.dumps(["people", {}, 1], salt="another", key="x" * 40)),
    ]
    assert [answer.status_code for answer in made_up] == [422] * 5
    assert "游标" in made_up[0].json()["problem"]


def test_a_cursor_carries_nobody_past_a_door(cast):
    theirs = machine(cast, cast.city_organ).ask("/people", limit=1).json()["next"]
    rows = machine(cast, cast.nankai).ask("/people", cursor=theirs).json()["items"]
    assert {row["id"] for row in rows} <= {cast.stranger.pk}


BAD = {
    "unknown parameter": {"states": "left"},
    "two wrong ones": {"limit": "x", "q": "1"},
    "limit too high": {"limit": 201},
    "limit nought": {"limit": 0},
    "limit a word": {"limit": "many"},
    "state unknown": {"state": "dead"},
    "code too short": {"enterprise": "91"},
    "code with a quote": {"enterprise": "9112'111MA0000001X"},
    "code with a NUL": {"enterprise": "\x00" * 18},
    "time without zone": {"entered_since": "2026-01-01T00:00:00"},
    "a day": {"entered_since": "2026-01-01"},
    "a number": {"entered_since": "5"},
    "no such day": {"entered_since": "2026-02-30T00:00:00Z"},
    "no such day long ago": {"entered_since": "1000-13-01T00:00:00Z"},
    "twice": {"limit": [1, 2]},
    "cursor with blanks": {"cursor": "a b"},
    "cursor too long": {"cursor": "a" * 601},
}


@pytest.mark.parametrize("asked", BAD.values(), ids=BAD)
def test_what_the_description_does_not_offer_is_refused_with_a_sentence(cast, asked):
    answer = machine(cast, cast.jinhai.unit).ask("/people", **asked)
    assert (answer.status_code, list(answer.json())) == (422, ["problem"])
    typed = [value for value in asked.values() if isinstance(value, str) and len(value) > 2]
    assert not any(value in answer.json()["problem"] for value in typed)


@pytest.mark.parametrize(
    "path", ["/people/0", "/people/x", f"/people/{2**63}", "/certificates/a.b", "/results/-1"]
)
def test_a_key_that_none_can_be_is_refused(cast, path):
    assert machine(cast, cast.jinhai.unit).ask(path).status_code == 422


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/people/1/2", "/people/", "/v2/people"])
def test_an_address_that_is_none_is_told_in_the_same_shape(cast, path):
    answer = machine(cast, cast.jinhai.unit).ask(path)
    if path == "":
        assert answer.status_code in (301, 404)
    else:
        assert (answer.status_code, list(answer.json())) == (404, ["problem"])


def test_times_beyond_what_the_house_holds_mean_all_or_none(cast):
    asks = machine(cast, cast.jinhai.unit)
    for since, expected in (
        ("0001-01-01T00:00:00Z", 3),
        ("2020-01-01T00:00:00+08:00", 3),
        ("9999-12-31T23:59:59.999999-12:00", 0),
    ):
        assert len(asks.rows("/people", entered_since=since)) == expected


def test_people_by_enterprise_and_by_whether_they_are_in_post(cast):
    asks, today = machine(cast, cast.city_organ), timezone.localdate()
    post = cast.post(cast.officer)
    post.ended_on = today
    post.save()

    def ids(**filters):
        return {row["id"] for row in asks.rows("/people", **filters)}

    assert ids(enterprise=cast.jinhai.uscc, state="left") == {cast.officer.pk}
    assert ids(enterprise=cast.jinhai.uscc, state="in_post") == {cast.director.pk, cast.principal.pk}
    assert ids(enterprise=cast.hengtong.uscc) == {cast.stranger.pk}
    assert machine(cast, cast.nankai).rows("/people", enterprise=cast.jinhai.uscc) == []


def test_numbers_are_masked(cast):
    row = machine(cast, cast.jinhai.unit).ask(f"/people/{cast.officer.pk}").json()
    person = cast.officer
    assert row == {
        "id": person.pk,
        "name": "王雨晨",
        "id_number_masked": person.id_mask,
        "phone_masked": person.phone_mask,
        "entered_at": row["entered_at"],
    }
    assert "*" in person.id_mask and "*" in person.phone_mask


def test_no_full_number_stands_in_any_list(cast):
    build.certified(cast)
    asks = machine(cast, cast.city_organ)
    said = json.dumps([asks.rows(path) for path in PATHS], ensure_ascii=False)
    assert cast.officer.id_mask in said
    for person in cast.everybody().values():
        assert person.id_number not in said and person.phone not in said
        assert person.email not in said


def test_a_post_tells_its_state_and_how_its_holder_stands(cast):
    build.certified(cast)
    asks, today = machine(cast, cast.jinhai.unit), timezone.localdate()
    Post.objects.filter(person=cast.director).update(appointed_on=today + timedelta(days=3))
    told = {row["person_id"]: (row["state"], row["standing"], row["is_valid"]) for row in asks.rows("/posts")}
    assert told == {
        cast.officer.pk: ("current", "good", True),
        cast.director.pk: ("planned", None, None),
        cast.principal.pk: ("current", "by_office", True),
    }
    for state in ("current", "planned", "ended"):
        assert {row["state"] for row in asks.rows("/posts", state=state)} <= {state}
    assert [row["person_id"] for row in asks.rows("/posts", state="planned")] == [cast.director.pk]
    assert asks.ask(f"/posts/{cast.post(cast.officer).pk}").json()["categories"] == ["1501"]


def test_a_released_result_is_told_with_its_points(cast):
    found = build.certified(cast)
    row = machine(cast, cast.jinhai.unit).ask(f"/results/{found.attempt_id}").json()
    result = Attempt.objects.get(pk=found.attempt_id).current_result
    assert (row["state"], row["points"], row["passed"]) == ("released", str(result.points), True)
    assert row["enterprise"] == {"credit_code": cast.jinhai.uscc, "name": "津海电动车有限公司"}


def test_the_result_of_a_spot_check_is_not_told_before_its_release(cast):
    exam = build.make_exam(cast, "spot", counts={"single": 2, "blank": 2}, kind="spot_check")
    exam.blueprint.lines.update(points="17.35")
    secret = build.handed_in(build.begun(build.make_session(cast, "spot", exam=exam), cast.officer), 0.75)
    assert str(secret.current_result.points) == "52.05"
    asks = machine(cast, cast.city_organ)
    [row] = asks.rows("/results")
    assert [row[name] for name in ("state", "points", "max_points", "percent", "passed")] == ["awaited"] + [
        None
    ] * 4
    assert "52.05" not in json.dumps([asks.rows(path) for path in PATHS])


def test_a_result_that_stands_under_terms_without_disclosure_is_not_told(cast):
    attempt = build.certified(cast).attempt
    session = attempt.registration.session
    type(session).objects.filter(pk=session.pk).update(disclosure="nothing")
    [row] = machine(cast, cast.city_organ).rows("/results")
    assert (row["state"], row["points"], row["passed"]) == ("released", None, None)


def test_a_voided_attempt_keeps_its_line_and_loses_its_points(cast):
    found = build.certified(cast)
    Attempt.objects.filter(pk=found.attempt_id).update(state="voided", voided_at=timezone.now())
    [row] = machine(cast, cast.city_organ).rows("/results", state="voided")
    assert (row["id"], row["state"], row["points"], row["passed"]) == (found.attempt_id, "voided", None, None)


def test_a_running_attempt_is_nobodys_business(cast):
    build.begun(build.make_session(cast), cast.officer)
    assert machine(cast, cast.city_organ).rows("/results") == []


def test_a_certificate_is_told_as_printed_with_its_worth_today(cast):
    found = build.certified(cast)
    asks = machine(cast, cast.jinhai.unit)
    row = asks.ask(f"/certificates/{found.number}").json()
    assert (row["name"], row["state"], row["replaced_by"]) == ("王雨晨", "in_force", None)
    assert row["verify_url"].endswith(f"/{found.code}/")
    before = (timezone.now() + timedelta(seconds=1)).isoformat()
    certificate_acts.decide(found, to="suspended", by=cast.city, why="核查期间暂停使用")
    assert [row["state"] for row in asks.rows("/certificates", state="suspended")] == ["suspended"]
    assert asks.rows("/certificates", state="in_force") == []
    assert asks.rows("/certificates", changed_since=before) != []  # of the same day
    later = (timezone.now() + timedelta(days=2)).isoformat()
    assert asks.rows("/certificates", changed_since=later) == asks.rows("/results", changed_since=later) == []


def test_a_page_costs_the_same_whatever_stands_on_it(cast, django_assert_num_queries):
    room = build.make_session(cast)
    build.certified(cast, cast.officer, session=room)
    asks = machine(cast, cast.city_organ)
    asks.ask("/people")  # the first use of a day is written down
    costs = {"/people": 3, "/posts": 5, "/results": 3, "/certificates": 3}
    for path, queries in costs.items():
        with django_assert_num_queries(queries):
            assert len(asks.ask(path).json()["items"]) >= 1
    build.certified(cast, cast.director, session=room)
    build.certified(cast, cast.stranger, session=room)
    hire(cast.jinhai, ["more", "and more"])
    for path, queries in costs.items():
        with django_assert_num_queries(queries):
            assert len(asks.ask(path).json()["items"]) >= 3


def test_every_page_leaves_one_line_in_the_log(cast):
    asks = Machine(make_token(cast, cast.city_organ)[1])
    asks.rows("/people", limit=2)
    lines = AuditEvent.objects.filter(action="api.read").order_by("pk")
    assert [line.data["rows"] for line in lines] == [2, 2]
