"""Save and hand-in under thousands of made-up bodies: always a sentence, never a crash, and stored is what was acknowledged.

Fixed seeds, so that a failure is the same everywhere; FUZZ=50000 looks further.
"""

import json
import logging
import os
from collections import Counter

import pytest
from django.http import QueryDict
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exams import tokens
from exams.actions import attempts
from exams.actions.verifying import problems_of
from exams.models import Attempt
from exams.queries import papers
from tests import build

EXAMPLES = int(os.environ.get("FUZZ") or 0)
ANSWERS = {200, 400, 404, 409, 410, 413, 422, 423, 429}


def examples(otherwise):
    return settings(
        max_examples=EXAMPLES or otherwise,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


# --- what is sent -----------------------------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(-3, 60),
    st.sampled_from([2**31 - 1, 2**31, 2**63, -(2**63) - 1, 10**30]),
    st.floats(allow_nan=True, allow_infinity=True),
)
WORDS = st.sampled_from(
    ["entries", "number", "position", "payload", "flagged", "options", "value", "blanks", "parts", "1", "2", "a", ""]
)  # fmt: skip
TEXTS = st.one_of(
    WORDS, st.text(max_size=6), st.sampled_from(["\0", "\ud800", "a\udfff", "安" * 501, "true"])
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)  # fmt: skip
BYTES = st.one_of(
    st.binary(max_size=60), st.text(max_size=40).map(lambda text: text.encode(errors="replace"))
)
FIELDS = ("number", "position", "payload", "flagged")


def near(payloads):
    """Bodies that differ from sound ones in a few places; `number` is counted from the highest one stored when it is sent."""
    sound = st.sampled_from(payloads).flatmap(
        lambda pair: st.fixed_dictionaries(
            {
                "number": st.integers(-1, 8),
                "position": st.just(pair[0]),
                "payload": st.one_of(st.just(pair[1]), st.just({})),
                "flagged": st.booleans(),
            }
        )
    )
    junk = st.one_of(JSON, st.sampled_from(payloads).map(lambda pair: pair[1]))
    bent = st.tuples(sound, st.sampled_from(FIELDS), junk).map(lambda got: got[0] | {got[1]: got[2]})
    short = st.tuples(sound, st.sampled_from(FIELDS)).map(
        lambda got: {k: v for k, v in got[0].items() if k != got[1]}
    )
    inside = st.tuples(sound, WORDS, junk).map(
        lambda got: got[0] | {"payload": got[0]["payload"] | {got[1]: got[2]}}
    )
    entries = st.lists(st.one_of(sound, sound, sound, bent, short, inside, JSON), max_size=5)
    return st.one_of(
        st.lists(sound, min_size=1, max_size=4, unique_by=lambda one: one["number"]), entries, st.lists(sound, max_size=2).map(lambda some: some * 2)
    )  # fmt: skip


def body_of(made, last):
    """The body as it goes over the line; a sound entry's number is counted from the last one stored."""
    if isinstance(made, bytes):
        return made
    if not (isinstance(made, tuple)):
        return json.dumps(made).encode()
    entries = [
        one | {"number": one["number"] + last}
        if isinstance(one, dict) and type(one.get("number")) is int and abs(one["number"]) < 9
        else one
        for one in made[0]
    ]
    return json.dumps({"entries": entries}).encode()


class Line:
    """A candidate's browser that sends anything and keeps the books of what was acknowledged."""

    def __init__(self, client, attempt):
        self.client, self.attempt = client, attempt
        self.outline = papers.outline(attempt.paper_id)
        self.known, self.seen, self.sent = {}, Counter(), 0

    @property
    def last(self):
        return max(self.known, default=0)

    def payloads(self):
        """Every place's right payload, as the page names it."""
        return [
            (e["position"], e["payload"]) for e in build.sent(self.attempt, build.right_entries(self.attempt))
        ]

    def send(self, name, body):
        """Send, check the answer, and enter what it acknowledges."""
        address = reverse(f"exams:{name}", args=[self.attempt.pk])
        answer = self.client.post(address, body, content_type="application/json")
        told = answer.json()
        assert answer["Content-Type"] == "application/json"
        assert answer.status_code in ANSWERS
        self.seen[answer.status_code] += 1
        self.sent += 1
        if answer.status_code == 200:
            self.enter(json.loads(body))
        else:
            assert told["problem"].endswith("。")
        if name == "save" and answer.status_code == 200:
            assert told["last"] == self.last
        return answer.status_code

    def enter(self, body):
        for e in body["entries"]:
            payload = attempts.canonical(
                self.attempt.pk, self.outline, e["position"], e["payload"], sealed=True
            )
            said = e["position"], payload, e.get("flagged", False)
            assert self.known.setdefault(e["number"], said) == said  # one number, one answer

    def is_true(self):
        """Stored is exactly what was acknowledged, and the chain verifies."""
        rows = self.attempt.responses.values_list("number", "position", "payload", "flagged")
        assert {number: said for number, *said in rows} == {n: list(said) for n, said in self.known.items()}
        assert list(problems_of(Attempt.objects.filter(pk=self.attempt.pk))) == [(self.attempt.pk, [])]
        return True


