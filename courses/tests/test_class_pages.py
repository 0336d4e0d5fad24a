"""The pages of classes, outside training and hours, as the cast meets them."""

import io
import re
from datetime import date, timedelta
from zipfile import ZipFile

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.tests.files import a_pdf, a_picture
from courses.engine import classes as engine
from courses.models import ClassAttendance, ClassMeeting, ClassSign, HourRule, OutsideTraining
from courses.tests import class_stories as tell
from courses.tests import stories
from courses.views import attending


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def address(name, *args):
    return reverse(f"courses:{name}", args=args)


def ticket_in(page):
    return re.search(r'name="ticket" value="([^"]+)"', page.content.decode())[1]


def said(page):
    return " ".join(page.content.decode().split())


@pytest.fixture
def still(monkeypatch):
    """One turn that does not end, so that no story hangs on how fast it is told."""
    monkeypatch.setattr(engine, "turn", lambda now: 7)


def test_a_phone_scans_the_screen_and_its_owner_arrives_and_leaves(cast, as_user, still):
    meeting = tell.begun(cast)
    screen = said(as_user(cast.manager).get(address("class_screen", meeting.pk)))
    shown = re.search(r'class-code num"[^>]*>(\w{6})<', screen)[1]
    assert "<svg" in screen
    browser = as_user(cast.officer)
    for words, told in (("我到了，签到", "签到成功"), ("我要离开，签退", "已签退")):
        page = browser.get(address("class_scanned", meeting.pk, shown))
        assert words in said(page)
        assert told in said(
            browser.post(address("class_sign", meeting.pk), {"ticket": ticket_in(page)}, follow=True)
        )
    assert list(ClassSign.objects.order_by("pk").values_list("direction", "how")) == [
        ("in", "scanned"), ("out", "scanned"),
    ]  # fmt: skip


def test_a_photograph_of_the_screen_opens_nothing_a_minute_later(cast, as_user):
    meeting = tell.begun(cast)
    old = tell.code(meeting, timezone.now() - timedelta(minutes=1))
    page = as_user(cast.officer).get(address("class_scanned", meeting.pk, old))
    assert page.status_code == 422
    assert "二维码已经更换" in said(page) and "ticket" not in said(page)


def test_a_ticket_is_its_owners_of_one_class_and_soon_over(cast, as_user, monkeypatch, still):
    meeting, other = tell.begun(cast), tell.begun(cast, title="另一课堂")
    ticket = ticket_in(as_user(cast.officer).get(address("class_scanned", meeting.pk, tell.code(meeting))))
    forged = signing.dumps({"class": meeting.pk, "person": cast.director.pk, "to": "in"}, salt="another")
    for user, where, sent, sentence in (
        (cast.director, meeting, ticket, "不是您的"),
        (cast.officer, other, ticket, "不是您的"),
        (cast.director, meeting, forged, "重新扫描"),
        (cast.director, meeting, "", "重新扫描"),
    ):
        page = as_user(user).post(address("class_sign", where.pk), {"ticket": sent}, follow=True)
        assert sentence in said(page)
    monkeypatch.setattr(attending, "TICKET_SECONDS", -1)
    page = as_user(cast.officer).post(address("class_sign", meeting.pk), {"ticket": ticket}, follow=True)
    assert "等得太久" in said(page)
    assert ClassAttendance.objects.count() == 0


def test_whoever_cannot_scan_types_the_code_of_the_screen(cast, as_user, still):
    meeting, browser = tell.begun(cast), as_user(cast.officer)
    for sent, sentence in (
        ({}, "请求的格式无法识别"),
        ({"direction": "in"}, "口令不对"),
        ({"direction": "in", "code": "ZZZZZZ"}, "口令不对"),
        ({"direction": "in", "code": tell.code(meeting).lower()}, "签到成功"),
    ):
        assert sentence in said(browser.post(address("class_sign", meeting.pk), sent, follow=True))
    assert ClassSign.objects.get().how == "typed"


