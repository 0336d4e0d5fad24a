"""What the hot path costs in queries: literal numbers, and the same for a short paper and a long one."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exams import markup
from exams.actions import attempts
from exams.models import Attempt, Registration
from exams.queries import hot, papers
from supervision.tests.stories import crowd
from tests import build

LENGTHS = {
    16: build.MIXED,
    50: {"single": 20, "multiple": 10, "truefalse": 10, "blank": 8, "case": 2},
    100: {"single": 40, "multiple": 20, "truefalse": 20, "blank": 15, "case": 5},
}
VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def cost(act):
    """How many statements an act sends, not counting BEGIN, COMMIT and savepoints."""
    with CaptureQueriesContext(connection) as context:
        act()
    return [q["sql"] for q in context.captured_queries if q["sql"].lstrip("( ").startswith(VERBS)]


def forget():
    """As in a process that has just started."""
    papers._places.cache_clear()
    markup.render.cache_clear()
    markup.inline.cache_clear()


@pytest.fixture
def measured(cast, as_user, django_capture_on_commit_callbacks):
    """Sit a paper of this length from start to review and give the number of statements of each step."""

    def sit(length, share=1):
        room = build.make_session(cast, f"of-{length}", counts=LENGTHS[length], cut_score=60)
        registration = build.admitted(room, cast.officer)
        client = as_user(cast.officer)
        found = {}
        start = reverse("exams:start", args=[room.code])
        found["start"] = len(cost(lambda: client.post(start)))
        found["start again"] = len(cost(lambda: client.post(start)))
        attempt = Attempt.objects.get(registration=registration)

        def at(name):
            return reverse(f"exams:{name}", args=[attempt.pk])

        def send(name, entries):
            body = json.dumps({"entries": build.sent(attempt, entries)})
            answer = client.post(at(name), body, content_type="application/json")
            assert answer.status_code == 200
            return answer

        entries = build.right_entries(attempt, share)
        forget()
        found["sitting, cold"] = len(cost(lambda: client.get(at("sitting"))))
        found["sitting"] = len(cost(lambda: client.get(at("sitting"))))
        found["save one"] = len(cost(lambda: send("save", entries[:1])))
        found["save many"] = len(cost(lambda: send("save", entries[1:])))
        found["save again"] = len(cost(lambda: send("save", entries)))
        forget()

        def hand_in():
            with django_capture_on_commit_callbacks(execute=True):
                assert send("hand_in", []).status_code == 200

        found["hand in, with record and certificate"] = len(cost(hand_in))
        found["hand in again"] = len(cost(lambda: send("hand_in", [])))
        found["result"] = len(cost(lambda: client.get(at("result"))))
        found["review"] = len(cost(lambda: client.get(at("review"))))
        return found

    return sit


def test_the_whole_sitting_costs_the_same_for_16_50_and_100_questions(cast, measured):
    build.certified(cast, cast.director)  # the year's first certificate also opens its numbering
    found = {length: measured(length) for length in LENGTHS}
    assert found[16] == found[50] == found[100]
    assert found[16] == {
        "start": 9,
        "start again": 5,
        "sitting, cold": 4,
        "sitting": 3,
        "save one": 3,
        "save many": 3,
        "save again": 3,
        "hand in, with record and certificate": 25,
        "hand in again": 3,
        "result": 7,
        "review": 7,
    }
    assert found[16]["sitting, cold"] <= 8
    assert found[16]["save many"] <= 4


def rows_read(plan):
    """The most rows of attempts that a node of a plan gave, over all its loops."""
    own = plan["Actual Rows"] * plan["Actual Loops"] if plan.get("Relation Name") == "exams_attempt" else 0
    return max([own, *map(rows_read, plan.get("Plans", ()))])


def many_more(mine, cast, n):
    """So many others who sit in the same session at this moment, as the database sees them."""
    like = mine.registration
    registered = Registration.objects.bulk_create(
        Registration(session=like.session, candidate=post.person, post=post, source=like.source)
        for post in crowd(cast, n)
    )
    Attempt.objects.bulk_create(
        Attempt(
            registration=one,
            number=1,
            paper=mine.paper,
            layout=mine.layout,
            started_at=mine.started_at,
            deadline=mine.deadline,
        )
        for one in registered
    )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans otherwise")
@pytest.mark.parametrize("is_known", [False, True], ids=["nobody looked at the tables", "analysed"])
@pytest.mark.parametrize(
    ("query", "names"), [(hot.OWN_ATTEMPT, {"user", "pk"}), (hot.RUNNING, {"user"})], ids=["own", "running"]
)
def test_whoever_asks_for_her_own_attempt_does_not_read_all_that_run(cast, query, names, is_known):
    mine = build.begun(build.make_session(cast), cast.officer)
    many_more(mine, cast, 1000)  # in a small table it would be the cheapest to read all
    statement, values = query.statement(
        **{name: value for name, value in {"user": cast.officer.pk, "pk": mine.pk}.items() if name in names}
    )
    with connection.cursor() as cursor:
        if is_known:
            cursor.execute("ANALYZE")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        [[told]] = cursor.fetchall()
    assert 1 <= rows_read(told[0]["Plan"]) <= 2


def rows_cost(client, address, make, few=1, many=30):
    """What a list costs with few rows and with many."""
    costs = []
    made = 0
    for wanted in (few, many):
        while made < wanted:
            made += 1
            make(made)
        costs.append(len(cost(lambda: client.get(address))))
    return costs


@pytest.fixture
def exam(cast):
    build.make_scheme()
    return build.make_exam(cast, counts={"truefalse": 1})


def test_her_list_of_exams_costs_the_same_for_one_row_and_thirty(cast, exam, as_user):
    def make(n):
        build.make_session(cast, f"open-{n}", exam=exam, papers_wanted=1)
        build.begun(build.make_session(cast, f"owed-{n}", exam=exam, papers_wanted=1), cast.officer)
        build.handed_in(
            build.begun(build.make_session(cast, f"sat-{n}", exam=exam, papers_wanted=1), cast.officer)
        )

    few, many = rows_cost(as_user(cast.officer), reverse("exams:mine"), make)
    assert few == many <= 10


def test_the_wallet_and_the_list_of_certificates_cost_the_same_for_one_row_and_thirty(cast, exam, as_user):
    def make(n):
        build.certified(cast, session=build.make_session(cast, f"sat-{n}", exam=exam, papers_wanted=1))

    made = iter(range(1, 100))
    costs = {"wallet": [], "certificates": []}
    for wanted in (1, 29):
        for _time in range(wanted):
            make(next(made))
        for name, who in (("wallet", cast.officer), ("certificates", cast.manager)):
            client = as_user(who)
            costs[name].append(len(cost(lambda: client.get(reverse(f"certificates:{name}")))))  # noqa: B023 called at once
    assert costs["wallet"][0] == costs["wallet"][1] <= 6
    assert costs["certificates"][0] == costs["certificates"][1] <= 6


def test_the_briefing_costs_the_same_after_many_attempts(cast, exam, as_user):
    room = build.make_session(cast, "again", exam=exam, max_attempts=0)
    registration = build.admitted(room, cast.officer)

    def make(n):
        build.handed_in(attempts.start(registration, by=cast.officer), share=0)

    as_user(cast.officer).get(
        address := reverse("exams:session", args=[room.code])
    )  # reads the papers' composition, once
    few, many = rows_cost(as_user(cast.officer), address, make)
    assert few == many <= 10
