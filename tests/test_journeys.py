"""The main job in a real browser, on the running product: a phone of 360 × 740."""

import re
import subprocess
from datetime import timedelta

import pytest

from tests.product import IN_A_BROWSER, PASSWORD, inputs_of, right_answers

pytestmark = IN_A_BROWSER
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def phone(browser, product):
    """A fresh phone; whatever its pages complain of fails the story."""
    context = browser.new_context(viewport=PHONE, base_url=product.address, accept_downloads=True)
    context.complaints = []
    context.on("page", lambda page: page.on("pageerror", lambda error: context.complaints.append(str(error))))
    yield context
    assert context.complaints == []
    context.close()


def sign_in(page, username):
    """Through the sign-in page."""
    page.goto("/accounts/login/")
    page.fill("#id_login", username)
    page.fill("#id_password", PASSWORD)
    page.click("main form [type=submit]")
    page.wait_for_url(re.compile(r"/(?!accounts/login)"))


def answer(page, position, key):
    """Give the right answer to the question on the screen."""
    for name, value in inputs_of(key, f"q{position}"):
        field = page.locator(f'.question:not([hidden]) input[name="{name}"]')
        if field.first.get_attribute("type") == "text":
            field.fill(value)
        else:
            page.locator(f'.question:not([hidden]) input[name="{name}"][value="{value}"]').check()


def shown_position(page):
    """The position on the paper of the question on the screen."""
    return page.locator(".question:not([hidden])").get_attribute("data-position")


def saved_state(page, state, timeout=60_000):
    """Wait until the page says so."""
    page.wait_for_function(
        "state => document.querySelector('[data-saved]').dataset.state === state", arg=state, timeout=timeout
    )


def test_an_officer_sits_a_fifty_question_exam_through_a_dead_network_and_gets_the_certificate(
    phone, product
):
    page = phone.new_page()
    sign_in(page, "officer")
    page.goto("/exams/")
    page.get_by_role("link", name="去考试").first.click()
    page.locator("form.act-bar button").click()
    page.wait_for_url("**/attempts/*/")
    assert page.locator(".question").count() == 50
    keys = right_answers(product, "officer")

    for _ in range(20):
        position = shown_position(page)
        answer(page, position, keys[position])
        page.locator("[data-next]").click()
    saved_state(page, "saved")

    # The network dies for a minute; the officer goes on.
    phone.set_offline(True)
    for _ in range(10):
        position = shown_position(page)
        answer(page, position, keys[position])
        page.locator("[data-next]").click()
    saved_state(page, "unsaved")
    assert page.locator("[data-saved]").inner_text() == "未保存（离线，已暂存本机）"
    page.wait_for_timeout(timedelta(minutes=1) / timedelta(milliseconds=1))
    assert page.locator("[data-saved]").get_attribute("data-state") == "unsaved"

    # Closes the tab while ten answers lie only in the phone, comes back when the network is there again.
    page.close(run_before_unload=False)
    phone.set_offline(False)
    page = phone.new_page()
    page.goto("/exams/")
    page.get_by_role("link", name="继续答题").click()
    page.wait_for_url("**/attempts/*/**")
    saved_state(page, "saved")
    assert page.locator("[data-count]").inner_text() == "30/50"
    assert page.evaluate("Object.keys(localStorage)") == []

    for number in range(31, 51):
        page.evaluate("n => document.querySelector(`[data-cell='${n}']`).click()", number)
        position = shown_position(page)
        answer(page, position, keys[position])
    saved_state(page, "saved")
    assert page.locator("[data-count]").inner_text() == "50/50"
    page.locator("[data-next]").click()
    assert page.locator("[data-all]").is_visible()
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/result/")
    assert page.locator(".verdict-points").inner_text().split() == ["100", "分"]

    page.get_by_role("link", name="查看答卷与解析").click()
    assert page.locator(".review-item").count() == 50
    assert page.locator(".rationale").count() >= 50

    page.goto("/certificates/")
    link = page.get_by_role("link", name="下载 PDF").first.get_attribute("href")
    document = page.request.get(link)
    assert document.headers["content-type"] == "application/pdf"
    assert document.body().startswith(b"%PDF-")

    # A stranger verifies it.
    page.get_by_role("link", name="查看").first.click()
    address = page.locator("a[href*='/verify/']").get_attribute("href")
    stranger = phone.browser.new_context(viewport=PHONE).new_page()
    stranger.goto(address)
    assert stranger.locator(".page-head .pill, .page-header .pill").first.inner_text() == "有效"
    assert "王雨晨" in stranger.locator("main").inner_text()
    stranger.context.close()

    # And it stands in the personnel record.
    page.goto("/me/")
    assert "合格证明" in page.locator("main").inner_text()


