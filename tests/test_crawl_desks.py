"""Everybody else visits every route while an exam is going on: no key, no rationale, no points before their release, no name of
an enterprise that is none of theirs; PDFs and workbooks are searched as well."""

import contextlib
import re
from collections import Counter
from itertools import product

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from exams.models import Attempt, ExamSession
from exams.tests import crawling
from tests import build, doors

pytestmark = pytest.mark.once

MEMBERS = {
    "jinhai": ("officer", "director", "principal", "manager"),
    "hengtong": ("stranger", "stranger_manager"),
    "organs": ("station", "district", "other_district", "city"),
    "bank": ("editor", "reviewer", "admin"),
}
PASSED_OVER = {"account_logout"}  # else the crawl would end there
FILES = r"export|\.xlsx|\.pdf|/pdf/"
HTML, CSV, PDF, ZIP = "text/html", "text/csv", "application/pdf", "application/zip"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SECRET = r"(?<![\d.:])52\.05(?!\d)"  # points of a spot check that nobody has released

# Where each may read what stands in items: of her own attempt that is over, of the paper before her, of the bank she works in.
ITEMS = (*crawling.CANARIES, build.STEM)
OVER = {"exams:review", "exams:receipt"}
BANK = {"exams:bank", "exams:item", "exams:export"}
READ_AT = {"officer": OVER, "stranger": OVER, "director": {"exams:sitting"}}
READ_AT |= {"editor": BANK | {"exams:item_edit"}, "reviewer": BANK, "admin": BANK}

# Whoever holds a post reads the items of practice banks, from which no paper draws; practice/tests/ show that these are no others.
PRACTICE = {
    f"practice:{name}"
    for name in ("go", "topic", "item", "search", "favourites", "wrong", "pack", "reviews", "mock")
}

SEEN_BY = {
    "jinhai": doors.OVER_JINHAI | {"officer", "director", "principal"},
    "hengtong": {"stranger", "stranger_manager", "other_district", "city", "admin"},
}
OPEN_TO_ALL = {"certificates:verify_code"}  # who holds a certificate's code reads what was printed on it
# The check of Jinhai's that was published: its name, and nobody's of its people.
PUBLISHED = {"jinhai": {"supervision:public_result", "supervision:public_result_file"}, "hengtong": set()}
WORKBOOKS = {"people:people", "people:enterprises", "people:import_template", "certificates:certificates"}
WORKBOOKS |= {"exams:sessions", "exams:attempts", "exams:session_results", "supervision:public_result_file"}
WORKBOOKS |= {"courses:person_file_print"}
LEARNED_AT_JINHAI = {
    f"courses:{name}" for name in ("classes", "hours_people", "outside_list", "plan_people", "team")
}
OF_ADMINISTRATORS = {"people:grants", "dashboards:acts", "messaging:ledger"}
OF_THE_DISTRICT = {"supervision:paper_template"}  # its check is under way there


@pytest.fixture
def keys(cast, house):
    """One of everything at either enterprise: a sitting that runs, attempts that are over, one whose result is awaited."""
    room = ExamSession.objects.get(code=house.session)
    theirs = build.certified(cast, cast.stranger, session=room)
    exam = build.make_exam(cast, "spot", counts={"single": 2, "blank": 2}, kind="spot_check")
    exam.blueprint.lines.update(points="17.35")
    secret = build.handed_in(build.begun(build.make_session(cast, "spot", exam=exam), cast.principal), 0.75)
    assert str(secret.current_result.points) == "52.05"
    sat = [house.finished, house.running, theirs.attempt.pk, secret.pk]
    return {name: [key] for name, key in vars(house).items()} | {
        "finished": sat,
        "running": sat,
        "officer": [user.pk for user in cast.everybody().values()],
        "post": [cast.post(user).pk for user in (cast.officer, cast.stranger)],
        "jinhai": [cast.jinhai.uscc, cast.hengtong.uscc],
        "certificate": [house.certificate, theirs.number],
        "code": [house.code, theirs.code],
        "item": ["single-001", "case-001"],
        **{name: ["stories", "spot"] for name in ("session", "bank", "blueprint")},
    }


def addresses(keys):
    """Every named route, with every choice of these keys where the table of doors names one."""
    for name, converters in crawling.routes():
        door = doors.TABLE.get(name)
        arguments = door.arguments if door else ["1"] * len(converters)
        choices = [keys[one[1:-1]] if one.startswith("{") else [one] for one in arguments]
        for chosen in product(*choices) if name not in PASSED_OVER else ():
            with contextlib.suppress(NoReverseMatch):  # no such token of the sign-in pages
                yield reverse(name, args=chosen)
    yield from (reverse("exams:export", args=[bank, "zip"]) for bank in keys["bank"])


