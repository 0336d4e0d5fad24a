"""One spot check from its plan to its closure on real pages: who does not pass puts it right, is called again and passes."""

import hashlib
import re
import subprocess
import sys
import zipfile
from base64 import b64decode
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.product import PASSWORD, Later, in_a_browser, right_answers
from tests.sitting_room import press_hand_in
from tests.spot_check_pages import PHONE, TABLET, Person, answer

pytestmark = in_a_browser("spot check")
NAME, PLACE = "中北镇电动自行车生产单位抽查考核", "中北镇市场监管所二楼会议室"
SOURCE, PUBLIC = "中国福利彩票双色球第 2026137 期开奖号码", "06 13 18 24 27 31 + 11"
CONTACT = "西青区局质量科 022-00000000"
CANDIDATES = {"王雨晨": "officer", "李䶮": "director"}
QUESTIONS, FEW, ENOUGH = 16, 4, 12
SCAN = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="

# Before the story begins: whoever may be drawn as inspector can sign in. {name: username}
INSPECTORS = """
import json
from django.contrib.auth.hashers import make_password
from accounts.models import RoleGrant, User
people = User.objects.filter(pk__in=RoleGrant.objects.filter(role="regulator").values("user"))
people.update(password=make_password({password!r}))
print(json.dumps(dict(people.values_list("name", "username"))))
"""
ITEMS = """
SELECT DISTINCT a.id, r.item_id FROM exams_attempt a JOIN exams_registration g ON g.id = a.registration_id
JOIN exams_examsession s ON s.id = g.session_id JOIN exams_paperitem p ON p.paper_id = a.paper_id
JOIN exams_itemrevision r ON r.id = p.revision_id WHERE s.name LIKE ? || '%' ORDER BY a.id
"""


@pytest.fixture(scope="module")
def later(prepared, tmp_path_factory):
    """The demo city with a clock of its own."""
    running = Later(tmp_path_factory.mktemp("later"), prepared).start()
    yield running
    running.stop()


@pytest.fixture
def people(browser, later):
    """Somebody at her screen: people(username, view); each comes once."""
    known = {}

    def called(username, view=TABLET):
        if username not in known:
            known[username] = Person(browser, later, username, view)
        return known[username]

    yield called
    for one in known.values():
        one.leave()


def test_a_spot_check_goes_from_plan_to_closure_through_a_fail_and_a_retake(people, later, tmp_path):
    scan = tmp_path / "scan.png"
    scan.write_bytes(b64decode(SCAN))
    names = later.ask(INSPECTORS.format(password=PASSWORD))
    at = later.moment()
    nine = at.replace(hour=9, minute=0, second=0)
    later.put_forward(seconds=(nine - at).total_seconds() % 86_400)  # the whole story fits before midnight
    story = SimpleNamespace(people=people, later=later, tmp=tmp_path, scan=scan, names=names)
    story.city, story.district, story.stranger = people("city"), people("district"), people("")
    rules_are_data(story)
    planned_and_approved(story)
    frozen(story)
    drawn(story)
    notified(story)
    begun(story)
    at_the_door(story)
    sat_and_failed(story)
    signed(story, "27")
    published(story)
    put_right(story)
    called_again(story)
    signed(story, "47")
    closed(story)
    packed(story)


def rules_are_data(story):
    """The city asks for fewer questions and gives less time to object: the next version of the rules."""
    city = story.city
    city.menu("考核规则")
    city.follow("修改（增加版本）", city.page.locator("section.rules", has_text="工业产品"))
    city.write(questions_least=str(QUESTIONS), objection_days="1", reason="试行短卷")
    city.press("增加版本")
    assert "第 2 版" in city.text()
    city.look("01-rules")


