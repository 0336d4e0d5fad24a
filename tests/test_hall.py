"""A held session in a real browser: a tablet at the door, phones in the hall, no network for a while."""

import json

import pytest
from playwright.sync_api import Error, expect

from tests.product import IN_A_BROWSER, PASSWORD
from tests.sitting_room import press_hand_in
from tests.wire import Wire

pytestmark = IN_A_BROWSER
HALL = "/exams/manage/xiqing-hall-today/hall/"
BRIEFING = "/exams/sessions/xiqing-hall-today/"


def signed_in(browser, product, username, through=None, **view):
    address = (through or product).address
    context = browser.new_context(base_url=address, locale="zh-CN", **view)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("#id_login", username)
    page.fill("#id_password", PASSWORD)
    page.click("form.form [type=submit]")
    page.wait_for_url(lambda url: "login" not in url)
    return page


def arrivals(product):
    return product.rows(
        "select u.name, a.outcome, a.how from exams_arrival a join exams_registration r on r.id = a.registration_id "
        "join accounts_user u on u.id = r.candidate_id order by a.id"
    )


def test_a_tablet_notes_without_network_and_everybody_begins_at_one_word(browser, product):
    tablet = signed_in(browser, product, "district", viewport={"width": 820, "height": 1180})
    phone = signed_in(browser, product, "director", viewport={"width": 360, "height": 740})
    phone.goto(BRIEFING)
    expect(phone.locator(".hall-pass svg")).to_be_visible()
    expect(phone.get_by_text("请先到监考人员处签到。")).to_be_visible()

    tablet.goto(HALL)
    expect(tablet.locator("[data-line]")).to_have_text("已连接")
    tablet.context.set_offline(True)
    row = tablet.locator(".hall-row", has_text="李䶮")
    row.get_by_role("button", name="到场").click()
    other = tablet.locator(".hall-row", has_text="孙晓彤")
    other.locator("summary", has_text="其他").click()
    other.get_by_role("button", name="身份不符").click()
    expect(tablet.locator("[data-problem]")).to_have_text("请写明身份不符的情况。")
    other.get_by_label("说明").fill("证件照片不是本人")
    other.get_by_role("button", name="身份不符").click()
    expect(tablet.locator("[data-queue]")).to_have_text("2 条待上传")
    expect(tablet.locator("[data-line]")).to_have_text("没有网络，签到先存在本机")
    assert arrivals(product) == []
    held = json.loads(
        tablet.evaluate(
            "Object.entries(localStorage).find(([key]) => key.startsWith('hall:') && key !== 'hall:device')[1]"
        )
    )
    assert [note["outcome"] for note in held] == ["present", "substitute"]

    tablet.context.set_offline(False)
    tablet.evaluate("dispatchEvent(new Event('online'))")
    expect(tablet.locator("[data-queue]")).to_have_text("")
    expect(row.locator("[data-standing]")).to_have_text("到场")
    assert arrivals(product) == [("李䶮", "present", "list"), ("孙晓彤", "substitute", "list")]

    expect(phone.get_by_text("已签到")).to_be_visible(timeout=60_000)
    code = tablet.locator(".hall-code b").inner_text()
    phone.fill("[name=code]", code.lower())
    phone.get_by_role("button", name="确定").click()
    expect(phone.get_by_text("口令已输入")).to_be_visible()
    expect(phone.get_by_text("请等候监考人员宣布开考。")).to_be_visible()

    tablet.reload()
    tablet.get_by_role("link", name="宣布开考（1 人可以开始）").click()
    tablet.get_by_role("button", name="宣布开考").click()
    expect(tablet.get_by_text("已放行，1 名考生可以开始答题。")).to_be_visible()
    phone.wait_for_url("**/exams/attempts/*/", timeout=60_000)
    expect(phone.locator("[data-time]")).to_be_visible()
    expect(tablet.locator(".hall-row", has_text="李䶮").locator("[data-standing]")).to_have_text(
        "答题中", timeout=60_000
    )
    press_hand_in(phone)  # others find her free again
    phone.wait_for_url("**/result/")


def test_a_scanned_pass_notes_whoever_shows_it_and_a_made_up_one_nobody(browser, product):
    tablet = signed_in(browser, product, "district", viewport={"width": 820, "height": 1180})
    tablet.goto(HALL)
    person = next(
        p for p in json.loads(tablet.locator("#hall-config").inner_text())["people"] if p["name"] == "杨思远"
    )
    tablet.evaluate(
        "async (texts) => { const { read } = await import(document.querySelector('script[src*=hall]').src); for (const text of texts) read(text); }",
        [
            "https://example.com/",
            f"{product.address}/exams/arrive/{person['pk']}/{'0' * 16}/",
            f"{product.address}/exams/arrive/{person['pk']}/{person['pass']}/",
        ],
    )
    row = tablet.locator(".hall-row", has_text="杨思远")
    expect(row.locator("[data-standing]")).to_have_text("到场")
    assert [one for one in arrivals(product) if one[0] == "杨思远"] == [("杨思远", "present", "qr")]