def test_a_class_of_another_enterprise_does_not_exist(cast, as_user):
    meeting, browser = tell.begun(cast), as_user(cast.stranger)
    for name, more in (("class", ()), ("class_scanned", (tell.code(meeting),)), ("class_manage", ())):
        assert browser.get(address(name, meeting.pk, *more)).status_code in (403, 404)
    assert browser.post(address("class_sign", meeting.pk), {"direction": "in"}).status_code == 404


def planned_form(cast, **more):
    begins = timezone.localtime() + timedelta(days=2)
    return {
        "title": "年度培训", "kind": "classroom", "unit": cast.jinhai.unit.pk, "lesson": "", "teacher": "周老师", "place": "会议室", "address": "",
        "begins_at": begins.strftime("%Y-%m-%dT%H:%M"), "ends_at": (begins + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
        "minutes": 120, "capacity": 20,
    } | more  # fmt: skip


def test_the_manager_plans_a_class_that_her_people_see(cast, as_user):
    browser = as_user(cast.manager)
    page = browser.post(address("class_new"), planned_form(cast), follow=True)
    assert "课堂已安排" in said(page)
    meeting = ClassMeeting.objects.get()
    assert "年度培训" in said(as_user(cast.officer).get(address("mine")))
    assert "年度培训" not in said(as_user(cast.stranger).get(address("mine")))
    browser = as_user(cast.manager)
    browser.post(address("class_edit", meeting.pk), planned_form(cast, teacher="李老师"))
    meeting.refresh_from_db()
    assert meeting.teacher == "李老师"
    browser.post(address("class_act", meeting.pk, "cancel"), {"why": "改期"})
    assert "改期" in said(as_user(cast.officer).get(address("class", meeting.pk)))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"place": ""}, "集中培训请填写地点"),
        ({"kind": "live"}, "直播课请填写网址"),
        ({"kind": "live", "address": "http://example.invalid/x"}, "以 https:// 开头"),
        ({"kind": "live", "address": "javascript:alert(1)"}, "以 https:// 开头"),
        ({"ends_at": "2020-01-01T10:00"}, "结束时间应晚于开始时间"),
        ({"begins_at": "2020-01-01T09:00", "ends_at": "2020-01-01T10:00", "minutes": 60}, "已经过去"),
        ({"minutes": 121}, "不能超过课堂的时间"),
        ({"capacity": 0}, "大于或等于"),
        ({"unit": "0"}, "选择一个有效的选项"),
    ],
)
def test_a_class_that_cannot_be_is_told_why_and_nothing_typed_is_lost(cast, as_user, more, sentence):
    page = as_user(cast.manager).post(address("class_new"), planned_form(cast, **more))
    assert page.status_code == 422
    assert sentence in said(page) and "年度培训" in said(page)
    assert ClassMeeting.objects.count() == 0


def test_an_address_is_text_unless_its_host_is_one_of_ours(cast, as_user, settings):
    meeting = tell.planned(cast, kind="live", place="", address="https://live.example.invalid/1")
    page = said(as_user(cast.officer).get(address("class", meeting.pk)))
    assert "https://live.example.invalid/1" in page and 'href="https://live' not in page
    settings.LIVE_HOSTS = ["live.example.invalid"]
    page = said(as_user(cast.officer).get(address("class", meeting.pk)))
    assert 'href="https://live.example.invalid/1"' in page


