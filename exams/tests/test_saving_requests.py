"""What save and hand-in take, field by field, and that everything else gets a sentence, stores nothing and harms nothing."""

import json

import pytest
from django.urls import reverse

from exams import limits, tokens
from exams.actions.verifying import problems_of
from exams.models import Attempt
from exams.queries import papers, responses
from tests import build

MISSING = object()

# The body of both requests, as the page sends it: {"entries": [entry, …]}, at most 200. For every field what it takes, and with
# which status what it does not take is refused: 400 is no such body at all, 422 one that does not belong to this paper.
SCHEMA = {
    "number": {
        "takes": [1, 2, 40],
        400: [MISSING, None, "1", "", True, 1.0, 1.5, -1.0, [1], {"n": 1}],
        422: [0, -1, 2**31, 2**63, 10**40, 2**31 - 1],
    },
    "position": {
        "takes": [1],
        400: [MISSING, None, "1", "", False, 1.0, [1], {}],
        422: [0, -1, 17, 2**31, 10**40],
    },
    "payload": {
        "takes": [{}, {"options": []}],
        400: [MISSING, None, "", "a", 1, True, [], [{}]],
        422: [
            {"options": ["a"]},  # the true id, which no page names
            {"options": ["zzzzzzzzzz"]},
            {"options": [1]},
            {"options": [None]},
            {"options": [["a"]]},
            {"options": "a"},
            {"options": {"a": 1}},
            {"options": None},
            {"options": [], "score": 1},
            {"value": True},
            {"blanks": {"1": "x"}},
            {"parts": {}},
            {"parts": {"1": {"parts": {"1": {}}}}},
            {"score": 1},
            {"": {}},
        ],
    },
    "flagged": {"takes": [MISSING, True, False], 400: [None, 0, 1, "", "true", [], {}]},
}
REFUSED = [
    (field, status, value)
    for field, row in SCHEMA.items()
    for status in (400, 422)
    for value in row.get(status, ())
]
TAKEN = [(field, value) for field, row in SCHEMA.items() for value in row["takes"]]
NAMES = ("save", "hand_in")


@pytest.fixture
def attempt(cast):
    return build.begun(build.make_session(cast), cast.officer)


def post(client, name, attempt, body, content_type="application/json"):
    body = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.generic("POST", reverse(f"exams:{name}", args=[attempt.pk]), body, content_type)


def entry(field=None, value=None):
    """A sound entry, or one with another value in one field."""
    sound = {"number": 1, "position": 1, "payload": {}, "flagged": True}
    changed = sound | ({field: value} if field else {})
    return {name: one for name, one in changed.items() if one is not MISSING}


