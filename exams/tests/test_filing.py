"""The emergency answer file: what a page without a line wrote comes back to the house, and nothing else does."""

import base64
import json
import os
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts import vault
from accounts.models import RecordEntry
from audit.models import AuditEvent
from audit.transitions import Refused
from certificates.models import Certificate
from exams import tokens
from exams.actions import attempts, filing, interventions, regrading, sessions
from exams.actions.verifying import problems_of
from exams.engine import chain
from exams.models import Attempt, Filing, Intervention, Response, Result
from exams.queries import papers
from tests import build

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def ms(moment):
    return round(moment.timestamp() * 1000)


def content(attempt, entries, at=None):
    """What the page writes of entries: options by the tokens of the attempt, times in milliseconds."""
    at = at or timezone.now()
    told = [
        {"number": e.number, "position": e.position, "flagged": e.flagged, "at": ms(at)}
        | {"payload": tokens.closed(attempt.pk, e.position, e.payload)}
        for e in entries
    ]
    return {"attempt": attempt.pk, "made_at": ms(at), "last": 0, "head": attempt.origin, "entries": told}


def sealed(pk, text, *, key=None, about=None, **outer):
    """Any text in the page's box: AES-GCM under the key of the attempt, the attempt's name beside it."""
    iv = os.urandom(12)
    about = f"zhikao-answers/2:{pk}" if about is None else about
    box = AESGCM(key or vault.derived(f"storage:{pk}")).encrypt(iv, text, about.encode())
    facts = {
        "format": "zhikao-answers/2",
        "attempt": pk,
        "box": base64.b64encode(iv + box).decode(),
    }
    return json.dumps(facts | outer).encode()


def answer_file(attempt, entries, at=None, **outer):
    """The file that the page of an attempt would have given."""
    return sealed(attempt.pk, json.dumps(content(attempt, entries, at)).encode(), **outer)


def wrong_entries(attempt, first=1000):
    """Nothing said to any of the first four places that was answered before: single choices, the next option each."""
    entries = []
    for number, (position, place) in enumerate(list(papers.places(attempt.paper).items())[:4], start=first):
        chosen = "abcd"[("abcd".index(place.key["options"][0]) + 1) % 4]
        entries.append(attempts.Entry(number, position, {"options": [chosen]}))
    return entries


@pytest.fixture
def room(cast):
    return build.make_session(cast)


@pytest.fixture
def attempt(cast, room):
    return build.begun(room, cast.officer)


def fresh(attempt):
    return Attempt.objects.select_related("registration__session", "current_result", "paper").get(
        pk=attempt.pk
    )


def is_sound(attempt):
    return list(problems_of(Attempt.objects.filter(pk=attempt.pk))) == [(attempt.pk, [])]


def accept(attempt, raw, by, *, why="断网，监考当场收取", now=None):
    return filing.accept(attempt, filing.read(raw, attempt.registration.session), why=why, by=by, now=now)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_file_of_the_page_is_read_in_the_house_s_own_spelling(attempt, room):
    entries = build.right_entries(attempt)
    at = timezone.now().replace(microsecond=123_000)
    file = filing.read(answer_file(attempt, entries, at, session=room.code), room)
    assert (file.attempt_id, file.made_at) == (attempt.pk, at)
    assert file.entries == [
        {
            "number": e.number,
            "position": e.position,
            "payload": attempts.canonical(
                attempt.pk, papers.outline(attempt.paper_id), e.position, e.payload
            ),
            "flagged": False,
            "at": chain.stamp(at),
        }
        for e in entries
    ]
    assert file.digest == filing.read(answer_file(attempt, entries, at), room).digest


NOT_OURS, UNOPENED, UNREAD = "不是应急答卷文件", "文件无法打开", "内容无法识别"


def forged(**changes):
    """A file whose outer part says something else."""
    return lambda a: json.dumps(json.loads(answer_file(a, build.right_entries(a))) | changes).encode()


def changed(**changes):
    """A rightly sealed file whose content says something else."""
    return lambda a: sealed(a.pk, json.dumps(content(a, build.right_entries(a)) | changes).encode())


def with_entry(**changes):
    """A rightly sealed file with one answer that says something else."""

    def make(a):
        said = content(a, build.right_entries(a))
        said["entries"][0] |= changes
        return sealed(a.pk, json.dumps(said).encode())

    return make