def test_the_organiser_sees_who_came_enters_one_by_hand_and_takes_the_list_away(cast, as_user):
    meeting, browser = tell.begun(cast), as_user(cast.manager)
    tell.signed(meeting, cast.officer, 0)
    page = browser.post(
        address("class_enter", meeting.pk),
        {"post": cast.post(cast.director).pk, "direction": "in", "why": "没带手机"},
        follow=True,
    )
    assert "李䶮：已登记" in said(page) and "没带手机" in said(page)
    page = browser.post(
        address("class_enter", meeting.pk),
        {"post": cast.post(cast.stranger).pk, "direction": "in", "why": "没带手机"},
        follow=True,
    )
    assert "名单已变化" in said(page)
    book = browser.get(address("class_manage", meeting.pk) + "?export=xlsx")
    with ZipFile(io.BytesIO(book.content)) as zipped:
        words = zipped.read("xl/sharedStrings.xml").decode()
    assert "王雨晨" in words and "没带手机" in words
    browser.post(address("class_act", meeting.pk, "end"))
    assert "没有签退" in said(browser.get(address("class_manage", meeting.pk)))


def test_the_list_of_classes_is_searched_filtered_and_counted_with_fixed_queries(
    cast, as_user, django_assert_max_num_queries
):
    browser = as_user(cast.manager)
    for n in range(3):
        tell.planned(cast, title=f"课堂{n}")
    tell.begun(cast, title="进行中的")
    page = browser.get(address("classes") + "?q=课堂1")
    assert "课堂1" in said(page) and "课堂2" not in said(page)
    assert "进行中的" not in said(browser.get(address("classes") + "?state=coming"))
    with django_assert_max_num_queries(12):
        browser.get(address("classes"))


def test_a_lesson_page_shows_its_classes_instead_of_a_clock(cast, as_user):
    course = tell.taught(cast)
    enrolment = stories.enrolled(cast, course)
    [revision] = stories.revisions(enrolment)
    browser = as_user(cast.officer)
    page = said(browser.get(address("lesson", course.code, revision.pk)))
    assert "还没有安排本课的课堂" in page and "data-lesson" not in page
    assert browser.post(address("visit", course.code, revision.pk)).status_code == 409
    tell.planned(cast, lesson=tell.lesson_of(course), title="面授第一场")
    assert "面授第一场" in said(browser.get(address("lesson", course.code, revision.pk)))


# --- outside training ---------------------------------------------------------------------------------------------------


def outside_form(cast, user=None, **more):
    day = (timezone.localdate() - timedelta(days=3)).isoformat()
    file = SimpleUploadedFile("证书.pdf", a_pdf(), "application/pdf")
    return {
        "post": cast.post(user or cast.officer).pk, "organiser": "协会", "title": "质量控制", "begins_on": day, "ends_on": day, "hours": "3.5",
        "file": file,
    } | more  # fmt: skip


def test_the_officer_enters_her_manager_confirms_and_others_see_nothing(cast, as_user):
    page = as_user(cast.officer).post(address("outside_new"), outside_form(cast), follow=True)
    assert "等待另一人核对" in said(page)
    training = OutsideTraining.objects.get()
    assert training.minutes == 210
    file = address("outside_evidence", training.pk, 1)
    for user, status in ((cast.officer, 200), (cast.manager, 200), (cast.station, 200), (cast.director, 404), (cast.stranger_manager, 404)):  # fmt: skip
        assert as_user(user).get(file).status_code == status
    answer = as_user(cast.manager).get(file)
    assert "sandbox" in answer["Content-Security-Policy"] and answer["Content-Disposition"].startswith(
        "attachment"
    )
    page = as_user(cast.manager).post(address("outside_act", training.pk, "confirm"), follow=True)
    assert "已确认" in said(page)
    assert "3.5" in said(as_user(cast.officer).get(address("my_hours")))