KEPT = """async () => {
  const shelf = await caches.open("zhikao-door");
  const found = await Promise.all((await shelf.keys()).map(async (one) => [new URL(one.url).pathname, await (await shelf.match(one)).text()]));
  return Object.fromEntries(found);
}"""


def keeping(page):
    """The list opened, and its worker done with keeping it."""
    page.goto(HALL)
    expect(page.locator("html[data-list-kept]")).to_be_attached(timeout=60_000)


def test_the_list_is_opened_again_without_network_and_what_was_noted_arrives_later(browser, product):
    wire = Wire(product.port)
    tablet = signed_in(browser, product, "district", through=wire, viewport={"width": 820, "height": 1180})
    keeping(tablet)
    kept = tablet.evaluate(KEPT)
    assert [path for path in kept if not path.startswith("/static/")] == [HALL]
    assert "刘洋" not in kept[HALL] and "<html" not in kept[HALL]  # sealed
    before = arrivals(product)
    wire.cut()
    tablet.reload()
    expect(tablet.locator("[data-kept-told]")).to_contain_text("没有网络，这是本机")
    expect(tablet.locator("[data-line]")).to_have_text("没有网络，签到先存在本机")
    expect(tablet.locator(".hall-code")).to_be_hidden()
    row = tablet.locator(".hall-row").filter(has=tablet.locator("[data-standing]", has_text="未到")).first
    name = row.locator("strong").first.inner_text()
    row = tablet.locator(".hall-row", has_text=name)
    row.get_by_role("button", name="到场").click()
    expect(tablet.locator("[data-queue]")).to_have_text("1 条待上传")
    tablet.on("dialog", lambda dialog: dialog.accept())
    tablet.reload()  # and the note is still there
    expect(tablet.locator("[data-kept-told]")).to_be_visible()
    expect(tablet.locator("[data-queue]")).to_have_text("1 条待上传")
    assert arrivals(product) == before
    other = tablet.context.new_page()
    with pytest.raises(Error, match="ERR_CONNECTION"):  # no other page was kept
        other.goto("/exams/manage/xiqing-hall-today/live/")
    other.close()
    wire.mend()
    tablet.evaluate("dispatchEvent(new Event('online'))")
    expect(tablet.locator("[data-queue]")).to_have_text("")
    expect(tablet.locator(".hall-row", has_text=name).locator("[data-standing]")).to_have_text("到场")
    assert arrivals(product) == [*before, (name, "present", "list")]
    noted, now = product.rows("select noted_at, at from exams_arrival order by id desc limit 1")[0]
    assert noted <= now
    tablet.reload()
    expect(tablet.locator("[data-kept-told]")).to_be_hidden()
    wire.cut()


REFUSED = """([pk, name]) => {
  const shelf = JSON.parse(document.getElementById("hall-config").textContent).shelf;
  const note = (key, registration) => ({ key, registration, outcome: "present", how: "list", why: "", pass: "", at: new Date().toISOString(), label: "到场" });
  localStorage.setItem(shelf, JSON.stringify([note("11111111-1111-4111-8111-111111111111", 999999999), note("22222222-2222-4222-8222-222222222222", pk)]));
}"""


def test_a_note_that_is_refused_keeps_no_other_waiting(browser, product):
    tablet = signed_in(browser, product, "district", viewport={"width": 820, "height": 1180})
    tablet.goto(HALL)
    tablet.context.set_offline(True)
    row = tablet.locator(".hall-row").filter(has=tablet.locator("[data-standing]", has_text="未到")).first
    name, pk = row.locator("strong").first.inner_text(), int(row.get_attribute("data-row"))
    tablet.evaluate(REFUSED, [pk, name])
    tablet.context.set_offline(False)
    expect(tablet.locator(".hall-row", has_text=name).locator("[data-standing]")).to_have_text(
        "到场", timeout=60_000
    )
    expect(tablet.locator("[data-queue]")).to_have_text("1 条待上传")
    expect(tablet.locator("[data-problem]")).to_have_text("请求的格式无法识别。")
    assert arrivals(product)[-1] == (name, "present", "list")


def test_signing_out_takes_the_list_with_it(browser, product):
    wire = Wire(product.port)
    tablet = signed_in(browser, product, "district", through=wire, viewport={"width": 820, "height": 1180})
    keeping(tablet)
    tablet.locator(".frame-menu > summary").last.click()
    tablet.get_by_role("button", name="退出登录").first.click()
    tablet.wait_for_url(lambda url: "/hall/" not in url)
    assert tablet.evaluate("caches.has('zhikao-door')") is False
    assert tablet.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert tablet.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))") == []
    wire.cut()
    with pytest.raises(Error, match="ERR_CONNECTION"):
        tablet.goto(HALL)


def test_whoever_may_not_see_the_list_any_more_finds_it_gone(browser, product):
    tablet = signed_in(browser, product, "district", viewport={"width": 820, "height": 1180})
    keeping(tablet)
    tablet.context.clear_cookies()  # signed out elsewhere
    tablet.goto(HALL)
    tablet.wait_for_url("**/accounts/login/**")
    assert tablet.evaluate("caches.has('zhikao-door')") is False