def planned_and_approved(story):
    """The district plans and leaves somebody out; another person approves, and only once."""
    city, district = story.city, story.district
    district.look("02-home")
    district.menu("抽查考核")
    district.look("03-checks")
    district.follow("制定计划")
    page, today = district.page, story.later.now()[:10]
    district.write(name=NAME, place=PLACE, starts_on=today, ends_on=today, reserves="1")
    page.locator("[name=blueprint]").select_option(label="通用法规 16 题卷")
    with page.expect_response("**/preview/"):
        page.locator("[name=u_unit]").select_option(value="TJ-XQ-01")
    expect(page.locator("#preview")).to_contain_text("可抽 3 人，来自 1 家企业")
    page.locator("#preview input").first.fill("1")
    district.look("04-plan")
    district.press("保存计划")
    district.look("05-planned")
    assert district.step() == "下一步：批准计划"
    assert "请由另一位监管人员批准" in district.why_not("批准计划")
    fold = district.unfold("排除一人或一家企业")
    district.fill(fold, 人员或企业="孙晓彤", 理由="代管企业管理员事务，不参加本次")
    district.press("排除", fold)
    assert "范围 3 个任职 = 可抽 2 人 + 排除 1 + 同一人的其他任职 0；来自 1 家企业。" in district.text()

    city.case(NAME)
    stale = city.second_window()
    city.look("06-to-approve")
    assert city.press("批准计划") == ["计划已批准，下一步冻结抽取名单。"]
    assert stale.press("批准计划") == ["该计划已经处理过。"]
    stale.page.close()


def frozen(story):
    """The frame is fixed and public before anybody can know the public number."""
    district, stranger, now = story.district, story.stranger, story.later.now
    district.case(NAME)
    district.look("07-to-freeze")
    district.fill(公开数来源=SOURCE, 公开数产生时间=now(minutes=-5))
    assert district.press("冻结名单并公布承诺") == ["公开数必须在冻结之后产生，请填写将来的时间。"]
    district.fill(公开数来源=SOURCE, 公开数产生时间=now(minutes=2))
    district.press("冻结名单并公布承诺")
    assert district.step() == "下一步：等待公开数"
    assert district.page.get_by_role("button", name="录入并抽取").count() == 0
    district.look("08-frozen")
    district.follow("公开页")
    story.public = district.page.url
    stranger.page.goto(story.public)
    stranger.look("09-public-frozen")
    frame = stranger.download("名单文件", story.tmp)
    story.digest = hashlib.sha256(frame.read_bytes()).hexdigest()
    assert story.digest in stranger.text()
    assert "密值的承诺" in stranger.text() and "种子（SHA-256）" not in stranger.text()
    assert [line[0] for line in frame.read_text().splitlines()[1:]].count("P") == 2


def drawn(story):
    """The public number comes, the list follows from it, and a stranger draws it again; she learns no name."""
    district, stranger = story.district, story.stranger
    story.later.put_forward(minutes=3)
    district.case(NAME)
    district.fill(公开数=PUBLIC)
    district.press("录入并抽取")
    assert district.step() == "下一步：登记抽中人员"
    district.look("10-drawn")
    stranger.page.reload()
    stranger.look("11-public-draw")
    assert story.digest in stranger.text()
    dossier = stranger.download("抽取档案", story.tmp)
    verifier = stranger.download("复核程序", story.tmp)
    assert _ends(verifier, dossier) == 0
    changed = story.tmp / "changed.json"
    changed.write_text(dossier.read_text().replace(PUBLIC, PUBLIC.replace("06", "07")))
    assert _ends(verifier, changed) == 1

    district.follow("抽取结果")
    district.look("12-list")
    rows = district.page.locator("tbody tr")
    assert rows.count() == 2
    story.drawn = rows.filter(has_text="抽中").locator("th").inner_text()
    story.sent = district.page.locator("ol.rows strong").all_inner_texts()
    assert len(story.sent) == 2 and "曹志远" not in story.sent, "her spouse works there"
    assert [name for name in (story.drawn, *story.sent) if name in stranger.text()] == []
    district.follow(NAME)