def test_what_is_sent_back_tells_why_and_is_mended(cast, as_user):
    as_user(cast.manager).post(address("outside_enter"), outside_form(cast))
    training = OutsideTraining.objects.get()
    assert (training.person, training.entered_by) == (cast.officer, cast.manager)
    assert "登记的人不能自己核对" in said(as_user(cast.manager).get(address("outside", training.pk)))
    as_user(cast.station).post(address("outside_act", training.pk, "return"), {"why": "缺盖章页"})
    browser = as_user(cast.manager)
    assert "缺盖章页" in said(browser.get(address("outside", training.pk)))
    more = outside_form(cast, hours="2", file=SimpleUploadedFile("章.png", a_picture(), "image/png"))
    browser.post(address("outside_mend", training.pk), more)
    training.refresh_from_db()
    assert (training.state, training.minutes, training.evidence.count()) == ("submitted", 120, 2)
    assert as_user(cast.officer).get(address("outside_mend", training.pk)).status_code == 404


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"file": SimpleUploadedFile("x.exe", b"MZ", "application/pdf")}, "无法识别这个文件"),
        ({"file": ""}, "请上传证明材料"),
        ({"hours": "0"}, "大于或等于"),
        ({"hours": "13"}, "每天最多 12 小时"),
        ({"post": "0"}, "选择一个有效的选项"),
    ],
)
def test_bad_entries_are_told_why(cast, as_user, more, sentence):
    page = as_user(cast.officer).post(address("outside_new"), outside_form(cast, **more))
    assert (page.status_code, OutsideTraining.objects.count()) == (422, 0)
    assert sentence in said(page)


def test_a_file_is_chosen_once_while_something_else_is_mended(cast, as_user):
    browser = as_user(cast.officer)
    page = browser.post(address("outside_new"), outside_form(cast, title=""))
    kept = re.search(r'name="kept" value="([0-9a-f]{32})"', said(page))[1]
    browser.post(address("outside_new"), outside_form(cast, file="", kept=kept))
    assert OutsideTraining.objects.get().evidence.get().name == "证书.pdf"


# --- hours of a year ------------------------------------------------------------------------------------------------------


def test_without_a_rule_the_page_says_why_and_nobody_is_short(cast, as_user):
    page = said(as_user(cast.manager).get(address("shortfalls")))
    assert "没有施行中的学时规则" in page and "没有查到对工业产品质量安全人员每年学时的要求" in page
    assert "现在没有对您的岗位适用的年度学时规则" in said(as_user(cast.officer).get(address("my_hours")))


def test_each_figure_opens_its_list(cast, as_user):
    tell.ruled(cast, hours=4)
    day = date(timezone.localdate().year - 1, 6, 1)
    tell.confirmed(cast, begins_on=day, ends_on=day)
    browser, place = as_user(cast.manager), address("shortfalls") + f"?year={day.year}"
    page = said(browser.get(place))
    assert re.findall(r'tile-figure">(\d+)', page) == ["3", "2", "1"]
    met = said(browser.get(place + "&state=met"))
    assert "王雨晨" in met and "李䶮" not in met
    assert browser.get(place + "&state=short&export=xlsx").status_code == 200
    assert said(browser.get(address("shortfalls") + "?year=abc&rule=x&state=y"))


def rule_form(cast, **more):
    return {
        "name": "本市要求", "unit": cast.city_organ.pk, "post_kind": "", "category": "", "hours": 12, "sources": ["course", "class"],
        "carry_hours": 0, "provision": "", "basis": "某文件第三条", "starts_on": "2026-01-01", "ends_on": "",
    } | more  # fmt: skip


def test_an_administrator_adds_a_rule_with_its_ground_and_ends_it(cast, as_user):
    browser = as_user(cast.admin)
    page = browser.post(address("hour_rule_new"), rule_form(cast, basis=""))
    assert page.status_code == 422 and "没有依据的规则不能添加" in said(page)
    browser.post(address("hour_rule_new"), rule_form(cast))
    rule = HourRule.objects.get()
    assert (rule.by, rule.sources) == (cast.admin, ["course", "class"])
    page = browser.post(
        address("hour_rule_end", rule.pk), {"ends_on": "2026-02-01", "why": "文件废止"}, follow=True
    )
    assert "规则已终止" in said(page) and "文件废止" in said(page)