@pytest.fixture(autouse=True)
def _quiet():
    """A thousand refusals are no news."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def line(cast, as_user):
    return Line(as_user(cast.officer), build.begun(build.make_session(cast, max_attempts=0), cast.officer))


# --- and what then holds ----------------------------------------------------------------------------------------------


def test_save_answers_anything_and_stores_what_it_acknowledged(line):
    @examples(2000)
    @given(st.one_of(*[near(line.payloads()).map(lambda entries: (entries,))] * 6, JSON, BYTES))
    def fuzz(made):
        line.send("save", body_of(made, line.last))

    fuzz()
    assert line.is_true()
    assert line.sent >= 2000 and {200, 400, 409, 422} == set(line.seen), line.seen
    assert min(line.seen.values()) > 50, line.seen
    assert len(line.known) > 200
    assert line.send("hand_in", b'{"entries": []}') == 200
    assert line.is_true()


def test_hand_in_answers_anything_and_counts_what_it_acknowledged(line):
    lines = [line]

    @examples(600)
    @given(
        st.booleans(),
        st.one_of(*[near(line.payloads()).map(lambda entries: (entries,))] * 6, JSON, BYTES),
    )
    def fuzz(again, made):
        here = lines[-1]
        made = _for(here, made)
        ended = here.send("hand_in", body_of(made, here.last)) == 200
        if ended or here.seen[410]:
            if again:
                assert here.send("hand_in", body_of(made, 0)) in ANSWERS  # whatever comes after the end
                assert here.send("save", body_of(made, here.last)) in (400, 410)
            lines.append(_next(here))

    fuzz()
    assert all(one.is_true() for one in lines)
    seen = sum((one.seen for one in lines), Counter())
    assert {200, 400, 410, 422} <= set(seen) <= ANSWERS and len(lines) > 50, (seen, len(lines))
    assert Attempt.objects.filter(state="submitted").count() == len(lines) - 1


def _for(here, made):
    """The sound payloads of the first attempt, named as this attempt's page names them."""
    if not isinstance(made, tuple):
        return made
    own = dict(here.payloads())
    return (
        [
            e | {"payload": own[e["position"]]}
            if isinstance(e, dict)
            and type(e.get("position")) is int
            and e["position"] in own
            and e.get("payload")
            else e
            for e in made[0]
        ],
    )


def _next(here):
    attempt = attempts.start(here.attempt.registration, by=here.attempt.registration.candidate)
    return Line(here.client, attempt)


NAMES = st.one_of(
    st.tuples(st.integers(0, 18), st.sampled_from(["options", "value", "blanks/1", "blanks", "parts/1/options",
        "parts/2/options", "parts/3/value", "parts/4/blanks/2", "parts", "parts/1/parts/1/value", "score", ""])),
    st.tuples(st.integers(0, 18), st.lists(WORDS, max_size=5).map("/".join)),
).map(lambda got: f"q{got[0]}/{got[1]}")  # fmt: skip


FORM = "application/x-www-form-urlencoded"


def kept(text):
    """What of a text a form can carry."""
    return text.encode(errors="replace").decode()


def test_the_plain_form_answers_anything_too(line):
    """With a page or a redirect; what it stores belongs to the paper, and the chain verifies."""
    attempt, seen = line.attempt, Counter()
    address = reverse("exams:save", args=[attempt.pk])
    known = {
        (p, f"q{p}/options", tokens.token(attempt.pk, f"q{p}", one["id"]))
        for p, (_section, _kind, body) in enumerate(line.outline.places, start=1)
        for one in body.get("options", ())
    }
    values = st.one_of(TEXTS, st.sampled_from(["true", "false", "on"]))
    fields = st.dictionaries(st.one_of(NAMES, TEXTS), st.lists(values, max_size=3), max_size=6)
    sound = st.lists(st.sampled_from(sorted(known)), max_size=3)
    asked = st.lists(st.integers(-1, 20).map(str) | TEXTS, max_size=6)

    @examples(300)
    @given(fields, sound, asked, TEXTS)
    def fuzz(made, chosen, positions, go):
        data = QueryDict(mutable=True)
        for name, some in (made | {"position": positions, "go": [go]}).items():
            data.setlist(kept(name), [kept(one) for one in some])
        for position, name, token in chosen:
            data.appendlist("position", str(position))
            data.appendlist(name, token)
        answer = line.client.post(address, data.urlencode(), content_type=FORM)
        seen[answer.status_code] += 1

    fuzz()
    assert set(seen) <= {302, 400} and seen[302] > 150, seen
    for payload, position in attempt.responses.values_list("payload", "position"):
        assert attempts.canonical(attempt.pk, line.outline, position, payload) == payload
    assert attempt.responses.count() > 5
    assert list(problems_of(Attempt.objects.filter(pk=attempt.pk))) == [(attempt.pk, [])]
