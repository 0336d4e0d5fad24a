"""An assigned officer on her phone: she finishes a course and is registered, fails the exam, reads what she missed, practises without a
network, passes; and her manager prints the training file.
"""

import re

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.product import PASSWORD, Product, in_a_browser, inputs_of, right_answers
from tests.sitting_room import press_hand_in, wait_for
from tests.wire import Wire

pytestmark = in_a_browser("learning")
PHONE = {"width": 360, "height": 740}
# Pages that beat every second and are asked after a few, so that the story is as short as it can be.
HURRIED = {"EVERY": 1, "APART": 4, "LEAST": 0, "CHECK_FROM": 3, "CHECK_TO": 5, "ANSWER_WITHIN": 20}

# All but the last seconds of the document and of the last quiz lie behind her; the quiz itself is still to be done.
BEFORE = """
import json
from datetime import timedelta
from django.conf import settings
from django.utils import timezone
settings.LEARNING = {"every": 15, "apart": 40, "least": 5, "check_from": 16, "check_to": 30, "answer_within": 60}
from config.demo.courses import practise, read
from courses.models import Enrolment, LessonRevision
from courses.queries.progress import progress_of
mine = Enrolment.objects.get(person__username="officer", course__code="general", state="active")
now = timezone.now() - timedelta(hours=4)
steps = progress_of([mine])[mine.pk].steps
for step in steps:
    if step.revision.items and step is not steps[-1]:
        practise(mine, step.revision, now)
    # Beats of the past lie 40 s apart and each is asked; of the document and of the last quiz less than a minute is left.
    lacking = step.revision.seconds - step.seconds + (60 if step in steps[:-2] else -40)
    now = read(mine, step.revision, now, now + timedelta(seconds=lacking))
print(json.dumps([step.revision.pk for step in progress_of([mine])[mine.pk].steps]))
"""
KEYS = """
import json
from courses.models import QuizTry
from courses.queries.quizzes import places, token_name
from exams import tokens
go = QuizTry.objects.filter(enrolment__person__username="officer").latest("pk")
print(json.dumps({str(p.position): tokens.closed(token_name(go), p.position, p.key) for p in places(go)}))
"""


SAID = (
    "SELECT number, mode, confidence FROM practice_practiceanswer JOIN accounts_user u ON u.id = person_id "
    "WHERE u.username = 'officer' ORDER BY practice_practiceanswer.id"
)


@pytest.fixture(scope="module")
def hurried(tmp_path_factory, prepared):
    """A product whose lesson pages are in a hurry."""
    running = Product(tmp_path_factory.mktemp("learning"), prepared)
    running.env |= {f"LEARNING_{name}": str(seconds) for name, seconds in HURRIED.items()}
    yield running.start()
    running.stop()


def sign_in(page, username):
    """Through the sign-in page."""
    page.goto("/accounts/login/")
    page.fill("#id_login", username)
    page.fill("#id_password", PASSWORD)
    page.click("main form [type=submit]")
    page.wait_for_url(re.compile(r"/(?!accounts/login)"))


def tap(page):
    """Answer the next check that is shown."""
    page.locator("[data-check][open] [data-here]").click(timeout=30_000)
    page.wait_for_selector("[data-check]:not([open])", state="attached")


def study(page, until):
    """Tap whenever the page asks, until it says so."""
    for _ in range(60):
        page.wait_for_selector(f"[data-check][open], {until}", timeout=60_000)
        if page.locator(until).is_visible():
            return
        tap(page)
    raise AssertionError(page.locator("[data-lesson]").inner_text())


def sit(page, product, right):
    """Begin the exam of this page, say the keys to so many questions, hand in: the points."""
    page.locator("form.act-bar button").click()
    page.wait_for_url("**/attempts/*/")
    keys = right_answers(product, "officer")
    for number in range(1, right + 1):
        page.evaluate("n => document.querySelector(`[data-cell='${n}']`).click()", number)
        position = page.locator(".question:not([hidden])").get_attribute("data-position")
        for name, value in inputs_of(keys[position], f"q{position}"):
            field = page.locator(f'.question:not([hidden]) input[name="{name}"]')
            if field.first.get_attribute("type") == "text":
                field.fill(value)
            else:
                page.locator(f'.question:not([hidden]) input[name="{name}"][value="{value}"]').check()
    wait_for(page, "saved")
    press_hand_in(page)
    page.wait_for_url("**/result/")
    return int(page.locator(".verdict-points").inner_text().split()[0])