def is_refused(answer, status):
    """With this status, as JSON, and with a sentence for people."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json"), answer.content[:200]
    sentence = answer.json()["problem"]
    assert sentence.endswith("。") and len(sentence) > 5
    return True


def goes_on(client, attempt):
    """Nothing is stored, nothing is broken: the next answer is taken, and the chain holds."""
    assert list(attempt.responses.all()) == []
    attempt.refresh_from_db()
    assert (attempt.state, attempt.current_result) == ("in_progress", None)
    sound = build.sent(attempt, build.right_entries(attempt, 0.25))
    assert post(client, "save", attempt, {"entries": sound}).status_code == 200
    assert list(problems_of(Attempt.objects.filter(pk=attempt.pk))) == [(attempt.pk, [])]
    return True


def test_every_field_takes_what_the_page_sends(cast, attempt, as_user):
    client = as_user(cast.officer)
    for field, value in TAKEN:
        other = build.begun(build.make_session(cast, f"{field}{TAKEN.index((field, value))}", exam=attempt.registration.session.exam), cast.officer)  # fmt: skip
        answer = post(client, "save", other, {"entries": [entry(field, value)]})
        assert answer.status_code == 200, (field, value, answer.content)
        assert other.responses.count() == 1


def test_every_field_refuses_what_no_page_sends(cast, attempt, as_user):
    client = as_user(cast.officer)
    assert papers.places(attempt.paper)[1].type == "single"
    for name in NAMES:
        for field, status, value in REFUSED:
            answer = post(client, name, attempt, {"entries": [entry(field, value)]})
            assert is_refused(answer, status), (name, field, value)
    assert len(REFUSED) * len(NAMES) == 118
    assert goes_on(client, attempt)


BODIES = {
    "nothing": b"",
    "a space": b" ",
    "no JSON": b"entries=1",
    "half of one": b'{"entries": [{"number": 1, "posi',
    "two of them": b'{"entries": []}{"entries": []}',
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "no entries": b"{}",
    "entries null": b'{"entries": null}',
    "entries an object": b'{"entries": {}}',
    "entries a text": b'{"entries": ""}',
    "entries a number": b'{"entries": 0}',
    "an entry null": b'{"entries": [null]}',
    "an entry a list": b'{"entries": [[1, 1, {}]]}',
    "NaN": b'{"entries": [{"number": NaN, "position": 1, "payload": {}}]}',
    "NaN in a payload": b'{"entries": [{"number": 1, "position": 1, "payload": {"options": [NaN]}}]}',
    "infinity": b'{"entries": [{"number": 1, "position": -Infinity, "payload": {}}]}',
    "larger than any float": b'{"entries": [{"number": 1e999, "position": 1, "payload": {}}]}',
    "ten thousand digits": b'{"entries": [{"number": ' + b"9" * 10_000 + b', "position": 1, "payload": {}}]}',
    "a key twice": b'{"entries": [{"number": 1, "number": 2, "position": 1, "payload": {}}]}',
    "entries twice": b'{"entries": [], "entries": [{"number": 1, "position": 1, "payload": {}}]}',
    "a payload's key twice": b'{"entries": [{"number": 1, "position": 1, "payload": {"options": [], "options": []}}]}',
    "no UTF-8": b'{"entries": [{"number": 1, "position": 1, "payload": {"\xff": 1}}]}',
    "half a character": '{"entries": [{"number": 1, "position": 1, "payload": {"试'.encode()[:-1] + b'": 1}}]}',
    "UTF-16": '{"entries": []}'.encode("utf-16"),
    "a mark before": b'\xef\xbb\xbf{"entries": []}',
    "deep lists": b"[" * 100_000,
    "a deep payload": b'{"entries": [{"number": 1, "position": 1, "payload": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}]}",
}  # fmt: skip


def test_a_body_of_another_shape_gets_a_sentence(cast, attempt, as_user):
    client = as_user(cast.officer)
    for name in NAMES:
        for what, body in BODIES.items():
            assert is_refused(post(client, name, attempt, body), 400), (name, what)
    assert goes_on(client, attempt)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("written", ["text/plain", "", "application/xml", "application/jsonp", "a/b/c; d"])
def test_what_is_neither_json_nor_a_form_is_not_taken_for_either(cast, attempt, as_user, name, written):
    client = as_user(cast.officer)
    assert is_refused(post(client, name, attempt, {"entries": [entry()]}, written), 400)
    assert goes_on(client, attempt)


@pytest.mark.parametrize("depth", [2, 10, 100, 200, 400, 440, 443, 460])
def test_parts_inside_parts_are_refused_at_any_depth(cast, attempt, as_user, depth):
    case = next(p for p, place in papers.places(attempt.paper).items() if place.type == "case")
    client = as_user(cast.officer)
    payload = '{"parts":{"1":' * depth + "{}" + "}}" * depth
    body = f'{{"entries": [{{"number": 1, "position": {case}, "payload": {payload}}}]}}'
    answer = post(client, "save", attempt, body)
    assert is_refused(answer, answer.status_code)
    assert answer.status_code in (400, 422)
    name = f"q{case}" + "/parts/1" * depth * 10 + "/options"
    form = f"position={case}&go=2&{name}=a"
    assert post(client, "save", attempt, form, "application/x-www-form-urlencoded").status_code == 302
    assert goes_on(client, attempt)


TEXTS = {
    "NUL": "a\0b",
    "half a surrogate pair": "a\ud800",
    "the other half": "\udfffb",
    "too long": "安" * 501,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_that_cannot_be_kept_is_refused_and_any_other_is_kept_as_typed(cast, attempt, as_user, text):
    client = as_user(cast.officer)
    blank = next(p for p, place in papers.places(attempt.paper).items() if place.type == "blank")
    for name in NAMES:
        body = {"entries": [entry() | {"position": blank, "payload": {"blanks": {"1": text}}}]}
        assert is_refused(post(client, name, attempt, body), 422)
    strange = "𠮷\u202e<b>&amp;\u200b'\"\\\n\t\ufffe\x7f٣"
    body = {"entries": [entry() | {"position": blank, "payload": {"blanks": {"1": strange}}}]}
    assert post(client, "save", attempt, body).status_code == 200
    assert responses.latest(attempt)[0][blank].payload == {"blanks": {"1": strange}}
    page = client.get(reverse("exams:sitting", args=[attempt.pk])).content.decode()
    assert "<b>&amp;\u200b" not in page and "&lt;b&gt;&amp;amp;" in page


def test_two_hundred_entries_are_taken_and_one_more_is_refused_whole(cast, attempt, as_user):
    client = as_user(cast.officer)
    many = [entry("number", n) | {"flagged": n % 2 == 0} for n in range(1, 202)]
    for name in NAMES:
        assert is_refused(post(client, name, attempt, {"entries": many}), 422)
    assert attempt.responses.count() == 0
    assert post(client, "save", attempt, {"entries": many[:200]}).json()["last"] == 200
    assert attempt.responses.count() == 200


def test_two_entries_under_one_number_are_refused_whole(cast, attempt, as_user):
    client = as_user(cast.officer)
    once, other = entry(), entry("flagged", False)
    for name in NAMES:
        for pair in ([once, once], [once, other], [once, once | {"position": 2}]):
            assert is_refused(post(client, name, attempt, {"entries": pair}), 422)
    assert goes_on(client, attempt)


def test_one_bad_entry_keeps_the_good_ones_beside_it_out_too(cast, attempt, as_user):
    client = as_user(cast.officer)
    good = build.sent(attempt, build.right_entries(attempt, 0.5))
    for name in NAMES:
        for bad in (entry("position", 99), entry("number", 0), entry("payload", {"score": 1})):
            assert is_refused(post(client, name, attempt, {"entries": [*good, bad]}), 422)
    assert goes_on(client, attempt)


def test_what_else_stands_in_an_entry_is_not_even_looked_at(cast, attempt, as_user):
    client, more = as_user(cast.officer), {"score": 1, "points": 99, "saved_at": "2001-01-01", "attempt": 1}
    answer = post(client, "save", attempt, {"entries": [entry() | more], "deadline": 9e15, "by": 1})
    assert answer.status_code == 200
    assert attempt.responses.values_list("number", "position", "payload", "flagged").get() == (1, 1, {}, True)
    attempt.refresh_from_db()
    assert answer.json()["deadline"] == int(attempt.deadline.timestamp() * 1000)


# --- how large ------------------------------------------------------------------------------------------------------


class Unread:
    """A body that must not be read."""

    def read(self, *_size):
        raise AssertionError("it was read")

    readline = read


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [limits.LARGEST_JSON + 1, 10**9, 10**30])
def test_too_large_a_body_is_refused_before_it_is_read(
    cast, attempt, as_user, name, length, django_assert_num_queries
):
    client = as_user(cast.officer)
    facts = {"CONTENT_LENGTH": str(length), "CONTENT_TYPE": "application/json", "wsgi.input": Unread()}
    with django_assert_num_queries(0):
        answer = client.post(reverse(f"exams:{name}", args=[attempt.pk]), **facts)
    assert is_refused(answer, 413)
    assert goes_on(client, attempt)


def test_too_large_a_form_gets_a_page_with_the_sentence(cast, attempt, as_user, django_assert_num_queries):
    client = as_user(cast.officer)
    facts = {"CONTENT_LENGTH": str(limits.LARGEST_FORM + 1), "wsgi.input": Unread()}
    facts["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    with django_assert_num_queries(0):
        answer = client.post(reverse("exams:save", args=[attempt.pk]), **facts)
    assert (answer.status_code, answer["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert "发送的内容过大，这一次没有处理；已保存的作答不受影响。" in answer.content.decode()
    assert goes_on(client, attempt)


def test_the_fullest_honest_answer_is_half_of_the_largest_body(cast, as_user):
    """A case of twenty fill-ins, every blank full of what takes most room on the way."""
    fullest = {"parts": {str(n): {"blanks": {"1": "\x01" * 500, "2": "\x01" * 500}} for n in range(20)}}
    assert len(json.dumps({"entries": [entry("payload", fullest)]})) < limits.LARGEST_JSON / 2


def test_the_page_sends_what_this_table_takes(attempt):
    sound = build.right_entries(attempt)
    for one, sent in zip(sound, build.sent(attempt, sound), strict=True):
        assert {name: type(value) for name, value in sent.items()} == {
            "number": int,
            "position": int,
            "payload": dict,
            "flagged": bool,
        }
        assert tokens.closed(attempt.pk, one.position, one.payload) == sent["payload"]