def other_byte(a):
    facts = json.loads(answer_file(a, build.right_entries(a)))
    box = bytearray(base64.b64decode(facts["box"]))
    box[-1] ^= 1
    return json.dumps(facts | {"box": base64.b64encode(box).decode()}).encode()


REFUSED = {
    "nothing": (lambda a: b"", NOT_OURS),
    "a picture": (lambda a: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, NOT_OURS),
    "a list": (lambda a: b"[]", NOT_OURS),
    "deep": (lambda a: b"[" * 100_000, NOT_OURS),
    "too large": (lambda a: b" " * 2_000_001, "文件过大"),
    "the former format": (forged(format=1), NOT_OURS),
    "no box": (forged(box=None), NOT_OURS),
    "a box that is no base64": (forged(box="%%%"), NOT_OURS),
    "an empty box": (forged(box=""), NOT_OURS),
    "a key twice": (
        lambda a: answer_file(a, build.right_entries(a)).replace(b'"attempt"', b'"attempt": 0, "attempt"', 1),
        NOT_OURS,
    ),
    "an attempt by a word": (forged(attempt="1"), NOT_OURS),
    "an attempt by true": (forged(attempt=True), NOT_OURS),
    "an attempt that is not": (forged(attempt=987_654_321), "不属于本场次"),
    "the name of another session": (forged(session="other"), "不属于本场次"),
    "one bit": (other_byte, UNOPENED),
    "another key": (lambda a: sealed(a.pk, b"{}", key=b"k" * 32), UNOPENED),
    "the key of another attempt": (
        lambda a: sealed(a.pk, b"{}", key=vault.derived(f"storage:{a.pk + 1}")),
        UNOPENED,
    ),
    "what the shelf of the page holds": (
        lambda a: sealed(a.pk, b"{}", about=f"zhikao-storage:{a.pk}"),
        UNOPENED,
    ),
    "sealed for another attempt": (changed(attempt=10**6), "另一份答卷"),
    "no JSON": (lambda a: sealed(a.pk, b"\xff"), UNREAD),
    "no entries": (changed(entries=None), UNREAD),
    "empty entries": (changed(entries=[]), "没有作答"),
    "an entry that is none": (changed(entries=[1]), UNREAD),
    "too many entries": (changed(entries=[{}] * 2_001), "作答过多"),
    "made at no time": (changed(made_at="2026"), UNREAD),
    "a position that is not": (with_entry(position=17), UNREAD),
    "a number that is none": (with_entry(number=1.5), UNREAD),
    "a number beyond": (with_entry(number=2**31), UNREAD),
    "a time beyond": (with_entry(at=10**18), UNREAD),
    "a time before there were any": (with_entry(at=-1), UNREAD),
    "a flag that is none": (with_entry(flagged="yes"), UNREAD),
    "an option by its own id": (with_entry(payload={"options": ["a"]}), "作答的格式无法识别"),
    "a payload that is none": (with_entry(payload=[1]), "作答的格式无法识别"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_whatever_is_no_file_of_this_attempt_is_refused_with_its_reason(attempt, room, name):
    make, sentence = REFUSED[name]
    with pytest.raises(Refused, match=sentence):
        filing.read(make(attempt), room)


def test_the_file_of_another_session_s_attempt_is_of_nowhere(cast, attempt, room):
    other = build.make_session(cast, "other", exam=room.exam)
    with pytest.raises(Refused, match="不属于本场次"):
        filing.read(answer_file(attempt, build.right_entries(attempt)), other)


# --- while she sits --------------------------------------------------------------------------------------------------


def test_what_differs_joins_the_chain_of_a_running_attempt(cast, attempt):
    right = build.right_entries(attempt)
    attempts.save(cast.officer, attempt.pk, right[:8])
    later = [attempts.Entry(20 + n, e.position, e.payload) for n, e in enumerate(right)]
    assert accept(attempt, answer_file(attempt, later), cast.city).count == 8
    rows = list(Response.objects.filter(attempt=attempt).order_by("number"))
    assert [(row.number, row.position) for row in rows] == [(n, n) for n in range(1, 17)]
    assert [row.payload for row in rows] == [e.payload for e in right]
    row = Intervention.objects.get()
    assert (row.kind, row.seconds, row.why, row.by) == ("filed", 0, "断网，监考当场收取", cast.city)
    assert list(Filing.objects.values_list("number", "result")) == [(1, None)]
    (line,) = AuditEvent.objects.filter(action="attempt.filed")
    assert (line.actor_name, line.data["why"]) == ("冯城", "断网，监考当场收取")
    assert is_sound(attempt)
    attempts.save(cast.officer, attempt.pk, [attempts.Entry(17, 1, {})])
    attempts.hand_in(cast.officer, attempt.pk, by=cast.officer)
    assert fresh(attempt).current_result.points == 30
    assert is_sound(attempt)


def test_the_same_file_twice_changes_nothing_and_says_so(cast, attempt):
    raw = answer_file(attempt, build.right_entries(attempt))
    accept(attempt, raw, cast.city)
    attempts.save(cast.officer, attempt.pk, [attempts.Entry(17, 1, {})])
    for _time in range(2):
        with pytest.raises(Refused, match="导入过，什么都没有改动"):
            accept(attempt, raw, cast.city)
        attempts.hand_in(cast.officer, attempt.pk, by=cast.officer)
    assert (Response.objects.count(), Intervention.objects.count(), Filing.objects.count()) == (17, 1, 1)
    assert Result.objects.count() == 1


def test_a_file_that_says_what_is_stored_changes_nothing(cast, attempt):
    build.answer_right(attempt)
    with pytest.raises(Refused, match="不会改变任何作答"):
        accept(attempt, answer_file(attempt, build.right_entries(attempt)), cast.city)
    assert (Filing.objects.count(), Intervention.objects.count()) == (0, 0)


def test_what_she_saved_after_the_file_was_made_stays(cast, attempt):
    made = timezone.now() - MINUTE
    wrong = wrong_entries(attempt, first=1)
    build.answer_right(attempt, 0.125)  # two of the four, numbered as in the file, later
    assert accept(attempt, answer_file(attempt, wrong, made), cast.city).count == 2
    said = dict(
        Response.objects.filter(attempt=attempt).order_by("number").values_list("position", "payload")
    )
    assert [said[n] for n in (1, 2)] == [e.payload for e in build.right_entries(attempt)[:2]]
    assert [said[n] for n in (3, 4)] == [e.payload for e in wrong[2:]]


@pytest.mark.parametrize("later", [MINUTE, timedelta(hours=5)])
def test_in_a_pause_a_file_is_taken_and_the_attempt_is_sound_before_and_after_it(cast, attempt, later):
    door = Attempt.objects.filter(pk=attempt.pk)
    begun = attempt.started_at
    interventions.pause(door, why="断网", by=cast.city, now=begun + MINUTE)
    now = begun + MINUTE + later
    accept(attempt, answer_file(attempt, build.right_entries(attempt)), cast.city, now=now)
    assert set(Response.objects.values_list("saved_at", flat=True)) == {now}
    assert is_sound(attempt)
    interventions.resume(door, why="恢复", by=cast.city, now=now + MINUTE)
    assert is_sound(attempt)


# --- afterwards ------------------------------------------------------------------------------------------------------


def test_after_the_end_a_file_makes_the_next_result_and_what_follows_from_it(cast, attempt):
    build.make_scheme()
    failed = fresh(build.handed_in(attempt, 0.25))
    first = failed.current_result
    assert (first.passed, Certificate.objects.count()) == (False, 0)
    right = build.right_entries(attempt, first=50)
    done = accept(failed, answer_file(attempt, right, failed.submitted_at), cast.city)
    now = fresh(attempt)
    assert (done.count, done.regraded.before, done.regraded.result) == (12, first, now.current_result)
    assert (now.current_result.number, now.current_result.points, now.current_result.passed) == (2, 32, True)
    assert Certificate.objects.get().attempt_id == attempt.pk
    file = RecordEntry.objects.filter(subject=f"attempt:{attempt.pk}").order_by("number")
    assert [entry.facts["passed"] for entry in file] == [False, True]
    assert Response.objects.filter(attempt=attempt).count() == 4  # what she said by herself is what it was
    row = Filing.objects.get()
    assert (row.number, row.result, row.by, row.why) == (
        1,
        now.current_result,
        cast.city,
        "断网，监考当场收取",
    )
    assert len(row.entries) == 16
    acts = AuditEvent.objects.filter(target=f"exams.attempt:{attempt.pk}").order_by("pk")
    told = [(line.action, line.actor_name) for line in acts][-2:]
    assert told == [("attempt.regraded", "冯城"), ("attempt.filed_after", "冯城")]
    assert acts.last().data["positions"] == list(range(5, 17))
    assert is_sound(attempt)


def test_the_review_shows_what_counted_in_the_end(cast, attempt, as_user):
    failed = fresh(build.handed_in(attempt, 0.25))
    review, before = f"/exams/attempts/{attempt.pk}/review/", []
    client = as_user(cast.officer)
    for _turn in (1, 2):
        shown = client.get(review).context["questions"]
        before.append([sum(q["is_answered"] for q in shown), {q["verdict"] for q in shown}])
        if not before[1:]:
            right = build.right_entries(attempt, first=50)
            accept(failed, answer_file(attempt, right, failed.submitted_at), cast.city)
    assert (before[0][0], before[1]) == (4, [16, {"right"}])


def test_a_regrade_after_a_file_keeps_what_the_file_said(cast, attempt):
    failed = fresh(build.handed_in(attempt, 0.25))
    right = build.right_entries(attempt, first=50)
    accept(failed, answer_file(attempt, right, failed.submitted_at), cast.city)
    assert regrading.regrade(failed, why="裁定", by=cast.city).result.points == 32
    wrong = answer_file(attempt, wrong_entries(attempt), failed.submitted_at + SECOND)
    assert accept(failed, wrong, cast.city).regraded.result.points == 24
    assert [f.result.number for f in Filing.objects.order_by("number")] == [2, 4]
    assert is_sound(attempt)


def test_what_the_page_wrote_after_the_end_and_the_grace_does_not_count(cast, attempt):
    build.handed_in(attempt, 0.25)
    end = fresh(attempt).submitted_at
    said = content(attempt, build.right_entries(attempt, first=50), end)
    for entry in said["entries"]:
        entry["at"] = ms(end + (59 if entry["position"] <= 8 else 62) * SECOND)
    raw = sealed(attempt.pk, json.dumps(said).encode())
    rows = filing.compared(fresh(attempt), filing.read(raw, attempt.registration.session))
    fates = [row["fate"] for row in rows]
    assert [fates.count(fate) for fate in ("same", "counts", "late")] == [4, 4, 8]
    assert accept(attempt, raw, cast.city).count == 4
    assert fresh(attempt).current_result.points == 16
    assert is_sound(attempt)


def test_of_one_position_the_last_answer_in_time_counts(cast, attempt):
    build.handed_in(attempt, 0)
    end = fresh(attempt).submitted_at
    right, wrong = build.right_entries(attempt)[0], wrong_entries(attempt)[0]
    said = content(attempt, [wrong, right, wrong], end)
    for number, entry in enumerate(said["entries"], start=1):
        entry |= {"number": number, "at": ms(end + (0 if number < 3 else 120) * SECOND)}
    assert accept(attempt, sealed(attempt.pk, json.dumps(said).encode()), cast.city).count == 1
    assert fresh(attempt).current_result.points == 2


def test_an_attempt_whose_time_ran_out_meanwhile_is_closed_first(cast, attempt):
    raw = answer_file(attempt, build.right_entries(attempt), attempt.started_at + MINUTE)
    done = accept(attempt, raw, cast.city, now=attempt.deadline + 2 * MINUTE)
    now = fresh(attempt)
    assert (now.state, now.submitted_at, done.regraded.before.points) == ("submitted", attempt.deadline, 0)
    assert (now.current_result.number, now.current_result.points) == (2, 32)
    assert is_sound(attempt)


def test_a_void_attempt_and_a_file_without_a_reason_are_refused(cast, attempt):
    raw = answer_file(attempt, build.right_entries(attempt))
    with pytest.raises(Refused, match="原因"):
        accept(attempt, raw, cast.city, why="  ")
    build.handed_in(attempt, 0)
    interventions.void(fresh(attempt), why="替考", by=cast.city)
    with pytest.raises(Refused, match="作废"):
        accept(attempt, raw, cast.city)
    assert Filing.objects.count() == 0


# --- the pages -------------------------------------------------------------------------------------------------------


def bring(client, session, raw, follow=False):
    file = SimpleUploadedFile("应急答卷.zkda", raw)
    return client.post(reverse("exams:session_filing", args=[session.code]), {"file": file}, follow=follow)


def test_a_supervisor_sees_the_differences_gives_a_reason_and_lets_the_file_count(
    cast, room, attempt, as_user
):
    build.answer_right(attempt, 0.25)
    client = as_user(cast.city)
    raw = answer_file(attempt, wrong_entries(attempt)[:1] + build.right_entries(attempt, 0.5, first=20)[1:])
    answer = bring(client, room, raw, follow=True)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert [row["fate"] for row in answer.context["differing"]] == ["counts"] * 5
    assert len(answer.context["same"]) == 3
    assert text.count("改为文件中的") == 6  # five answers, and the sentence about them
    assert build.STEM not in text and build.RATIONALE not in text and "得分" not in text
    address = answer.redirect_chain[-1][0]
    assert client.post(address, {"why": " "}).status_code == 422
    assert Intervention.objects.count() == 0
    done = client.post(address, {"why": "断网"}, follow=True)
    assert [str(m) for m in done.context["messages"]] == ["已导入 王雨晨 的 5 题作答。"]
    assert Intervention.objects.get().why == "断网"
    assert client.get(address).status_code == 404  # it was thrown away
    again = client.post(address, {"why": "断网"}, follow=True)
    assert [str(m) for m in again.context["messages"]] == ["暂存的文件已过期或已导入，请重新上传。"]
    twice = bring(client, room, raw, follow=True)
    assert "导入过，什么都没有改动" in twice.content.decode()
    assert 'name="why"' not in twice.content.decode()


def test_after_the_end_the_page_tells_what_became_of_the_points(cast, room, attempt, as_user):
    build.handed_in(attempt, 0.25)
    client = as_user(cast.city)
    raw = answer_file(attempt, build.right_entries(attempt, first=50), fresh(attempt).submitted_at)
    address = bring(client, room, raw).url
    done = client.post(address, {"why": "断网"}, follow=True)
    assert [str(m) for m in done.context["messages"]] == ["已导入 王雨晨 的 12 题作答。成绩：8 分 → 32 分。"]


def test_a_file_that_is_none_is_refused_on_the_page(cast, room, attempt, as_user):
    client = as_user(cast.city)
    answer = bring(client, room, other_byte(attempt))
    assert answer.status_code == 422
    assert "文件无法打开" in answer.content.decode()
    assert client.post(reverse("exams:session_filing", args=[room.code])).status_code == 422


def test_an_upload_is_seen_by_who_brought_it_and_for_its_session_only(cast, room, attempt, as_user):
    other = build.make_session(cast, "other", exam=room.exam)
    address = bring(as_user(cast.city), room, answer_file(attempt, build.right_entries(attempt))).url
    assert as_user(cast.city).get(address).status_code == 200
    assert as_user(cast.city).get(address.replace(room.code, other.code, 1)).status_code == 404
    assert as_user(cast.admin).get(address).status_code == 404
    assert as_user(cast.manager).get(address).status_code == 404


def test_about_an_attempt_that_is_over_an_organ_decides(cast, room, as_user):
    own = sessions.plan(
        room.exam,
        by=cast.manager,
        code="own",
        name="本企业场次",
        unit=cast.jinhai.unit,
        opens_at=timezone.now() - timedelta(hours=1),
        closes_at=timezone.now() + timedelta(hours=5),
    )
    own = sessions.publish(own, by=cast.manager)
    running, over = build.begun(own, cast.officer), build.begun(own, cast.director)
    attempts.hand_in(cast.director, over.pk, by=cast.director)
    client = as_user(cast.manager)
    for attempt, count in ((running, 1), (over, 1)):
        raw = answer_file(attempt, build.right_entries(attempt), attempt.started_at)
        address = bring(client, own, raw).url
        answer = client.post(address, {"why": "断网"}, follow=True)
        assert Filing.objects.count() == count
    assert "须由组织本场考试的监管部门导入" in answer.content.decode()
    assert Filing.objects.get().attempt == running
