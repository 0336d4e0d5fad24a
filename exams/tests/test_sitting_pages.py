"""The sitting as a browser does it: with the page's module, with a plain form, and by those who have no business there."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import RecordEntry
from exams import presenting, tokens
from exams.actions import attempts
from exams.models import Attempt, Exam, ExamSession, Registration, Response, Result
from exams.queries import papers, responses
from tests import build


@pytest.fixture
def room(cast):
    return build.make_session(cast)


@pytest.fixture
def attempt(cast, room):
    return build.begun(room, cast.officer)


def at(name, attempt):
    return reverse(f"exams:{name}", args=[attempt.pk])


def send(client, attempt, entries, name="save"):
    """As the page does, which names options by tokens."""
    if not isinstance(entries, str):
        entries = [e | {"payload": tokens.closed(attempt.pk, e["position"], e["payload"])} for e in entries]
    body = entries if isinstance(entries, str) else json.dumps({"entries": entries})
    return client.post(at(name, attempt), body, content_type="application/json")


def entry(number, position, payload, flagged=False):
    return {"number": number, "position": position, "payload": payload, "flagged": flagged}


def position_of(attempt, kind):
    return next(p.position for p in papers.places(attempt.paper).values() if p.type == kind)


def said(attempt):
    counting, last = responses.latest(attempt)
    return {position: (r.payload, r.flagged) for position, r in counting.items()}, last


class Form:
    """What a browser without JavaScript would send: the fields of the page's form, and the button that is pressed."""

    FIELD = re.compile(r"<input\b[^>]*>")
    ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')

    def __init__(self, page):
        text = re.search(r'<form id="sitting".*?</form>', page.content.decode(), re.S)[0]
        self.fields = []
        for tag in self.FIELD.findall(text):
            facts = {name: html.unescape(value) for name, value in self.ATTRIBUTE.findall(tag[6:])}
            self.fields.append(facts)
        self.position = int(next(f["value"] for f in self.fields if f.get("name") == "position"))

    def tick(self, name, *values):
        for f in self.fields:
            if f.get("name") == name and f.get("type") in ("radio", "checkbox"):
                f.pop("checked", None)
                if f.get("value", "on") in values:
                    f["checked"] = ""

    def type(self, name, text):
        next(f for f in self.fields if f.get("name") == name)["value"] = text

    def fill(self, name, payload):
        """Fill in a payload as a person would."""
        for step, value in payload.items():
            if isinstance(value, dict):
                self.fill(f"{name}/{step}", value)
            elif isinstance(value, list):
                self.tick(f"{name}/{step}", *value)
            elif isinstance(value, bool):
                self.tick(f"{name}/{step}", str(value).lower())
            else:
                self.type(f"{name}/{step}", value)

    def sent(self, go):
        data = {"go": go}
        for f in self.fields:
            if "name" not in f or (f.get("type") in ("radio", "checkbox") and "checked" not in f):
                continue
            data.setdefault(f["name"], []).append(f.get("value", "on"))
        return data


# --- with the page's module ------------------------------------------------------------------------------------------


def test_the_page_shows_the_paper_and_the_server_takes_an_answer(cast, attempt, as_user):
    client = as_user(cast.officer)
    page = client.get(at("sitting", attempt))
    assert page.status_code == 200
    assert page["Cache-Control"].count("no-store") == 1
    shown = re.findall(build.STEM + r"([a-z]+-\d+)：", page.content.decode())
    order = attempt.layout["order"]
    assert shown == [papers.places(attempt.paper)[position].code for position in order]
    position = position_of(attempt, "single")
    answer = send(client, attempt, [entry(1, position, {"options": ["c"]}, True)])
    assert (answer.status_code, answer.json()["last"], answer.json()["head"]) == (
        200,
        1,
        attempt.responses.get().link,
    )
    assert answer.json()["deadline"] == int(attempt.deadline.timestamp() * 1000)
    assert said(attempt) == ({position: ({"options": ["c"]}, True)}, 1)
    config = client.get(at("sitting", attempt)).context["config"]
    assert (config["last"], config["total"], config["length"]) == (1, 16, 3600)


