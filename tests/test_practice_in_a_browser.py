"""An officer practises on her phone without a network; what she said arrives once each, in order, and signing out leaves nothing behind."""

import re

from playwright.sync_api import expect

from tests.product import IN_A_BROWSER, PASSWORD
from tests.wire import Wire

pytestmark = IN_A_BROWSER
WHO = "officer"
ROWS = (
    "select a.number, a.confidence, a.mode from practice_practiceanswer a join accounts_user u on u.id = a.person_id "
    "where u.username = ? and a.device = ? order by a.number"
)
DEVICE = """async () => {
  const database = await new Promise((done) => (indexedDB.open("zhikao-practice").onsuccess = ({ target }) => done(target.result)));
  const all = (name) => new Promise((done) => (database.transaction(name).objectStore(name).getAll().onsuccess = ({ target }) => done(target.result)));
  const [devices, queue, sets] = [await all("devices"), await all("queue"), await all("sets")];
  database.close();
  return { device: devices[0]?.device ?? "", next: devices[0]?.next ?? 0, queue: queue.length, plain: JSON.stringify([queue, sets]), sets: sets.length };
}"""


def signed_in(browser, address):
    context = browser.new_context(base_url=address, locale="zh-CN", viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("#id_login", WHO)
    page.fill("#id_password", PASSWORD)
    page.click("form.form [type=submit]")
    page.wait_for_url(lambda url: "login" not in url)
    return page


def answer(page, sure):
    """Say something to the question that is shown, and go on."""
    question = page.locator("[data-question]")
    question.locator(".option").first.click()
    page.locator("[data-sure] .option").nth(sure - 1).click()
    page.locator("[data-answer]").click()
    expect(page.locator("[data-verdict-key]")).to_contain_text("标准答案：")
    page.locator("[data-next]").click()


def test_answers_without_a_network_arrive_once_each_and_in_order(browser, product):
    wire = Wire(product.port)
    page = signed_in(browser, wire.address)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/practice/")
    expect(page.locator("[data-line]")).to_have_text("已同步")
    expect(page.locator("html[data-practice-kept]")).to_be_attached(timeout=60_000)
    expect(page.locator("[data-pack]")).to_have_text(re.compile(r"本机题包 \d+ 题"))

    wire.cut()
    page.goto("/practice/")
    expect(page.locator("h1")).to_have_text("离线练习", timeout=60_000)
    page.get_by_role("button", name="每日十题").click()
    for sure in (1, 2, 3, 2):
        answer(page, sure)
    expect(page.locator("[data-line]")).to_have_text("没有网络，4 条已存在本机", timeout=60_000)
    kept = page.evaluate(DEVICE)
    assert (kept["queue"], kept["next"]) == (4, 5)
    assert "revision" not in kept["plain"] and "产品" not in kept["plain"]  # sealed
    page.reload()  # what lies there outlives the page
    expect(page.locator("[data-line]")).to_have_text("没有网络，4 条已存在本机", timeout=60_000)
    page.get_by_role("button", name="每日十题").click()
    answer(page, 1)
    assert product.rows(ROWS, WHO, kept["device"]) == []

    wire.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-line]")).to_have_text("已同步", timeout=60_000)
    came = [(1, 1, "daily"), (2, 2, "daily"), (3, 3, "daily"), (4, 2, "daily"), (5, 1, "daily")]
    assert product.rows(ROWS, WHO, kept["device"]) == came
    page.goto("/practice/")
    expect(page.locator("h1")).to_have_text("练习")
    expect(page.locator("[data-line]")).to_have_text("已同步")
    assert page.evaluate(DEVICE)["queue"] == 0
    assert product.rows(ROWS, WHO, kept["device"]) == came

    # Whoever signs out leaves no item and no page behind.
    page.evaluate("document.querySelector(\"form[action$='/logout/']\").requestSubmit()")
    page.wait_for_url("**/accounts/login/**")
    page.wait_for_function("caches.keys().then((names) => !names.includes('zhikao-practice'))")
    page.wait_for_function(
        "navigator.serviceWorker.getRegistrations().then((all) => !all.some((one) => one.scope.endsWith('/practice/')))"
    )
    page.wait_for_function(
        f"({DEVICE})().then((left) => left.device === '' && left.queue === 0 && left.sets === 0)"
    )
    assert complaints == []
    page.context.close()
