"""The permission matrix, cell by cell: for each act something is really tried by one holder of each role."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import permissions
from accounts.models import Role
from certificates.models import Certificate
from courses.tests import class_stories
from exams.actions import bank as bank_acts
from exams.actions import blueprints as blueprint_acts
from exams.models import ItemBank
from supervision.models import SpotCheck, SpotNotice
from supervision.tests import failing, stories
from tests import build

HOLDERS = {
    Role.MANAGER: "manager",
    Role.REGULATOR: "city",
    Role.EDITOR: "editor",
    Role.REVIEWER: "reviewer",
    Role.ADMIN: "admin",
}


def opens(name, *arguments):
    """Whether the page is given; a refusal may be 403, 404 or being sent on with a sentence."""

    def tried(user, cast):
        client = Client()
        client.force_login(user)
        return client.get(reverse(name, args=arguments)).status_code == 200

    return tried


def reviews(user, cast):
    return bank_acts.may_review(user, build.make_bank(cast, each=1))


def decides(user, cast):
    """Whether a certificate is suspended by her word."""
    found = build.certified(cast)
    client = Client()
    client.force_login(user)
    client.post(
        reverse("certificates:decide", args=[found.number]), {"act": "suspended", "why": "核查期间暂停使用"}
    )
    return Certificate.objects.get(pk=found.pk).state == "suspended"


def writes_items(user, cast):
    bank = ItemBank.objects.create(code="stories", name="故事题库", unit=cast.city_organ)
    assert bank_acts.may_write(user, bank) == opens("exams:item_new", "stories")(user, cast)
    return bank_acts.may_write(user, bank)


def writes_blueprints(user, cast):
    may = opens("exams:blueprint_new")(user, cast)
    assert blueprint_acts.may_write(user, cast.city_organ) == may
    return may


def voids(user, cast):
    """Whether an attempt is voided by her word; and whether she may define exams, which must be the same."""
    attempt = build.certified(cast).attempt
    client = Client()
    client.force_login(user)
    client.post(
        reverse("exams:attempt_void", args=[attempt.pk]),
        {"void-why": "违反考场纪律，作废处理", "void-sure": "on"},
    )
    attempt.refresh_from_db()
    may = attempt.state == "voided"
    assert opens("exams:exam_new")(user, cast) == may
    return may


def acts_for(user, cast):
    return opens("people:act_for", cast.officer.pk)(user, cast)


def approves_spot_checks(user, cast):
    check = stories.planned(cast)
    stories.posted(user, "approve", check)
    return SpotCheck.objects.get().state == "approved"


def freezes_frames(user, cast):
    check = stories.approved(cast)
    later = (timezone.localtime() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    stories.posted(user, "freeze", check, source=stories.LOTTERY, source_at=later)
    return check.draws.exists()


def publishes(user, cast):
    """Whether the results of a confirmed check become public by her word."""
    stories.furnish(cast)
    check = stories.concluded(cast, (1,), **stories.lean(cast.blueprint, 1))
    stories.sealed(check)
    stories.posted(user, "publish", check, round=0)
    return SpotCheck.objects.get().state == "published"


def notifies(user, cast):
    check = stories.called(cast)
    stories.posted(user, "notices_issue", check, bring="身份证", contact="西青局质量科")
    return SpotNotice.objects.exists()


def concludes(user, cast):
    check = stories.begun(cast)
    for one in check.examinees.all():
        stories.sat(one)
    stories.posted(user, "conclude", check)
    return SpotCheck.objects.get().state == "concluded"


def follows(user, cast):
    """Whether a notice goes out by her word."""
    check = failing.failed(failing.house(cast))
    words = {"facts": "不合格", "demands": "补训", "contact": "王科长"}
    client = Client()
    client.force_login(user)
    client.post(reverse("supervision:rectify", args=[check.code, failing.called(check)[1].pk]), words)
    return check.rectifications.exists()


def acknowledges(user, cast):
    """Whether a notice to the enterprise is served by her word that she has read it."""
    one = failing.issued(cast, failing.called(failing.failed(failing.house(cast)))[1])
    client = Client()
    client.force_login(user)
    client.post(reverse("supervision:rectification_acknowledge", args=[one.pk]))
    return failing.row(one).state == "served"


def takes_paper_tables(user, cast):
    return opens("supervision:paper_template", stories.called(cast).code)(user, cast)


def packs_evidence(user, cast):
    check = stories.planned(cast)
    stories.posted(user, "package_new", check, why="行政复议举证")
    return check.packages.exists()


def sends_back(user, cast):
    """Whether an outside training goes back by her word."""
    one = class_stories.submitted(cast)
    client = Client()
    client.force_login(user)
    client.post(reverse("courses:outside_act", args=[one.pk, "return"]), {"why": "材料不清"})
    one.refresh_from_db()
    return one.state == "returned"


TRIED = {
    "people.see": opens("people:people"),
    "people.import": opens("people:import"),
    "people.merge": opens("people:duplicates"),
    "banks.work": opens("exams:banks"),
    "banks.write": writes_items,
    "banks.review": reviews,
    "blueprints.see": opens("exams:blueprints"),
    "blueprints.write": writes_blueprints,
    "sessions.run": opens("exams:sessions"),
    "sessions.supervise": voids,
    "courses.write": opens("courses:desk"),
    "learning.see": opens("courses:team"),
    "learning.assign": opens("courses:choose"),
    "classes.see": opens("courses:classes"),
    "classes.run": opens("courses:class_new"),
    "outside.enter": opens("courses:outside_enter"),
    "outside.check": sends_back,
    "hours.rule": opens("courses:hour_rule_new"),
    "spotchecks.see": opens("supervision:checks"),
    "spotchecks.plan": opens("supervision:check_new"),
    "spotchecks.approve": approves_spot_checks,
    "spotchecks.draw": freezes_frames,
    "spotchecks.notify": notifies,
    "spotchecks.hold": concludes,
    "spotchecks.publish": publishes,
    "spotchecks.follow": follows,
    "rectifications.see": opens("supervision:rectifications"),
    "rectifications.report": acknowledges,
    "spotchecks.paper": takes_paper_tables,
    "spotchecks.package": packs_evidence,
    "certificates.see": opens("certificates:certificates"),
    "certificates.decide": decides,
    "organs.overview": opens("dashboards:organ", "TJ"),
    "grants.run": opens("people:grants"),
    "grants.delegate": opens("people:delegation_new"),
    "people.represent": acts_for,
    "tokens.run": opens("people:tokens"),
    "messages.see": opens("messaging:ledger"),
    "operations.see": opens("dashboards:operations"),
}


def test_every_act_of_the_matrix_is_tried():
    assert set(TRIED) == set(permissions.TABLE)


@pytest.mark.parametrize("role", list(HOLDERS))
@pytest.mark.parametrize("code", list(permissions.TABLE))
def test_what_the_matrix_says_is_what_happens(cast, code, role):
    assert TRIED[code](getattr(cast, HOLDERS[role]), cast) == (role in permissions.roles(code))


def test_whoever_has_no_role_may_do_nothing_of_it(cast):
    pages = {code: tried for code, tried in TRIED.items() if tried.__name__ == "tried"}
    assert {code for code, tried in pages.items() if tried(cast.officer, cast)} == set()


def test_the_code_asks_for_every_act_of_the_matrix_and_for_no_other():
    asked = set()
    for floor in (
        "accounts",
        "messaging",
        "exams",
        "courses",
        "supervision",
        "certificates",
        "dashboards",
        "api",
    ):
        for path in (settings.BASE_DIR / floor).rglob("*.py"):
            if "tests" not in path.parts:
                asked |= set(re.findall(r'\broles\("([a-z.]+)"\)', path.read_text("utf-8")))
    assert asked == set(permissions.TABLE)


def test_the_page_shows_every_cell(cast, as_user):
    page = as_user(cast.admin).get(reverse("people:matrix")).content.decode()
    for act in permissions.ACTS:
        row = page[page.index(str(act.label)) :].split("</tr>")[0]
        cells = re.findall(r'<td data-label="([^"]+)">(.*?)</td>', row, re.S)
        shown = {label: "可以" in said and "不可以" not in said for label, said in cells[:-1]}
        assert shown == {str(role.label): role in act.roles for role in Role}
