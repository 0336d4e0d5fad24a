"""Whether both sides hold the same: what a page is told when it asks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import build


@pytest.fixture
def attempt(cast):
    return build.begun(build.make_session(cast), cast.officer)


def test_where_both_sides_agree_no_more_than_the_last_link_is_read(cast, attempt, as_user):
    client, address = as_user(cast.officer), reverse("exams:check", args=[attempt.pk])
    sound = build.sent(attempt, build.right_entries(attempt))
    head = client.post(
        reverse("exams:save", args=[attempt.pk]), {"entries": sound}, "application/json"
    ).json()["head"]
    seen = {}
    for known in (head, "", attempt.origin):
        with CaptureQueriesContext(connection) as context:
            told = client.get(address, {"head": known}).json()
        reads = [query["sql"] for query in context if '"exams_response"' in query["sql"]]
        assert (told["last"], told["head"]) == (len(sound), head)
        seen[known] = told["agrees"], len(told.get("answers", ())), ["payload" in sql for sql in reads]
    compared = (False, len(sound), [False, True])
    assert seen == {head: (True, 0, [False]), "": compared, attempt.origin: compared}


def test_before_the_first_answer_both_sides_agree_on_the_origin(cast, attempt, as_user):
    address = reverse("exams:check", args=[attempt.pk])
    told = as_user(cast.officer).get(address, {"head": attempt.origin}).json()
    assert (told["agrees"], told["last"], told["head"], "answers" in told) == (True, 0, attempt.origin, False)