def test_what_was_saved_is_there_on_another_device(cast, attempt, as_user):
    build.answer_right(attempt)
    page = as_user(cast.officer).get(at("sitting", attempt))
    fields = QueryDict(mutable=True)
    for name, values in Form(page).sent("").items():
        fields.setlist(name, values if isinstance(values, list) else [values])
    shown = presenting.answers_of_form(fields, range(1, 17))
    assert {
        p: attempts.canonical(attempt.pk, papers.outline(attempt.paper_id), p, payload, sealed=True)
        for p, payload in shown.items()
    } == {
        p: build.right(place.type, place.body, place.key) for p, place in papers.places(attempt.paper).items()
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (" ", 400),
        ("[]", 400),
        ("{}", 400),
        ('{"entries": [1]}', 400),
        ('{"entries": [{"number": 1, "position": 1}]}', 400),
        ('{"entries": [{"number": "x", "position": 1, "payload": {}}]}', 400),
        ('{"entries": [{"number": 1e999, "position": 1, "payload": {}}]}', 400),
        ("[" * 100_000, 400),
        ('{"entries": [{"number": 1, "position": 99, "payload": {}}]}', 422),
        ('{"entries": [{"number": 1, "position": 1, "payload": {"score": 1}}]}', 422),
        ('{"entries": [{"number": 0, "position": 1, "payload": {}}]}', 422),
        ('{"entries": []}', 200),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_body_that_cannot_be_read_gets_a_sentence_and_changes_nothing(cast, attempt, as_user, body, status):
    answer = send(as_user(cast.officer), attempt, body)
    assert answer.status_code == status
    assert ("problem" in answer.json()) == (status != 200)
    assert Response.objects.count() == 0


def test_a_page_that_is_behind_is_told_where_to_count_on(cast, attempt, as_user):
    client, position = as_user(cast.officer), position_of(attempt, "single")
    send(client, attempt, [entry(4, position, {"options": ["a"]})])
    answer = send(client, attempt, [entry(2, position, {"options": ["b"]})])
    assert (answer.status_code, answer.json()["last"]) == (409, 4)
    again = send(client, attempt, [entry(5, position, {"options": ["b"]})])
    assert (again.status_code, said(attempt)[0]) == (200, {position: ({"options": ["b"]}, False)})


def test_handing_in_from_the_page(cast, attempt, as_user, django_capture_on_commit_callbacks):
    client = as_user(cast.officer)
    entries = [entry(e.number, e.position, e.payload) for e in build.right_entries(attempt)]
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, attempt, entries, "hand_in")
    assert (answer.status_code, answer.json()["state"]) == (200, "submitted")
    assert send(client, attempt, entries, "hand_in").status_code == 200  # the answer got lost: sent again
    late = send(client, attempt, [entry(99, 1, {})])
    assert (late.status_code, late.json()) == (410, {"problem": "答卷已交，不再接受作答。"})
    assert send(client, attempt, [entry(99, 1, {})], "hand_in").status_code == 410
    assert list(Result.objects.values_list("points", "passed")) == [(32, True)]
    for name in ("sitting", "review", "result"):
        assert client.get(at(name, attempt), follow=True).status_code == 200
    page = client.get(at("sitting", attempt))
    assert (page.status_code, page.url) == (302, at("result", attempt))


def test_a_save_after_the_deadline_is_answered_410_and_any_read_closes(cast, attempt, as_user):
    client = as_user(cast.officer)
    build.answer_right(attempt, 0.5)
    build.move_clock(attempt, minutes=60 * 5)
    assert send(client, attempt, [entry(50, 1, {})]).status_code == 410
    attempt.refresh_from_db()
    assert attempt.state == "in_progress"  # nothing but time has happened
    page = client.get(at("result", attempt))
    assert page.status_code == 200
    attempt.refresh_from_db()
    assert (attempt.state, attempt.ended_by, attempt.submitted_at) == (
        "submitted",
        "deadline",
        attempt.deadline,
    )
    assert "到时自动交卷" in page.content.decode()


@pytest.mark.parametrize("name", ["mine", "session", "sitting", "result", "review"])
def test_every_page_that_reads_an_attempt_closes_it_when_its_time_is_over(cast, room, attempt, as_user, name):
    build.move_clock(attempt, minutes=60 * 5)
    address = {"mine": reverse("exams:mine"), "session": reverse("exams:session", args=[room.code])}
    page = as_user(cast.officer).get(address.get(name) or at(name, attempt))
    attempt.refresh_from_db()
    assert (attempt.state, attempt.submitted_at) == ("submitted", attempt.deadline)
    if name in ("mine", "session"):
        assert at("result", attempt) in page.content.decode()
        assert "继续答题" not in page.content.decode()


# --- with a plain form ------------------------------------------------------------------------------------------------