def _ends(*program):
    """How a program ends that needs nothing but Python."""
    return subprocess.run([sys.executable, "-I", *program], capture_output=True, check=False).returncode


def notified(story):
    """A session in the hall; the candidate and her enterprise read their notice, and the office sees that they did."""
    district, now = story.district, story.later.now
    district.fill(开放时间=now(minutes=10), 截止时间=now(minutes=130), 预组试卷数="3")
    district.press("登记抽中人员")
    assert district.step() == "下一步：开始考核"
    assert "1 人还没有通知书。" in district.text()
    district.look("13-registered")
    district.fill(联系人和电话=CONTACT)
    assert district.press("发出通知书") == ["已发出 1 份通知书。"]
    story.candidate = story.people(CANDIDATES[story.drawn], PHONE)
    story.manager = story.people("manager", PHONE)
    for one in (story.candidate, story.manager):
        one.look("14-home")
        one.page.locator("#notices a").filter(has_text=NAME).click()
        one.page.wait_for_url("**/notices/*/")
        one.look("15-notice")
    assert PLACE in story.candidate.text() and "签到码" in story.candidate.text()
    district.page.reload()
    assert re.search(r"本人已读\s*1\s*企业已读\s*1", district.text())
    district.look("16-read")


def begun(story):
    """It takes two inspectors who show their badges."""
    district = story.district
    badges = district.page.get_by_label(re.compile("的执法证号"))
    badges.nth(0).fill("津市监执 000001")
    assert district.press("开始考核") == ["到场并出示执法证件的检查人员不得少于 2 名，考核没有开始。"]
    for n in (0, 1):
        badges.nth(n).fill(f"津市监执 00000{n + 1}")
    district.press("开始考核")
    assert district.step() == "下一步：结束考核"
    assert district.why_not("结束考核并登记结果").startswith("还有 1 人没有作答")
    district.look("17-under-way")
    story.later.put_forward(minutes=11)


def at_the_door(story):
    """A tablet notes who came, she types the code of the wall on her phone, and all begin at one word."""
    district, candidate = story.district, story.candidate
    candidate.follow("打开考试")
    candidate.look("18-briefing")
    assert candidate.why_not("开始考试") == "请先到监考人员处签到。"
    district.follow("现场签到")
    row = district.page.locator(".hall-row", has_text=story.drawn)
    row.get_by_role("button", name="到场").click()
    expect(row.locator("[data-standing]")).to_have_text("到场")
    district.look("19-door")
    candidate.page.reload()
    candidate.page.fill("[name=code]", district.page.locator(".hall-code b").inner_text())
    candidate.press("确定")
    candidate.look("20-waiting")
    district.page.reload()
    district.follow("宣布开考（1 人可以开始）")
    district.look("21-go")
    district.press("宣布开考")
    candidate.page.wait_for_url("**/exams/attempts/*/", timeout=60_000)
    candidate.look("22-sitting")
    district.follow("考场实况")
    expect(district.page.locator("main")).to_contain_text(story.drawn)
    district.look("23-live")


def sat_and_failed(story):
    """Nobody concludes over a head that is still bent; she hands in too little, and is told no result before it is confirmed."""
    district, candidate = story.district, story.candidate
    district.case(NAME)
    assert district.why_not("结束考核并登记结果") == f"{story.drawn} 还在答题，考核没有结束。"
    _sit(story, FEW)
    candidate.look("24-handed-in")
    assert "成绩待发布" in candidate.text() and "合格" not in candidate.text()
    district.page.reload()
    district.press("结束考核并登记结果")
    assert district.step() == "下一步：签字确认并公布"
    district.look("25-concluded")
    district.press("制作 1 份记录表")
    district.look("26-minutes-drawn-up")
    story.city.case(NAME)
    assert story.city.why_not("公布结果").startswith("还有 1 人的结果没有确认")


