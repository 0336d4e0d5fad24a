"""The papers of a spot check: minutes in every version, notices, the rectification notice with its proof of service.

Each can be read and copied whole, carries its fonts, counts its pages, and what it prints of a digest is the digest.
"""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates import paper_forms
from certificates.tests.test_pdf import fonts, read, words
from supervision.actions import minutes, notices, rectifying, sittings
from supervision.models import Minutes
from supervision.queries import minutes as queries
from supervision.queries import sittings as sitting_queries
from supervision.tests import failing, stories
from supervision.tests.test_minutes import verified
from tests import build

OURS = {"Zhikao-Serif-Bold", "Zhikao-Serif", "Zhikao-Sans"}


@pytest.fixture
def house(cast, settings, tmp_path):
    """Everything for small checks; pictures lie apart."""
    settings.MEDIA_ROOT = tmp_path
    stories.crowd(cast, 6)
    cast.sent = stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", truefalse=24, each=0)
    cast.blueprint = build.make_blueprint(cast, bank, {"truefalse": 4}, "spot")
    return cast


def document(as_user, user, name, *arguments, pages):
    """What the address prints as text without blanks; of so many pages, each of which tells its number and is not empty."""
    as_user(user).post("/i18n/setlang/", {"language": "en"})
    answer = as_user(user).get(reverse(name, args=arguments))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    found = fonts(answer.content)
    assert set(found) <= OURS and all(found.values())
    sheets = [re.sub(r"\s", "", page.extract_text()) for page in read(answer.content).pages]
    assert len(sheets) == pages
    assert [f"第{n}页，共{pages}页" in sheet for n, sheet in enumerate(sheets, start=1)] == [True] * pages
    assert all(len(sheet) > 80 for sheet in sheets)
    return words(answer.content)


def bare(*facts):
    """Facts as they stand in a text without blanks."""
    return [re.sub(r"\s", "", str(one)) for one in facts]


def missing(text, *facts):
    """Which of these do not stand in a document."""
    return [one for one in bare(*facts) if one not in text]


def test_minutes_stand_on_one_page_with_all_drawn_signatures(house, as_user):
    check = failing.failed(house)
    for kept in queries.of_check(check).values():
        row, facts = kept.row, kept.row.facts
        text = document(as_user, house.district, "certificates:minutes", row.pk, pages=1)
        signed = [one.name for one in kept.signatures]
        assert len(signed) == 4
        assert missing(
            text, "抽查考核记录表", row.serial, row.digest, row.code, facts["person"]["name"], facts["enterprise"]["name"], facts["organ"],
            "已确认", *signed, *[f"{timezone.localtime(one.at):%Y-%m-%d%H:%M:%S}" for one in kept.signatures],
        ) == []  # fmt: skip
        assert "输入姓名代替手写" not in text and "尚未确认" not in text
        person = row.examinee.registration.candidate
        assert missing(text, person.id_mask) == [] and not (person.id_number and person.id_number in text)
    assert verified() == ""


def test_minutes_that_wait_or_were_refused_say_so(house, as_user):
    check = stories.concluded(house, check=stories.called(house, **stories.lean(house.blueprint, 2)))
    minutes.draw_up(check, by=house.district)
    first, second = (one.minutes.get() for one in sitting_queries.examinees(check))
    sent = [one.person for one in sitting_queries.attendances(check)]
    minutes.refuse(
        second, by=sent[0], side="examinee", why="不认可评分", witness="刘建军", witness_title="车间主任"
    )
    text = document(as_user, house.district, "certificates:minutes", first.pk, pages=1)
    assert missing(text, "尚未确认，还缺：被考核人", "还没有人签字", first.digest) == []
    text = document(as_user, house.district, "certificates:minutes", second.pk, pages=1)
    assert missing(text, "拒签待第二人确认", "不认可评分", "刘建军（车间主任）", second.digest) == []


def test_a_replaced_version_says_by_which_and_both_keep_their_digests(house, as_user):
    check = failing.failed(house)
    one = sitting_queries.examinees(check)[1]
    outcome = sitting_queries.outcomes_of([one])[one.pk]
    sittings.amend(
        one,
        by=house.city,
        why="第三题答案有误",
        conclusion="passed",
        points=outcome.points,
        max_points=outcome.max_points,
    )
    old, new = Minutes.objects.filter(examinee=one).order_by("number")
    assert old.digest != new.digest
    text = document(as_user, house.district, "certificates:minutes", old.pk, pages=1)
    assert missing(text, "此版已被第2版取代", old.digest) == [] and new.digest not in text
    text = document(as_user, house.district, "certificates:minutes", new.pk, pages=1)
    assert missing(text, "第2版", "尚未确认", new.digest) == [] and old.digest not in text
    assert verified() == ""


def test_each_version_of_a_notice_is_printed_as_it_was_sent(house, as_user):
    opens = timezone.now() + timedelta(days=1)
    times = {"opens_at": opens, "closes_at": opens + timedelta(hours=2), "is_held": True}
    check = stories.called(house, **times, **stories.lean(house.blueprint, 2))
    notices.issue(check, by=house.district, bring="身份证", contact="西青局 022-1")
    notices.issue(
        check, by=house.district, bring="身份证和签字笔", contact="西青局 022-1", why="补充携带物品"
    )
    one = sitting_queries.examinees(check)[0]
    person, (first, second) = one.registration.candidate, one.notices.order_by("number")
    facts = [
        "抽查考核通知书",
        person.name,
        check.name,
        check.serial,
        "西青局 022-1",
        "签到码",
        house.jinhai.unit.name,
    ]
    text = document(as_user, person, "certificates:spot_notice", one.pk, 1, pages=1)
    assert missing(text, *facts, first.serial, "身份证", "第1版") == [] and "签字笔" not in text
    text = document(as_user, house.manager, "certificates:spot_notice", one.pk, 2, pages=1)
    assert missing(text, *facts, second.serial, "身份证和签字笔", "变更理由：补充携带物品。", "第2版") == []


def test_a_rectification_notice_and_its_proof_of_service(house, as_user):
    examinee = failing.called(failing.failed(house))[1]
    fresh = failing.issued(house, examinee)
    facts = [
        fresh.serial,
        fresh.unit.name,
        house.jinhai.unit.name,
        house.jinhai.uscc,
        examinee.registration.candidate.name,
    ]
    text = document(as_user, house.district, "supervision:rectification_pdf", fresh.pk, pages=2)
    assert missing(text, "整改通知书", "送达回证", "送达机关", *facts, *fresh.demands.splitlines()) == []
    at = timezone.now()
    served = rectifying.serve(
        fresh, by=house.district, how="mail", served_at=at, receiver="门卫王师傅", receiver_role="收发室"
    )
    service = served.service
    text = document(as_user, house.manager, "supervision:rectification_pdf", served.pk, pages=2)
    assert missing(text, *facts, service.get_how_display(), service.receiver, service.by.name) == []
    assert service.how not in text


def test_options_of_a_case_stand_beside_each_other_only_where_all_are_short():
    short, long = {"text": "整改"}, {"text": "等待行政处罚决定作出之后再与复议一并申请"}
    case = {"type": "case", "options": [], "parts": [{"options": [short, short]}, {"options": [short, long]}]}
    assert not paper_forms._is_short(case)
    assert paper_forms._is_short(case | {"parts": case["parts"][:1]})