def practise_without_a_network(page, wire, product):
    """What is due of the wrong-answer book, on a phone whose line is cut: it arrives once each, in order."""
    page.goto("/practice/")
    expect(page.locator("html[data-practice-kept]")).to_be_attached(timeout=60_000)
    expect(page.locator("[data-line]")).to_have_text("已同步")
    before = product.rows(SAID)
    wire.cut()
    page.goto("/practice/")
    expect(page.locator("h1")).to_have_text("离线练习", timeout=60_000)
    page.get_by_role("button", name="错题本").click()
    for _ in range(3):
        page.locator("[data-question] .option").first.click()
        page.locator("[data-sure] .option").first.click()
        page.locator("[data-answer]").click()
        expect(page.locator("[data-verdict-key]")).to_contain_text("标准答案：")
        page.locator("[data-next]").click()
    expect(page.locator("[data-line]")).to_have_text("没有网络，3 条已存在本机", timeout=60_000)
    assert product.rows(SAID) == before
    wire.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-line]")).to_have_text("已同步", timeout=60_000)
    came = product.rows(SAID)[len(before) :]
    assert [(mode, confidence) for _number, mode, confidence in came] == [("wrong", 1)] * 3
    assert [number for number, *_rest in came] == [1, 2, 3]


def test_an_officer_learns_fails_practises_passes_and_her_manager_prints_the_file(browser, hurried, tmp_path):
    lessons = hurried.ask(BEFORE)
    wire = Wire(hurried.port)
    context = browser.new_context(viewport=PHONE, base_url=wire.address)
    complaints = []
    context.on("page", lambda page: page.on("pageerror", lambda error: complaints.append(str(error))))
    page = context.new_page()
    sign_in(page, "officer")

    # From the first screen to the next lesson; whatever is lacking of the articles is read to its end.
    page.get_by_role("link", name="继续学习").click()
    while not page.url.endswith(f"/lessons/{lessons[-1]}/"):
        study(page, "[data-done]:not([hidden])")
        page.locator("main a.btn-primary", has_text="下一课").click()
        page.wait_for_url("**/lessons/*/")

    # The quiz, answered rightly.
    page.get_by_role("button", name="开始练习").click()
    page.wait_for_selector(".question")
    if page.locator("[data-check][open]").count():
        tap(page)
    for position, key in hurried.ask(KEYS).items():
        for name, value in inputs_of(key, f"q{position}"):
            page.locator(f'input[name="{name}"][value="{value}"]').evaluate(
                "field => { field.checked = true }"
            )
    page.locator("form[action*='/tries/']").evaluate("form => form.submit()")
    page.wait_for_selector("#quiz .review-item")
    assert page.locator("#quiz .review-item").count() == 10

    # A page that is open twice counts once: the older one says so and can take over again.
    other = context.new_page()
    other.goto(page.url)
    page.wait_for_selector("[data-elsewhere]:not([hidden])", timeout=30_000)
    other.close()
    page.bring_to_front()
    page.locator("[data-resume]").click()

    study(page, "[data-complete]:not([hidden])")
    page.locator("[data-complete] a").click()
    page.wait_for_url("**/courses/general/")
    assert "已为您登记“通用法规自主培训考试（常设场次）”" in page.locator("main").inner_text()
    page.get_by_role("link", name="去考试").click()
    page.wait_for_url("**/exams/sessions/general-standing/")

    # She fails; at most three short lessons on what she missed, the first of them is read.
    assert sit(page, hurried, right=5) < 80
    short = page.locator("#after a[href*='/courses/after/']")
    short.first.wait_for()
    assert 1 <= short.count() <= 3
    short.first.click()
    page.get_by_role("button", name="我读完了").click()
    page.wait_for_url("**/result/")

    practise_without_a_network(page, wire, hurried)

    page.goto("/exams/sessions/general-standing/")
    assert sit(page, hurried, right=50) == 100
    page.goto("/me/")
    told = page.locator("main").inner_text()
    assert "两个规定与产品质量法" in told and "合格证明" in told
    assert complaints == []
    context.close()

    # Her manager prints her training file.
    desk = browser.new_context(base_url=hurried.address, accept_downloads=True).new_page()
    sign_in(desk, "manager")
    desk.get_by_role("link", name="培训档案").first.click()
    desk.get_by_role("link", name="王雨晨").first.click()
    printed = desk.request.get(desk.get_by_role("link", name="PDF").first.get_attribute("href"))
    (tmp_path / "file.pdf").write_bytes(printed.body())
    paper = "".join(page.extract_text() for page in PdfReader(tmp_path / "file.pdf").pages).replace("\n", "")
    for words in ("王雨晨", "两个规定与产品质量法", "通用法规自主培训考试", "不合格", "合格"):
        assert words in paper
    desk.context.close()