def _sit(story, right):
    """The candidate answers so many questions, all right, and hands in."""
    answer(story.candidate.page, right_answers(story.later, story.candidate.username), right)
    press_hand_in(story.candidate.page)
    story.candidate.page.wait_for_url("**/result/")


def signed(story, shot):
    """Both inspectors sign, each in her own account, on the first one's tablet the candidate too, the manager on her phone."""
    first, second = (story.people(story.names[name]) for name in story.sent)
    _open_minutes(first, shot)
    first.follow("被考核人签字")
    first.draw_name()
    first.look(f"{shot}-sign-handed")
    first.press("确认签字")
    assert "还缺：企业负责人、2 名考核人员" in first.text()
    for one, label in ((first, "考核人员签字"), (second, "考核人员签字"), (story.manager, "企业负责人签字")):
        _open_minutes(one, shot)
        one.follow(label)
        one.draw_name()
        if one is story.manager:
            one.fill(职务="企业管理员")
        one.look(f"{shot}-sign")
        one.press("确认签字")
    assert "结果已确认" in story.manager.text()
    assert story.manager.page.locator("img.stroke").count() == 4
    story.manager.look(f"{shot}-confirmed")


def _open_minutes(one, shot):
    one.home()
    one.menu("抽查记录表")
    one.look(f"{shot}-my-minutes")
    one.page.locator("main .rows a").filter(has_text=NAME).first.click()  # the newest stands first


def published(story):
    """Whoever held the pen does not publish; strangers read a masked name and no points, the candidate her own result."""
    city, district, stranger = story.city, story.district, story.stranger
    district.case(NAME)
    assert "登记结果或以考核人员身份签字的人不能公布" in district.why_not("公布结果")
    district.look("29-to-publish")
    city.case(NAME)
    assert city.press("公布结果") == ["结果已公布，异议期开始计算。"]
    assert city.step() == "下一步：整改、补考，然后归档"
    city.look("30-published")
    city.follow("打开公示")
    stranger.page.goto(city.page.url)
    stranger.look("31-public-result")
    told = stranger.page.locator("tbody tr").inner_text().split()
    masked = story.drawn[0] + "*" * (len(story.drawn) - 1)
    assert told[1] == masked and told[3] == "不合格" and len(told) == 6, "no points, no number"
    story.candidate.home()
    story.candidate.look("32-home-failed")
    assert re.search(rf"{NAME}\s+\d.* · 未合格\s+24 分", story.candidate.text())


def put_right(story):
    """The notice to put it right is served, answered, looked after, and struck off by another person."""
    city, district, manager = story.city, story.district, story.manager
    district.case(NAME)
    district.follow("发出整改通知书")
    district.look("33-rectify")
    district.fill(联系人及电话=CONTACT)
    district.press("发出整改通知书")
    district.look("34-rectification")
    district.follow("登记送达")
    district.fill(送达方式="直接送达", 收件人身份="企业管理员")
    district.write(receiver="赵敏")
    district.page.locator("input[type=file]").set_input_files(story.scan)
    district.look("35-serve")
    district.press("登记送达")
    assert re.search(r"送达回证\s+直接送达 · .*\s+收件人 赵敏 · 企业管理员\s+scan.png", district.text())

    manager.home()
    manager.look("36-manager-home")
    manager.page.locator("main a[href*='/rectifications/']").filter(has_text=story.drawn).first.click()
    manager.look("37-manager-notice")
    manager.follow("写整改报告")
    manager.fill(整改措施="全体质量安全人员学习失分条款，逐项对照制度补齐出厂检验记录。")
    manager.write(on_1=story.later.now()[:10], hours_1="2", teacher_1="质量部")
    manager.page.locator("input[type=file]").set_input_files(story.scan)
    manager.look("38-report")
    manager.press("提交整改报告")
    manager.look("39-reported")

    for one, label in ((district, "登记复查意见"), (city, "销号")):
        one.home()
        one.menu("抽查整改")
        one.look("40-rectifications")
        one.page.locator("tbody tr").filter(has_text=story.drawn).first.get_by_role("link").first.click()
        if one is district:
            one.fill(复查意见="现场核对学习记录和补正的台账，符合要求。", 结论="通过")
        one.press(label)
        one.look("41-after")
    district.page.reload()
    assert district.page.locator(".pill").first.inner_text() == "已销号"


