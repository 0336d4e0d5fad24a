"""Nobody signs in and goes everywhere: every route with every key of the house, every link and every file that comes back.

What stands in public must not tell a number, a telephone, a full name, an answer, or any outcome before it was confirmed and published.
"""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.identifiers import mask_name
from accounts.models import User
from exams.tests import crawling
from supervision.models import Minutes, SpotCheck
from supervision.queries import minutes
from supervision.tests import stories
from tests import build, doors
from tests.test_crawl_desks import PASSED_OVER, format_of, told_at

pytestmark = pytest.mark.once

NUMBERS = re.compile(r"(?<![\da-f])1[3-9]\d{9}(?![\da-f])|(?<![\da-f])\d{17}[\dXx](?![\da-f])")
HASHES = re.compile(r"[0-9a-f]{20,64}")
# Who holds a certificate's code reads what was printed on it; whoever reads the others of our routes reads no person.
BY_CODE = {"certificates:verify_code"}
OF_CHECKS = {
    "supervision:public_draws", "supervision:public_draw", "supervision:public_frame", "supervision:public_dossier", "supervision:verifier",
    "supervision:public_results", "supervision:public_result", "supervision:public_result_file", "supervision:public_minutes",
}  # fmt: skip


@pytest.fixture
def keys(cast, house):
    """The house, everybody with numbers of their own, and a check that is concluded and not confirmed."""
    for n, person in enumerate(User.objects.order_by("pk")):
        person.phone, person.id_number = f"138{n:08d}", f"12010119900101{n:04d}"
        person.save()
    known = SpotCheck.objects.get(code=house.recorded)
    plan = stories.lean(known.blueprint, rule=known.profile)
    kept = stories.drawn_without(cast, cast.everybody().values(), **plan)
    waiting = stories.concluded(cast, (1,), check=stories.called(cast, kept))
    stories.sealed(waiting, but=waiting.examinees.all())
    codes = [one.code for one in Minutes.objects.all()]
    checks = [one.code for one in SpotCheck.objects.all()]
    draws = [draw.code for one in SpotCheck.objects.all() for draw in one.draws.all()]
    more = {"minutes_code": codes, "draw": draws, "waiting": waiting}
    return (
        {name: [key] for name, key in vars(house).items()}
        | more
        | dict.fromkeys(("recorded", "drawn"), checks)
    )


def addresses(keys):
    """Every named route with every choice of these keys."""
    from itertools import product

    from django.urls import NoReverseMatch

    for name, converters in crawling.routes():
        door = doors.TABLE.get(name)
        arguments = door.arguments if door else ["1"] * len(converters)
        choices = [keys[one[1:-1]] if one.startswith("{") else [one] for one in arguments]
        for chosen in product(*choices) if name not in PASSED_OVER else ():
            try:
                yield reverse(name, args=chosen)
            except NoReverseMatch:  # no such token of the sign-in pages
                continue
    for code in keys["recorded"]:
        yield from (reverse("supervision:public_result_file", args=[code, kind]) for kind in ("csv", "xlsx"))


def shown(seen):
    """Of what was answered the bodies, by address, without hashes."""
    return {at: HASHES.sub("", text.partition("\n\n")[2] or text) for at, (_status, text) in seen.items()}


def test_a_stranger_reads_no_number_no_name_no_answer_and_nothing_before_it_is_published(cast, keys):
    waiting = keys.pop("waiting")
    start = list(addresses(keys))
    seen = crawling.crawl(Client(), start)
    wanted = {name for name, _converters in crawling.routes()} - PASSED_OVER
    assert wanted - {crawling.view_name(at) for at in seen} == set()
    assert {status for status, _text in seen.values()} <= {200, 302, 401, 403, 404, 405}

    opened = {crawling.view_name(at) for at, (status, _text) in seen.items() if status == 200}
    ours = {name for name in opened if name in doors.TABLE}
    assert ours <= {name for name, door in doors.TABLE.items() if door.public}
    assert ours >= OF_CHECKS
    assert {format_of(text) for status, text in seen.values() if status == 200} >= {
        "text/html", "text/csv", "text/plain", "application/json",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }  # fmt: skip

    people = User.objects.all()
    numbers = {
        word for one in people for word in (one.id_number, one.phone, one.id_mask, one.phone_mask) if word
    }
    assert len(numbers) > 60
    bare = {one.id_number for one in people} | {one.phone for one in people}
    assert told_at(seen, bare) == (set(), set())
    assert told_at(seen, numbers)[0] <= BY_CODE
    assert told_at(seen, {one.name for one in people if len(one.name) > 1})[0] <= BY_CODE
    assert told_at(seen, (*crawling.CANARIES, build.STEM)) == (set(), set())
    assert [
        at for at, text in shown(seen).items() if crawling.view_name(at) in OF_CHECKS and NUMBERS.search(text)
    ] == []

    # Nothing of a check that is not published: not even the masked name of who was concerned, nor her enterprise.
    confirmed = set()
    for check in (waiting, SpotCheck.objects.get(code=keys["failed"][0])):
        for one in check.examinees.all():
            newest = minutes.newest_of(one)
            at = reverse("supervision:public_minutes", args=[newest.row.code])
            text = seen[at][1]
            is_told = mask_name(one.registration.candidate.name) in text
            assert is_told == newest.standing.is_confirmed, (check.state, "a confirmed copy can be checked")
            confirmed.add(newest.standing.is_confirmed)
        for name in ("public_result", "public_result_file"):
            for kind in [()] if name == "public_result" else [("csv",), ("xlsx",)]:
                assert seen[reverse(f"supervision:{name}", args=[check.code, *kind])][0] == 404
    assert confirmed == {True, False}
    told = f"{len(wanted)} routes, {len(seen)} answers, {len(ours)} of our views open"
    print(told)


def test_the_crawl_would_find_what_is_told(cast, keys, monkeypatch):
    keys.pop("waiting")
    at = reverse("supervision:public_result", args=[cast_code(keys)])
    before = crawling.crawl(Client(), [at], "public")
    names = {one.name for one in User.objects.all() if len(one.name) > 1}
    assert told_at(before, names) == (set(), set())
    check = SpotCheck.objects.get(code=cast_code(keys))
    person = check.examinees.get().registration.candidate
    User.objects.filter(pk=person.pk).update(name=mask_name(person.name))
    assert told_at(before, {mask_name(person.name)})[0] >= {
        "supervision:public_result",
        "supervision:public_result_file",
    }


def cast_code(keys):
    """The check of the house that was published."""
    [code] = [one for one in keys["recorded"] if SpotCheck.objects.get(code=one).state == "published"]
    return code
