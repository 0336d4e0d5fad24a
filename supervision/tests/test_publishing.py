"""What becomes public and when: nothing before all of a round is confirmed, then masked names; corrections, objections, withdrawals."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.identifiers import mask_name
from accounts.models import Enterprise, User
from audit.transitions import Refused
from supervision import calendar
from supervision.actions import publishing, sittings
from supervision.models import Evidence, Objection, Publication, SpotCheck
from supervision.queries import minutes as minutes_queries
from supervision.queries import publishing as queries
from supervision.queries import sittings as sitting_queries
from supervision.tests import stories
from supervision.tests.test_minutes import concluded, verified

DAY = timedelta(days=1)


@pytest.fixture
def house(cast, settings, tmp_path):
    """Everything for a small check, and somebody who had no hand in it; pictures lie apart."""
    settings.MEDIA_ROOT = tmp_path
    cast.second = User.objects.create_user("second", name="复核员")
    return stories.furnish(cast)


def people(check):
    return [one.registration.candidate for one in sitting_queries.examinees(check)]


def public(check=None):
    """Everything that a stranger may read of results, as text."""
    stranger, found = Client(), {}
    names = {"public_results": [()]}
    codes = [(one.code,) for one in queries.newest()]
    names["public_result"] = codes
    names["public_result_file"] = [(*code, kind) for code in codes for kind in ("csv", "xlsx")]
    names["public_minutes"] = [
        (code,) for code in minutes_queries.Minutes.objects.values_list("code", flat=True)
    ]
    for name, calls in names.items():
        for arguments in calls:
            answer = stranger.get(reverse(f"supervision:{name}", args=arguments))
            assert answer.status_code == 200
            found[name, *arguments] = _text(answer)
    return found


def _text(answer):
    if "spreadsheet" not in answer["Content-Type"]:
        return answer.content.decode()
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def test_nothing_is_public_before_all_of_a_round_is_confirmed(house):
    check = concluded(house)
    first, second = sitting_queries.examinees(check)
    stories.sealed(check, but=[second])
    with pytest.raises(Refused, match=f"还有 1 人的结果没有确认：{second.registration.candidate.name}"):
        publishing.publish(check, by=house.city)
    assert not Publication.objects.exists()
    shown = "".join(public().values())
    firm = first.registration.post.enterprise.unit.name
    code = minutes_queries.newest_of(second).row.code
    waiting = public()["public_minutes", code]
    assert mask_name(second.registration.candidate.name) not in waiting and "尚未确认" in waiting
    assert firm not in shown
    api = Client().get(reverse("api:results"))
    assert api.status_code == 401


def test_the_city_publishes_what_is_confirmed_and_the_check_moves(house):
    check = concluded(house)
    stories.sealed(check)
    for by in (house.district, *[one.person for one in sitting_queries.attendances(check)]):
        with pytest.raises(Refused, match="另一位监管人员"):
            publishing.publish(check, by=by)
    row = publishing.publish(check, by=house.city)
    check.refresh_from_db()
    assert (check.state, check.published_at is not None) == ("published", True)
    assert row.rows == [
        {
            "enterprise": one.registration.post.enterprise.unit.name,
            "name": mask_name(one.registration.candidate.name),
            "post": one.registration.post.get_kind_display(),
            "conclusion": conclusion,
            "on": f"{timezone.localdate():%Y-%m-%d}",
            "organ": check.unit.name,
        }
        for one, conclusion in zip(sitting_queries.examinees(check), ("合格", "不合格"), strict=True)
    ]
    assert row.objections_until == calendar.due(timezone.localdate(), 5)[0]
    with pytest.raises(Refused, match="考核结束后"):
        publishing.publish(check, by=house.city)
    assert verified() == ""


def test_no_number_no_full_name_and_no_answer_is_on_any_public_page_or_file(house):
    """Acceptance 6: as nobody, over every page and file of results; the words that would give somebody away exist."""
    for n, person in enumerate(User.objects.order_by("pk")):
        person.phone, person.id_number = f"138{n:08d}", f"12010119900101{n:04d}"
        person.save()
    check = stories.published(house, (1, 0, None), **stories.lean(house.blueprint, 3))
    shown = public()
    assert {name for name, *_rest in shown} == {"public_results", "public_result", "public_result_file", "public_minutes"}  # fmt: skip
    told = people(check)
    words = {
        word for one in told for word in (one.name, one.phone, one.id_number, one.id_mask, one.phone_mask)
    }
    words |= {kept.row.facts["person"]["name"] for kept in minutes_queries.of_check(check).values()}
    assert len(words) >= 15
    assert {(name, word) for name, text in shown.items() for word in words if word and word in text} == set()
    for text in shown.values():
        plain = re.sub(r"[0-9a-f]{64}", "", text)
        assert not re.search(r"(?<![\da-f])1[3-9]\d{9}(?![\da-f])|(?<![\da-f])\d{17}[\dXx](?![\da-f])", plain)
    assert all(mask_name(one.name) in shown["public_result", check.code] for one in told)
    assert not any(
        one.enterprise.uscc in "".join(shown.values()) for one in [Enterprise.objects.first().unit]
    )


def test_a_copy_with_another_name_or_score_is_exposed(house):
    check = stories.published(house, **stories.lean(house.blueprint, 2))
    kept = next(iter(minutes_queries.of_check(check).values()))
    address, name = (
        reverse("supervision:public_minutes", args=[kept.row.code]),
        kept.row.facts["person"]["name"],
    )
    page = Client().get(address).content.decode()
    assert mask_name(name) in page and name not in page and kept.row.digest in page
    score = kept.row.facts["points"]
    for typed, points, same in (
        (name, score, [True, True]),
        ("别人", score, [False, True]),
        (name, "59", [True, False]),
        (name, "", [True, False]),
    ):
        answer = Client().post(address, {"name": typed, "points": points})
        assert [one for _label, one in answer.context["compared"]] == same


def objected(house, check, by=None, **more):
    one = sitting_queries.examinees(check)[1]
    person = one.registration.candidate
    return publishing.object_to(
        one, by=by or person, side=more.pop("side", "examinee"), why="第三题有争议", **more
    )


def test_the_person_and_the_enterprise_object_once_each_within_the_period(house):
    check = stories.published(house, **stories.lean(house.blueprint, 2))
    one = sitting_queries.examinees(check)[1]
    neighbour = people(check)[0]
    for by, side in (
        (neighbour, "examinee"),
        (house.stranger_manager, "enterprise"),
        (house.city, "inspector"),
    ):
        with pytest.raises(Refused, match="由被考核人本人或其企业提出"):
            publishing.object_to(one, by=by, side=side, why="不服")
    with pytest.raises(Refused, match="写明异议的理由"):
        publishing.object_to(one, by=house.manager, side="enterprise", why=" ")
    late = timezone.now() + 60 * DAY
    with pytest.raises(Refused, match="异议期已于"):
        publishing.object_to(one, by=house.manager, side="enterprise", why="不服", now=late)
    objected(house, check)
    with pytest.raises(Refused, match="已经提出过"):
        objected(house, check)
    publishing.object_to(one, by=house.manager, side="enterprise", why="企业认为题目超纲")
    assert Objection.objects.count() == 2


def test_an_upheld_objection_changes_the_outcome_the_minutes_and_what_is_published(house):
    check = stories.published(house, **stories.lean(house.blueprint, 2))
    objection = objected(house, check)
    one = objection.examinee
    with pytest.raises(Refused, match="公布结果的人"):
        publishing.decide(objection, by=house.city, upheld=True, why="成立", conclusion="passed")
    with pytest.raises(Refused, match="登记结果"):
        publishing.decide(objection, by=house.district, upheld=True, why="成立", conclusion="passed")
    other = house.second
    with pytest.raises(Refused, match="选择更正后的结论"):
        publishing.decide(objection, by=other, upheld=True, why="成立")
    publishing.decide(objection, by=other, upheld=True, why="第三题答案有误", conclusion="passed")
    with pytest.raises(Refused, match="已经处理"):
        publishing.decide(objection, by=other, upheld=False, why="再议")
    newest = minutes_queries.newest_of(one).row
    assert (newest.number, newest.facts["conclusion"]) == (2, "passed")
    page = public()["public_result", check.code]
    assert "更正中" in page and page.count("不合格") == 0
    with pytest.raises(Refused, match="没有确认"):
        publishing.correct(check, by=house.city, why="异议成立")
    stories.signed(newest)
    row = publishing.correct(check, by=house.city, why="异议成立")
    assert (row.number, [line["conclusion"] for line in row.rows]) == (2, ["合格", "合格"])
    page = public()["public_result", check.code]
    assert "异议成立" in page and "更正中" not in page
    with pytest.raises(Refused, match="无需更正"):
        publishing.correct(check, by=house.city, why="再次")
    assert SpotCheck.objects.get().state == "published"


def test_a_dismissed_objection_changes_nothing_but_is_answered(house):
    check = stories.published(house, **stories.lean(house.blueprint, 2))
    objection = objected(house, check)
    publishing.decide(objection, by=house.second, upheld=False, why="复核无误")
    assert minutes_queries.newest_of(objection.examinee).row.number == 1
    page = Client()
    page.force_login(objection.by)
    row = minutes_queries.newest_of(objection.examinee).row
    assert "复核无误" in page.get(reverse("supervision:minutes", args=[row.pk])).content.decode()


def test_whoever_was_absent_cannot_be_made_to_have_passed(house):
    check = stories.published(house, (1, None), **stories.lean(house.blueprint, 2))
    objection = objected(house, check)
    with pytest.raises(Refused, match="没有成绩"):
        publishing.decide(objection, by=house.second, upheld=True, why="成立", conclusion="passed")
    publishing.decide(objection, by=house.second, upheld=True, why="住院证明属实", conclusion="excused")
    assert sitting_queries.outcomes_of([objection.examinee])[objection.examinee_id].conclusion == "excused"


def test_a_withdrawal_leaves_a_note_and_takes_the_names(house):
    check = stories.published(house, **stories.lean(house.blueprint, 2))
    first, second = sitting_queries.examinees(check)
    names = [mask_name(one.registration.candidate.name) for one in (first, second)]
    with pytest.raises(Refused, match="写明撤下的理由"):
        publishing.withdraw(check, by=house.city, why=" ", examinee=first)
    publishing.withdraw(check, by=house.city, why="法院裁定撤下", examinee=first)
    shown = public()
    for name in ("public_result", "public_result_file"):
        text = "".join(text for key, text in shown.items() if key[0] == name)
        assert "法院裁定撤下" in text and "不合格" in text
    code = minutes_queries.newest_of(first).row.code
    assert names[0] not in shown["public_minutes", code]
    publishing.withdraw(check, by=house.city, why="公示有误，另行公布")
    page = public()["public_result", check.code]
    assert "公示有误，另行公布" in page and names[1] not in page
    with pytest.raises(Refused, match="已经撤下"):
        publishing.withdraw(check, by=house.city, why="再次")


def test_an_amended_outcome_stops_being_shown_at_once(house):
    check = stories.published(house, **stories.lean(house.blueprint, 2))
    first, _second = sitting_queries.examinees(check)
    sittings.amend(first, by=house.city, why="查实代考", conclusion="cancelled")
    assert "更正中" in public()["public_result", check.code]


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_pages_from_the_conclusion_to_the_objection(house):
    check = concluded(house)
    district, city = signed_in(house.district), signed_in(house.city)
    page = stories.seen(house.district, "check", check.code)
    assert "制作 2 份记录表" in page and "下一步：签字确认并公布" in page
    stories.posted(house.district, "minutes_draw_up", check)
    one, other = sitting_queries.examinees(check)
    row = minutes_queries.newest_of(other).row
    person = other.registration.candidate
    address = reverse("supervision:sign", args=[row.pk, "examinee"])
    candidate = signed_in(person)
    assert "抽查考核记录表" in candidate.get(reverse("supervision:minutes", args=[row.pk])).content.decode()
    assert row.serial in candidate.get(reverse("supervision:my_minutes")).content.decode()
    answer = candidate.post(address, {"typed": "别人", "digest": row.digest})
    assert answer.status_code == 422 and "不一致" in answer.content.decode()
    assert candidate.post(address, {"typed": person.name, "digest": row.digest}).status_code == 302
    manager = signed_in(house.manager)
    manager.post(
        reverse("supervision:sign", args=[row.pk, "enterprise"]),
        {"title": "经理", "typed": house.manager.name, "digest": row.digest},
    )
    first, second = [each.person for each in sitting_queries.attendances(check)]
    refused = {"side": "examinee", "why": "不认可", "witness": "孙立", "witness_title": "同事"}
    left = minutes_queries.newest_of(one).row
    signed_in(first).post(reverse("supervision:refuse", args=[left.pk]), refused)
    assert (
        "确认被考核人拒签"
        in signed_in(second).get(reverse("supervision:minutes", args=[left.pk])).content.decode()
    )
    signed_in(second).post(
        reverse("supervision:refuse", args=[left.pk]), {"side": "examinee", "confirm": "1"}
    )
    manager.post(
        reverse("supervision:sign", args=[left.pk, "enterprise"]),
        {"title": "经理", "typed": house.manager.name, "digest": left.digest},
    )
    assert "还缺" in stories.seen(house.district, "check", check.code)
    for each in (first, second):
        for sheet in (row, left):
            sign = reverse("supervision:sign", args=[sheet.pk, "inspector"])
            assert signed_in(each).post(sign, {"typed": each.name, "digest": sheet.digest}).status_code == 302
    assert "请由另一位监管人员办理" in stories.seen(house.district, "check", check.code)
    city.post(reverse("supervision:publish", args=[check.code]), {"round": 0})
    check.refresh_from_db()
    assert check.state == "published"
    answer = candidate.post(reverse("supervision:object", args=[row.pk]), {"why": "第三题有争议"})
    assert answer.status_code == 302
    objection = Objection.objects.get()
    page = (
        stories.seen(house.second, "examinee", check.code, other.pk)
        if False
        else stories.seen(house.city, "examinee", check.code, other.pk)
    )
    assert "第三题有争议" in page and "公布结果的人不能处理异议" in page
    page = candidate.get(reverse("exams:result", args=[row.outcome.attempt_id]))
    assert page.context["result"] is not None
    assert district.get(reverse("supervision:examinee", args=[check.code, one.pk])).status_code == 200
    assert objection.by == person and not Evidence.objects.exists()


def test_the_clock_of_publishing_is_shown_and_overdue_is_an_alert(house):
    check = concluded(house)
    due = minutes_queries.due_of(check)[0]
    assert due == calendar.due(timezone.localdate(check.concluded_at), check.profile.publish_days)[0]
    page = stories.seen(house.district, "checks")
    assert f"{due:%Y-%m-%d} 前公布" in page and "公布逾期" not in page
    SpotCheck.objects.filter(pk=check.pk).update(concluded_at=timezone.now() - 90 * DAY)
    assert "公布逾期" in stories.seen(house.district, "checks")
    assert "公布逾期" not in stories.seen(house.other_district, "checks")