def test_a_whole_exam_without_javascript(cast, room, as_user, django_capture_on_commit_callbacks):
    client = as_user(cast.officer)
    build.make_scheme()
    briefing = client.get(reverse("exams:session", args=[room.code]))
    assert "报名并开始考试" in briefing.content.decode()
    page = client.post(reverse("exams:start", args=[room.code]), follow=True)
    attempt = Attempt.objects.get()
    assert attempt.registration.source == Registration.Source.SELF
    places, order = papers.places(attempt.paper), attempt.layout["order"]
    for number, position in enumerate(order, start=1):
        form = Form(page)
        assert form.position == position
        place = places[position]
        right = build.right(place.type, place.body, place.key)
        form.fill(f"q{position}", tokens.closed(attempt.pk, position, right))
        if number == 3:
            form.tick(f"f{position}", "on")
        go = "hand-in" if number == len(order) else str(number + 1)
        page = client.post(at("save", attempt), form.sent(go), follow=True)
        assert page.status_code == 200
    asked = page.content.decode()
    assert 'id="hand-in" aria-labelledby="hand-in-title" open>' in asked
    assert re.search(r"<p data-left hidden>", asked)
    assert re.search(r"<b data-marked-list>3</b>", asked)
    stored, last = said(attempt)
    assert (len(stored), last) == (16, 16)
    assert [p for p, (_payload, flagged) in stored.items() if flagged] == [order[2]]
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(at("hand_in", attempt), follow=True)
    assert page.redirect_chain == [(at("result", attempt), 302)]
    assert (page.context["result"].points, page.context["result"].passed) == (32, True)
    review = client.get(at("review", attempt)).content.decode()
    assert review.count("is-wrong") == 1  # the legend's
    assert RecordEntry.objects.filter(kind="certificate").count() == 1


def test_going_back_and_emptying_an_answer(cast, attempt, as_user):
    client, order = as_user(cast.officer), attempt.layout["order"]
    number, position = next(
        (n, p) for n, p in enumerate(order, start=1) if papers.places(attempt.paper)[p].type == "multiple"
    )
    address = f"{at('sitting', attempt)}?q={number}"
    form = Form(client.get(address))
    a, c = (tokens.token(attempt.pk, f"q{position}", one) for one in "ac")
    form.tick(f"q{position}/options", a, c)
    form.tick(f"f{position}", "on")
    page = client.post(at("save", attempt), form.sent(str(number)), follow=True)
    assert said(attempt) == ({position: ({"options": ["a", "c"]}, True)}, 1)
    form = Form(page)
    assert form.sent("x")[f"q{position}/options"] in ([a, c], [c, a])
    form.tick(f"q{position}/options")
    client.post(at("save", attempt), form.sent(str(number - 1)))
    assert said(attempt) == ({position: ({}, True)}, 2)


def test_a_question_that_was_not_shown_is_not_emptied(cast, attempt, as_user):
    client = as_user(cast.officer)
    build.answer_right(attempt)
    before = said(attempt)
    page = client.get(f"{at('sitting', attempt)}?q=5")
    form = Form(page)
    data = form.sent("6")
    for name in [name for name in data if name.startswith("q") and not name.startswith(f"q{form.position}/")]:
        del data[name]  # even if a browser sent nothing of the others
    client.post(at("save", attempt), data)
    assert said(attempt) == before


def test_stepping_through_without_changing_anything_writes_nothing(cast, attempt, as_user):
    client = as_user(cast.officer)
    build.answer_right(attempt)
    for number in (1, 7, 16):
        page = client.get(f"{at('sitting', attempt)}?q={number}")
        client.post(at("save", attempt), Form(page).sent("2"))
    assert Response.objects.count() == 16


@pytest.mark.parametrize("q", ["0", "-3", "999", "x", "", "９"])
def test_an_odd_question_number_still_shows_a_question(cast, attempt, as_user, q):
    page = as_user(cast.officer).get(at("sitting", attempt), {"q": q})
    assert sum(question["is_current"] for question in page.context["questions"]) == 1


@pytest.mark.parametrize(
    "data",
    [
        {"position": "0"},
        {"position": "99"},
        {"position": "x"},
        {"position": "1", "q1/options": "z"},
        {"position": "1", "q1/options": "a", "q1/options/x": "a"},
        {"position": "1", "q1/value": "true", "q1/value/x/y": "a"},
        {"position": "1", "q1/parts/9/options": "a"},
        {"position": "1", "q1/key": "a"},
        {},
    ],
    ids=str,
)
def test_a_form_that_was_tampered_with_changes_nothing(cast, attempt, as_user, data):
    assert papers.places(attempt.paper)[1].type == "single"
    answer = as_user(cast.officer).post(at("save", attempt), data | {"go": "2"}, follow=True)
    assert answer.status_code == 200
    assert all(payload in ({}, {"options": ["a"]}) for payload, _flag in said(attempt)[0].values())


def test_a_plain_form_after_the_hand_in_leads_to_the_result(cast, attempt, as_user):
    client = as_user(cast.officer)
    form = Form(client.get(at("sitting", attempt)))
    build.handed_in(attempt, 0)
    answer = client.post(at("save", attempt), form.sent("2"), follow=True)
    assert answer.redirect_chain == [(at("result", attempt), 302)]
    assert "答卷已交，不再接受作答。" in answer.content.decode()


