"""Which token opens what: two enterprises, two districts, four scopes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions, queries, scope
from accounts.models import ApiToken, Login, TokenScope
from api import door
from api.tests.stories import ALL, BASE, Machine, machine, make_token
from audit.models import AuditEvent
from tests import build

SEEN = {
    "jinhai": ["officer", "director", "principal"],
    "station_organ": ["officer", "director", "principal"],
    "xiqing": ["officer", "director", "principal"],
    "nankai": ["stranger"],
    "hengtong": ["stranger"],
    "city_organ": ["officer", "director", "principal", "stranger"],
}
LISTS = {"/people": "people:read", "/posts": "posts:read", "/results": "results:read"}
LISTS |= {"/certificates": "certificates:read"}


def unit_of(cast, name):
    found = getattr(cast, name)
    return getattr(found, "unit", found)


@pytest.fixture
def certificates(cast):
    """One certificate in each enterprise."""
    room = build.make_session(cast)
    return {who: build.certified(cast, getattr(cast, who), session=room) for who in ("officer", "stranger")}


@pytest.mark.parametrize("name", SEEN)
def test_a_token_sees_the_people_of_its_unit_and_below(cast, certificates, name):
    people = [getattr(cast, who) for who in SEEN[name]]
    asks = machine(cast, unit_of(cast, name))
    assert {row["id"] for row in asks.rows("/people")} == {person.pk for person in people}
    assert {row["person_id"] for row in asks.rows("/posts")} == {person.pk for person in people}
    certified = {who for who in certificates if who in SEEN[name]}
    holders = {getattr(cast, who).pk for who in certified}
    assert {row["person_id"] for row in asks.rows("/results")} == holders
    assert {row["person_id"] for row in asks.rows("/certificates")} == holders


@pytest.mark.parametrize("name", SEEN)
def test_a_single_row_opens_by_the_same_door_as_the_list(cast, certificates, name):
    asks = machine(cast, unit_of(cast, name))
    for who in ("officer", "stranger"):
        person, found = getattr(cast, who), certificates[who]
        paths = [
            f"/people/{person.pk}",
            f"/posts/{cast.post(person).pk}",
            f"/results/{found.attempt_id}",
            f"/certificates/{found.number}",
        ]
        expected = 200 if who in SEEN[name] else 404
        assert [asks.ask(path).status_code for path in paths] == [expected] * 4


def test_a_token_sees_what_the_pages_show_to_its_unit(cast, certificates):
    for user, unit in ((cast.manager, cast.jinhai.unit), (cast.other_district, cast.nankai)):
        bearer = scope.bearer_of(make_token(cast, unit)[0])
        for door_of in (queries.people_seen_by, queries.posts_seen_by, queries.enterprises_seen_by):
            assert set(door_of(bearer)) == set(door_of(user)) != set()


def test_a_bearer_is_nobody(cast):
    bearer = scope.bearer_of(make_token(cast, cast.city_organ)[0])
    assert (scope.posts_of(bearer), scope.has_role(bearer, "admin", "editor", "reviewer")) == ([], False)
    assert list(queries.grants_run_by(bearer)) == list(queries.tokens_run_by(bearer)) == []


def test_without_the_scope_a_list_is_closed(cast):
    for path, needs in LISTS.items():
        for one in ALL:
            answer = machine(cast, cast.city_organ, [one]).ask(path)
            assert answer.status_code == (200 if one == needs else 403)
    assert machine(cast, cast.city_organ, ["posts:read"]).ask("/people").json() == {
        "problem": "令牌不能读取“人员”。"
    }


WRONG = {
    "nothing": None,
    "another": "zk_0123456789_" + "a" * 43,
    "nonsense": "abc",
    "not ascii": "zk_０１２３",
    "empty": "",
    "huge": "x" * 5000,
}


@pytest.mark.parametrize("secret", WRONG.values(), ids=WRONG)
def test_who_bears_no_token_in_order_is_told_so_in_a_sentence(cast, secret):
    asks = Machine(secret)
    if secret == "":
        asks.headers = {"Authorization": "Bearer "}
    answer = asks.ask("/people")
    assert (answer.status_code, answer["WWW-Authenticate"], list(answer.json())) == (
        401,
        "Bearer",
        ["problem"],
    )
    assert not answer.cookies


def test_a_secret_with_the_right_beginning_and_a_wrong_end_opens_nothing(cast):
    _token, secret = make_token(cast, cast.city_organ)
    assert Machine(secret).ask("/people").status_code == 200
    wrong = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    assert Machine(wrong).ask("/people").status_code == 401


def test_only_a_keyed_hash_of_the_secret_is_kept(cast):
    token, secret = make_token(cast, cast.city_organ)
    kept = str(list(ApiToken.objects.values())) + str(list(AuditEvent.objects.values()))
    assert token.prefix in kept
    assert secret not in kept and secret.removeprefix(token.prefix) not in kept


def test_an_ended_token_opens_nothing_and_its_use_is_remembered(cast):
    token, secret = make_token(cast, cast.city_organ)
    asks = Machine(secret)
    assert asks.ask("/people").status_code == 200
    actions.end_token(token, by=cast.admin)
    answer = asks.ask("/people")
    assert (answer.status_code, answer.json()["problem"]) == (401, "令牌已停用或到期，请联系系统管理员。")
    assert (
        AuditEvent.objects.filter(action="token.refused", target=f"accounts.apitoken:{token.pk}").count() == 1
    )


def test_a_token_opens_from_its_first_day_to_its_last(cast):
    token, secret = make_token(cast, cast.city_organ)
    today = timezone.localdate()
    seen = {}
    for name, starts, expires in (
        ("last day", -5, 0),
        ("over", -5, -1),
        ("first day", 0, 5),
        ("not yet", 1, 5),
    ):
        ApiToken.objects.filter(pk=token.pk).update(
            starts_on=today + timedelta(days=starts), expires_on=today + timedelta(days=expires)
        )
        seen[name] = Machine(secret).ask("/people").status_code
    assert seen == {"last day": 200, "over": 401, "first day": 200, "not yet": 401}


def test_a_login_is_no_token_and_a_token_no_login(cast, as_user):
    client = as_user(cast.admin)
    assert client.get(f"{BASE}/people").status_code == 401
    _token, secret = make_token(cast, cast.city_organ)
    page = Machine(secret).client.get("/people/", headers={"Authorization": f"Bearer {secret}"})
    assert page.status_code == 302


def test_no_cookie_is_set_and_no_session_read(cast, as_user, django_assert_num_queries):
    client = as_user(cast.admin)
    cast.admin.must_change_password = True
    cast.admin.save()
    _token, secret = make_token(cast, cast.city_organ)
    headers = {"Authorization": f"Bearer {secret}"}
    client.get(f"{BASE}/people", headers=headers)
    before = Login.objects.count()
    with django_assert_num_queries(3) as asked:  # the token, the people, the line of the log
        answer = client.get(f"{BASE}/people", headers=headers)
    assert not any("accounts_login" in query["sql"] for query in asked)
    assert (answer.status_code, dict(answer.cookies), Login.objects.count()) == (200, {}, before)
    assert answer["Cache-Control"] == "no-store"


def test_nothing_can_be_written(cast):
    asks = machine(cast, cast.city_organ)
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(asks.client, method)(f"{BASE}/people", headers=asks.headers)
        assert answer.status_code == 405


def test_whoever_fails_too_often_waits_and_harms_nobody_else(cast, settings):
    settings.API_PER_SECOND, settings.API_AT_ONCE = 10, 40
    door.forget()
    statuses = [
        Machine(WRONG["another"]).ask("/people").status_code for _again in range(door.FAILED_AT_ONCE + 5)
    ]
    assert statuses[: door.FAILED_AT_ONCE] == [401] * door.FAILED_AT_ONCE
    assert statuses[-1] == 429
    assert machine(cast, cast.city_organ).ask("/people").status_code == 200


def test_a_token_that_asks_too_often_waits(cast, settings):
    settings.API_PER_SECOND, settings.API_AT_ONCE = 0.01, 3
    door.forget()
    asks, other = machine(cast, cast.city_organ), machine(cast, cast.xiqing)
    answers = [asks.ask("/people") for _again in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert other.ask("/people").status_code == 200


def test_the_log_keeps_who_read_what_and_never_what_was_typed(cast):
    token, secret = make_token(cast, cast.jinhai.unit)
    Machine(secret).ask("/people", enterprise=cast.jinhai.uscc, state="in_post")
    line = AuditEvent.objects.get(action="api.read")
    keys = sorted(cast.jinhai.posts.values_list("person_id", flat=True))
    assert line.data == {
        "what": "people", "rows": 3, "first": keys[0], "last": keys[-1], "filters": ["enterprise", "state"],
    }  # fmt: skip
    assert (line.actor_id, line.actor_name, line.target) == (
        None,
        str(token),
        f"accounts.apitoken:{token.pk}",
    )


def test_the_day_of_the_last_use_is_kept(cast):
    token, secret = make_token(cast, cast.jinhai.unit, [TokenScope.POSTS])
    Machine(secret).ask("/people")
    token.refresh_from_db()
    assert token.last_used_on is None
    Machine(secret).ask("/posts")
    token.refresh_from_db()
    assert token.last_used_on == timezone.localdate()