def called_again(story):
    """No closing before she has passed; she is called to a retake, sits another paper, and passes."""
    city, district, candidate, now = story.city, story.district, story.candidate, story.later.now
    city.case(NAME)
    assert f"{story.drawn} 还没有合格，也没有处理决定" in city.why_not("归档这次抽查考核")
    district.case(NAME)
    fold = district.unfold("安排补考（1 人）")
    district.fill(fold, 开始时间=now(minutes=5), 截止时间=now(minutes=125))
    district.look("43-to-retake")
    district.press("安排补考", fold)
    district.look("44-retake")
    assert district.why_not("结束补考并登记结果").startswith("还有 1 人没有作答")
    assert district.press("发出通知书") == ["已发出 1 份通知书。"]
    story.later.put_forward(minutes=6)
    candidate.home()
    candidate.look("45-home-retake")
    unread = candidate.page.locator("#notices a").filter(has_text="未读")
    assert unread.inner_text().startswith(f"{NAME}（补考 1）")
    retake = candidate.page.locator("article", has_text=NAME)
    assert retake.count() == 1, "the first sitting is over and done with"
    candidate.follow("去考试", retake)
    candidate.press("开始考试")
    _sit(story, ENOUGH)
    had = {}
    for attempt, item in story.later.rows(ITEMS, NAME):
        had.setdefault(attempt, set()).add(item)
    first, again = had.values()
    assert len(first) == len(again) == QUESTIONS and not first & again
    district.case(NAME)
    district.press("结束补考并登记结果")
    district.look("46-retake-concluded")
    points = district.page.locator("tbody tr", has_text="补考 1").first
    assert "合格" in points.inner_text() and "76.00" in points.inner_text()
    district.press("制作 1 份记录表")


def closed(story):
    """The retake is published too; the case is closed once nobody may object any more."""
    city, stranger, candidate = story.city, story.stranger, story.candidate
    city.case(NAME)
    assert "有一轮结果还没有确认并公布" in city.why_not("归档这次抽查考核")
    city.press("公布结果")
    city.look("48-retake-published")
    stranger.page.goto("/public/results/")
    stranger.look("49-public-results")
    assert stranger.page.locator("main a").filter(has_text=NAME).count() == 2
    candidate.home()
    candidate.look("50-home-passed")
    assert re.search(rf"{NAME}（补考 1）\s+\d.* · 合格\s+76 分", candidate.text())
    story.later.put_forward(days=12)
    city.sign_in()
    city.case(NAME)
    city.look("51-to-close")
    assert city.press("归档这次抽查考核") == ["抽查考核已归档。"]
    assert city.page.locator(".pill").first.inner_text() == "已归档"


def packed(story):
    """One act takes the whole case along; it opens, and verifies, without this system."""
    city = story.city
    fold = city.unfold("生成证据包")
    city.fill(fold, 用途="归档留存备查")
    city.press("生成证据包", fold)
    city.look("52-closed")
    folder = story.tmp / "package"
    with zipfile.ZipFile(city.download("下载", story.tmp)) as held:
        held.extractall(folder)
    assert {"plan", "draws", "people", "attendance", "papers", "sittings", "outcomes", "evidence", "log"} <= {
        one.name for one in folder.iterdir()
    }
    assert _ends(folder / "verify_package.py", folder) == 0
    some = next((folder / "outcomes").glob("*.json"))
    some.write_text(some.read_text().replace("76", "77"))
    assert _ends(folder / "verify_package.py", folder) == 1