# --- doors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["director", "manager", "stranger", "city", "district", "editor", "admin"])
def test_the_pages_of_an_attempt_are_its_candidates_alone(cast, attempt, as_user, who):
    client = as_user(getattr(cast, who))
    build.answer_right(attempt)
    for name in ("sitting", "result", "review"):
        assert client.get(at(name, attempt)).status_code == 404
    for name in ("save", "hand_in"):
        assert client.post(at(name, attempt), {"position": "1"}).status_code == 404
        assert send(client, attempt, [entry(99, 1, {})], name).status_code == 404
    attempt.refresh_from_db()
    assert (attempt.state, Response.objects.count()) == ("in_progress", 16)


def test_a_session_not_offered_to_her_is_not_there(cast, room, as_user):
    client = as_user(cast.stranger)  # a seller of gas appliances; the session is for e-bikes
    assert client.get(reverse("exams:session", args=[room.code])).status_code == 404
    assert client.post(reverse("exams:start", args=[room.code])).status_code == 404
    assert Registration.objects.count() == 0


def test_whoever_is_not_signed_in_is_asked_to(client, attempt):
    for name in ("sitting", "result", "review"):
        assert client.get(at(name, attempt)).url.startswith(reverse("account_login"))
    assert send(client, attempt, [entry(1, 1, {})]).status_code == 302
    assert Response.objects.count() == 0


def test_a_start_that_the_rules_refuse_comes_back_with_the_reason(cast, as_user):
    closed = build.make_session(cast, self_registration=False)
    answer = as_user(cast.officer).post(reverse("exams:start", args=[closed.code]), follow=True)
    assert "该场次不接受自行报名，请联系本企业管理员。" in answer.content.decode()
    assert Attempt.objects.count() == 0


def test_the_briefing_greys_the_button_with_the_reason(cast, as_user):
    room = build.make_session(cast, max_attempts=1)
    build.handed_in(build.begun(room, cast.officer), share=0)
    page = as_user(cast.officer).get(reverse("exams:session", args=[room.code])).content.decode()
    assert re.search(r"<button[^>]* disabled>[^<]*开始考试", page)
    assert "最多可考 1 次，已全部用完。" in page


def test_the_briefing_tells_the_truth_about_time(cast, as_user):
    room = build.make_session(cast, closes=20, minutes=60)
    page = as_user(cast.officer).get(reverse("exams:session", args=[room.code]))
    assert page.context["is_cut_short"]
    assert "届时自动交卷" in page.content.decode()


def test_the_pages_speak_english_where_she_chose_it(cast, attempt, as_user, settings):
    client = as_user(cast.officer)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(at("sitting", attempt))
    rule = next(q["rule"] for q in page.context["questions"] if q["type"] == "multiple")
    assert isinstance(rule, str)


def test_practice_leaves_no_line_in_the_file_and_promises_no_certificate(cast, as_user):
    room = build.make_session(cast, kind=Exam.Kind.PRACTICE)
    done = build.handed_in(build.begun(room, cast.officer))
    assert (done.state, done.released_at, RecordEntry.objects.count()) == ("submitted", None, 0)
    page = as_user(cast.officer).get(at("result", done)).content.decode()
    assert ("查看合格证明" in page, "再考一次" in page) == (False, True)


def test_who_still_sits_with_extra_minutes_finds_her_attempt_when_the_session_has_closed(cast, as_user):
    room = build.make_session(cast)
    attempt = build.begun(room, cast.officer, extra_minutes=30)
    ExamSession.objects.filter(pk=room.pk).update(closes_at=timezone.now() - timedelta(minutes=1))
    client = as_user(cast.officer)
    for address in (reverse("exams:mine"), reverse("exams:session", args=[room.code])):
        assert "继续答题" in client.get(address).content.decode()
    position = position_of(attempt, "single")
    assert send(client, attempt, [entry(1, position, {"options": ["a"]})]).status_code == 200


def test_a_running_attempt_is_offered_for_going_on(cast, room, attempt, as_user):
    client = as_user(cast.officer)
    for address in (reverse("exams:mine"), reverse("exams:session", args=[room.code])):
        assert "继续答题" in client.get(address).content.decode()
    answer = client.post(reverse("exams:start", args=[room.code]))
    assert answer.url == at("sitting", attempt)
    assert attempts.start(attempt.registration, by=cast.officer).pk == attempt.pk


@pytest.mark.parametrize("typed", ["9" * 5000, "٣", "-1", "zwei", ""])
def test_whatever_stands_in_the_address_a_question_is_shown(cast, attempt, as_user, typed):
    page = as_user(cast.officer).get(reverse("exams:sitting", args=[attempt.pk]), {"q": typed})
    assert page.status_code == 200
    assert sum(question["is_current"] for question in page.context["questions"]) == 1