def test_the_paper_can_be_sat_without_javascript(browser, product):
    context = browser.new_context(viewport=PHONE, base_url=product.address, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "director")
    page.goto("/exams/")
    page.locator("main a[href*='/exams/sessions/']").first.click()
    page.locator("form.act-bar button").click()
    keys = right_answers(product, "director")
    for _ in range(3):
        position = shown_position(page)
        answer(page, position, keys[position])
        with page.expect_navigation():
            page.locator("[data-next]").click()
    total = len(keys)
    assert page.locator("[data-count]").inner_text() == f"3/{total}"
    with page.expect_navigation():
        page.locator("[data-open-sheet]").click()
    assert page.locator("#hand-in[open] [data-left-count]").inner_text() == str(total - 3)
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/result/")
    assert "未合格" in page.locator("main").inner_text()
    context.close()


def test_the_countdown_follows_the_server_when_the_phone_clock_is_a_day_off(browser, product):
    context = browser.new_context(viewport=PHONE, base_url=product.address)
    context.add_init_script("const real = Date.now; Date.now = () => real() + 86400000;")
    page = context.new_page()
    sign_in(page, "principal")
    page.goto("/exams/")
    page.locator("main a[href*='/exams/sessions/']").first.click()
    page.locator("form.act-bar button").click()
    page.wait_for_url("**/attempts/*/")
    left = product.ask(
        "import json\nfrom django.utils import timezone\nfrom exams.models import Attempt\n"
        "a = Attempt.objects.get(registration__candidate__username='principal', state='in_progress')\n"
        "print(json.dumps((a.deadline - timezone.now()).total_seconds()))"
    )
    minutes, seconds = page.locator("[data-time] b").inner_text().split(":")
    assert abs(int(minutes) * 60 + int(seconds) - left) < 10
    context.close()


def test_the_certificate_opens_in_poppler_with_every_font_inside(phone, product, tmp_path):
    page = phone.new_page()
    sign_in(page, "director")
    page.goto("/certificates/")
    link = page.get_by_role("link", name="下载 PDF").first.get_attribute("href")
    path = tmp_path / "certificate.pdf"
    path.write_bytes(page.request.get(link).body())
    try:
        listed = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
        text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("poppler-utils is not on this machine")
    assert {line.split()[-5] for line in listed.splitlines()[2:]} == {"yes"}
    assert "李䶮" in text


def test_a_refused_answer_is_never_called_saved(phone, product):
    page = phone.new_page()
    sign_in(page, "director")
    page.goto("/exams/")
    page.locator("main a[href*='/exams/sessions/']").last.click()
    page.locator("form.act-bar button").click()
    page.wait_for_url("**/attempts/*/")
    page.route("**/save/", lambda route: route.fulfill(status=422, json={"problem": "作答的格式无法识别。"}))
    page.locator(".question:not([hidden]) .option").first.click()
    page.locator("[data-trouble]").wait_for(state="visible")
    assert "作答的格式无法识别。" in page.locator("[data-trouble]").inner_text()
    assert page.locator("[data-saved]").get_attribute("data-state") == "unsaved"


def test_what_came_too_late_is_said_on_the_result_page_once(phone, product):
    page = phone.new_page()
    sign_in(page, "principal")
    page.goto("/exams/")
    page.locator("main a[href*='/exams/sessions/'], main a[href*='/exams/attempts/']").first.click()
    if page.locator("form.act-bar button").count():
        page.locator("form.act-bar button").click()
    page.wait_for_url("**/attempts/*/")
    other = phone.new_page()
    other.goto(page.url)
    other.evaluate("document.querySelector('#hand-in').showModal()")
    other.get_by_role("button", name="确认交卷").click()
    other.wait_for_url("**/result/")
    assert other.locator("[data-late]").is_hidden()
    page.locator(".question:not([hidden]) .option").first.click()
    page.locator("[data-stranded]").wait_for(state="visible")
    with page.expect_download():
        page.locator("[data-stranded] [data-file]").click()
    page.locator("[data-stranded-done]").click()
    page.wait_for_url("**/result/")
    assert page.locator("[data-late]").inner_text() == "答卷已交，不再接受作答。"
    page.reload()
    assert page.locator("[data-late]").is_hidden()
