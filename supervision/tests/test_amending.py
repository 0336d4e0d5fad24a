"""An outcome corrected of the organ's own accord: by two people, with a reason, new minutes and a correction of what is published."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role, RoleGrant, User
from accounts.tests.files import a_picture
from audit.transitions import Refused
from exams.actions import attempts, terminations
from exams.models import Result
from supervision.actions import amending, paper, retaking, sittings
from supervision.models import AmendmentProposal, AmendmentRuling, Evidence, Outcome
from supervision.queries import minutes as minutes_queries
from supervision.queries import sittings as queries
from supervision.tests import failing, stories
from supervision.tests.test_failure_pages import send
from supervision.tests.test_publishing import public
from tests import build
from tests.people import APPOINTED


@pytest.fixture
def house(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cast.second = User.objects.create_user("second", name="复核员")
    RoleGrant.objects.create(user=cast.second, role=Role.REGULATOR, unit=cast.city_organ, starts_on=APPOINTED)
    return failing.house(cast)


def counting(examinee):
    return queries.outcomes_of([examinee])[examinee.pk]


def test_from_the_proposal_to_the_corrected_publication_by_their_pages(house):
    check = failing.published(failing.failed(house, (1, None)))
    _first, absent = failing.called(check)
    assert "更正结果" in stories.seen(house.district, "examinee", check.code, absent.pk)
    assert "现在的结果" in stories.seen(house.district, "amend", check.code, absent.pk)
    file = SimpleUploadedFile("住院证明.png", a_picture())
    bad = send(house.district, "amend", check.code, absent.pk, conclusion="passed", why="查明", file=file)
    assert bad.status_code == 422
    shown = bad.content.decode()
    assert "此人没有成绩" in shown and "查明</textarea>" in shown and "住院证明.png" in shown
    kept = bad.context["form"].data["kept"]
    send(house.district, "amend", check.code, absent.pk, conclusion="excused", why="住院，当日证明已核实", kept=kept)  # fmt: skip
    proposal = AmendmentProposal.objects.get()
    assert Evidence.objects.get().name == "住院证明.png"
    assert counting(absent).conclusion == "absent"  # nothing has changed yet
    assert "有一项更正待确认" in stories.seen(house.second, "check", check.code)
    assert "提出更正的人不能确认" in stories.seen(house.district, "examinee", check.code, absent.pk)

    send(house.second, "amend_rule", check.code, proposal.pk, answer="confirm", why="")
    assert not AmendmentRuling.objects.exists()
    send(house.second, "amend_rule", check.code, proposal.pk, answer="confirm", why="与医院核实无误")
    outcome = counting(absent)
    assert (outcome.number, outcome.conclusion, outcome.why, outcome.by) == (
        2, "excused", "依职权更正：住院，当日证明已核实", house.second,
    )  # fmt: skip
    assert AmendmentRuling.objects.get().outcome == outcome
    newest = minutes_queries.newest_of(absent).row
    assert (newest.number, newest.facts["conclusion"], newest.facts["remarks"]) == (2, "excused", outcome.why)
    assert "更正中" in public()["public_result", check.code]
    stories.signed(newest)
    send(house.city, "publish_correct", check.code, round=0, why="依职权更正")
    shown = public()["public_result", check.code]
    assert "准予缓考" in shown and "更正原因：依职权更正" in shown


def test_who_proposed_entered_or_signed_does_not_confirm_and_one_proposal_waits_at_a_time(house):
    check = failing.published(failing.failed(house, (1, 0)))
    first = failing.called(check)[0]
    inspector = queries.attendances(check)[0].person
    with pytest.raises(Refused, match="写明更正的理由"):
        amending.propose(first, by=house.city, conclusion="cancelled", why=" ")
    proposal = amending.propose(first, by=house.city, conclusion="cancelled", why="查实由他人代考")
    with pytest.raises(Refused, match="已有一项更正等待"):
        amending.propose(first, by=house.district, conclusion="cancelled", why="代考")
    for by, why in ((house.city, "提出更正的人"), (house.district, "登记结果"), (inspector, "登记结果")):
        with pytest.raises(Refused, match=why):
            amending.confirm(proposal, by=by, why="属实")
    with pytest.raises(Refused, match="还有更正没有确认"):
        retaking.close(check, by=house.city, now=timezone.now() + failing.LATER)
    amending.decline(proposal, by=house.city, why="提错了人")
    with pytest.raises(Refused, match="已经处理"):
        amending.confirm(proposal, by=house.second, why="属实")
    assert counting(first).number == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        AmendmentRuling.objects.update(why="改")
    with pytest.raises(IntegrityError), transaction.atomic():
        AmendmentProposal.objects.update(why="改")


def test_what_was_changed_meanwhile_is_not_confirmed(house):
    check = failing.failed(house, (1,))
    [one] = failing.called(check)
    proposal = amending.propose(one, by=house.district, conclusion="cancelled", why="代考")
    sittings.amend(one, by=house.city, why="异议成立", conclusion="excused")
    with pytest.raises(Refused, match="已经另有更改"):
        amending.confirm(proposal, by=house.second, why="属实")
    amending.decline(proposal, by=house.second, why="已另行处理")
    assert counting(one).conclusion == "excused"


def test_the_conclusion_follows_the_score_and_a_cancelled_one_comes_back_by_it(house):
    check = failing.failed(house, (1, 0))
    first, second = failing.called(check)
    with pytest.raises(Refused, match="对应的结论是“不合格”"):
        amending.propose(second, by=house.district, conclusion="passed", why="态度好")
    with pytest.raises(Refused, match="没有需要更正的内容"):
        amending.propose(second, by=house.district, conclusion="failed", why="再看")
    with pytest.raises(Refused, match="上机成绩以评分为准"):
        amending.propose(second, by=house.district, conclusion="passed", points=Decimal(4), why="加分")
    for conclusion in ("cancelled", "passed"):
        proposal = amending.propose(first, by=house.district, conclusion=conclusion, why="查明")
        amending.confirm(proposal, by=house.second if conclusion == "cancelled" else house.city, why="属实")
    told = list(Outcome.objects.filter(examinee=first).order_by("number"))
    assert [(row.conclusion, row.points) for row in told] == [
        ("passed", told[0].points), ("cancelled", None), ("passed", told[0].points),
    ]  # fmt: skip


def test_a_new_score_of_an_attempt_is_taken_over(house):
    check = failing.failed(house, (0,))
    [one] = failing.called(check)
    attempt = counting(one).attempt
    before = attempt.current_result
    full = {"number": 2, "points": before.max_points, "percent": Decimal(100), "passed": True}
    fields = {
        f.attname: getattr(before, f.attname) for f in Result._meta.concrete_fields if not f.primary_key
    }
    attempt.current_result = Result.objects.create(**fields | full)
    attempt.save(update_fields=["current_result"])
    proposal = amending.propose(one, by=house.district, conclusion="passed", why="试题裁定后重新评分")
    amending.confirm(proposal, by=house.second, why="与裁定一致")
    assert (counting(one).conclusion, counting(one).points) == ("passed", before.max_points)


def test_points_on_paper_are_corrected_by_hand(house):
    check = stories.begun(house, **stories.lean(house.blueprint, 1))
    [one] = failing.called(check)
    paper.review(stories.entered(house, one), by=house.city, verdict="confirmed")
    sittings.conclude(check, by=house.district, now=check.session.closes_at)
    for points, why in ((Decimal(101), "0 与满分之间"), (Decimal(30), "对应的结论是“不合格”")):
        with pytest.raises(Refused, match=why):
            amending.propose(one, by=house.district, conclusion="passed", points=points, why="登错")
    with pytest.raises(Refused, match="只有结论为合格或不合格"):
        amending.propose(one, by=house.district, conclusion="excused", points=Decimal(30), why="登错")
    sent = send(house.district, "amend", check.code, one.pk, conclusion="failed", points="30", why="总分登错")
    assert sent.status_code == 302
    amending.confirm(AmendmentProposal.objects.get(), by=house.second, why="与答题卡一致")
    outcome = counting(one)
    assert (outcome.conclusion, outcome.points, outcome.percent, outcome.form) == ("failed", 30, 30, "paper")


def test_a_termination_that_stands_is_reversed_and_not_corrected(house):
    check = stories.begun(house, **stories.lean(house.blueprint, 1))
    [one] = failing.called(check)
    attempt = attempts.start(one.registration, by=one.registration.candidate)
    build.answer_right(attempt)
    terminations.propose(attempt, why="使用手机", by=house.district)
    terminations.confirm(attempt, why="属实", by=house.city)
    with pytest.raises(Refused, match="考核结束之后"):
        amending.propose(one, by=house.district, conclusion="passed", why="误判")
    sittings.conclude(check, by=house.district, now=check.session.closes_at)
    with pytest.raises(Refused, match="监考终止仍然有效"):
        amending.propose(one, by=house.district, conclusion="passed", why="误判")


def test_nothing_is_corrected_once_the_case_is_closed(house):
    check = failing.published(failing.failed(house, (1,)))
    [one] = failing.called(check)
    retaking.close(check, by=house.second, now=timezone.now() + failing.LATER)
    with pytest.raises(Refused, match="归档之前"):
        amending.propose(one, by=house.district, conclusion="cancelled", why="代考")