def visit(cast, who, keys):
    """Everything that a member of the cast is answered, and every file that those answers lead to."""
    client = Client()
    client.force_login(getattr(cast, who))
    return crawling.crawl(client, addresses(keys), FILES)


def told_at(seen, words):
    """At which views, and in which formats, any of these words stands."""
    found = {at: text for at, (_status, text) in seen.items() if any(word in text for word in words)}
    return {crawling.view_name(at) for at in found}, {format_of(text) for text in found.values()}


def format_of(text):
    """The content type that stands in the headers of an answer."""
    return re.search("^Content-Type: ([^;\n]+)", text, re.M)[1]


def workbooks(seen):
    """Which views of the desks gave workbooks."""
    found = {crawling.view_name(at) for at, (_status, text) in seen.items() if format_of(text) == SHEET}
    return found - {"exams:import_template", "exams:export"}  # these are the banks'


def with_secret(seen):
    """The addresses at which the points stand that nobody has released."""
    return {address for address, (_status, text) in seen.items() if re.search(SECRET, text)}


def words_of(enterprise, people):
    """The names and masked identifiers by which an enterprise and its people could be known."""
    own = {word for user in people for word in (user.name, user.id_mask, user.phone_mask)}
    return own | {enterprise.uscc, enterprise.unit.name}


def bare(cast):
    """The identifiers that no page shows without a reason."""
    return {word for user in cast.everybody().values() for word in (user.id_number, user.phone)}


@pytest.mark.parametrize("party", MEMBERS)
def test_nobody_reads_what_is_none_of_theirs_on_any_route(cast, keys, party):
    words = {
        "jinhai": words_of(cast.jinhai, [cast.officer, cast.director, cast.principal, cast.manager]),
        "hengtong": words_of(cast.hengtong, [cast.stranger, cast.stranger_manager]),
    }
    wanted = {name for name, _converters in crawling.routes()} - PASSED_OVER
    answers = Counter()
    for who in MEMBERS[party]:
        seen = visit(cast, who, keys)
        assert wanted - {crawling.view_name(address) for address in seen} == set(), who
        assert {status for status, _text in seen.values()} <= {200, 302, 401, 403, 404, 405, 409, 422, 423}, (
            who
        )
        views, formats = told_at(seen, ITEMS)
        assert views - (PRACTICE if who in doors.POST_HOLDERS else set()) == READ_AT.get(who, set()), who
        assert formats >= ({HTML, CSV, SHEET, ZIP} if who in doors.BANK else set()), who
        assert told_at(seen, bare(cast)) == (set(), set()), who
        assert with_secret(seen) == set(), who
        for enterprise, people in SEEN_BY.items():
            views, formats = told_at(seen, words[enterprise])
            if who not in people:
                assert views == OPEN_TO_ALL | PUBLISHED[enterprise], (who, enterprise)
                assert formats == ({HTML, CSV, SHEET} if PUBLISHED[enterprise] else {HTML}), (who, enterprise)
            elif who in doors.OVERSEERS:
                assert formats - {CSV, ZIP} == {HTML, SHEET, PDF}, (who, enterprise)
        if who in doors.OVERSEERS:
            more = OF_ADMINISTRATORS if who == "admin" else set()
            more = more | (OF_THE_DISTRICT if who in doors.OVER_XIQING else set())
            more = more | (LEARNED_AT_JINHAI if who in doors.OVER_JINHAI else set())
            assert workbooks(seen) == WORKBOOKS | more, who
        answers.update(format_of(text) for status, text in seen.values() if status == 200)
        answers["all"] += len(seen)
    told = f"{len(wanted)} routes × {len(MEMBERS[party])} members: {answers['all']} answers"
    print(f"{told}, {answers[SHEET]} workbooks, {answers[PDF]} PDFs")


def test_the_same_points_are_found_at_the_desk_once_they_are_released(cast, keys):
    client, awaited = Client(), keys["finished"][-1]
    client.force_login(cast.manager)
    start = {reverse("exams:attempts"), reverse("exams:attempt_seen", args=[awaited])}
    start |= {reverse("exams:session_results", args=["spot"])}
    assert with_secret(crawling.crawl(client, start, FILES)) == set()
    Attempt.objects.filter(pk=awaited).update(released_at=timezone.now())
    workbook = f"{reverse('exams:attempts')}?export=xlsx"
    assert with_secret(crawling.crawl(client, start, FILES)) == {*start, workbook}
