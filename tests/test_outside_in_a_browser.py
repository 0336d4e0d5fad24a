"""Accounts elsewhere in a real browser: through the page on the way, with the policy and the cookies that visitors have."""

import pytest

from tests.product import PASSWORD, in_a_browser

pytestmark = in_a_browser("outside")


def fresh(browser, width=360):
    """A browser of nobody yet."""
    return browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN").new_page()


def sign_in(page, target, username):
    page.goto(f"{target.address}/accounts/login/")
    page.fill("#id_login", username)
    page.fill("#id_password", PASSWORD)
    page.click("main form.form button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


@pytest.mark.parametrize("name", ["微信", "企业微信", "钉钉"])
def test_an_account_is_linked_and_opens_the_door(target, browser, name):
    page = fresh(browser)
    sign_in(page, target, "officer")
    page.goto(f"{target.address}/me/outside/")
    row = page.locator("ul.devices > li").filter(has=page.locator(f"b:text-is('{name}')"))
    row.get_by_role("button", name="关联").click()
    page.click("#yes")
    page.wait_for_url("**/me/outside/")
    assert "已关联" in row.inner_text()
    visitor = fresh(browser)
    visitor.goto(f"{target.address}/accounts/login/?next=/me/")
    visitor.get_by_role("button", name=name, exact=True).click()
    visitor.click("#no")
    assert f"您没有在{name}里同意" in visitor.inner_text("main")
    visitor.goto(f"{target.address}/accounts/login/?next=/me/")
    visitor.get_by_role("button", name=name, exact=True).click()
    visitor.click("#yes")
    visitor.wait_for_url(f"{target.address}/me/")
    row.get_by_role("button", name="解除关联").click()
    assert "未关联" in row.inner_text()
    stranger = fresh(browser)
    stranger.goto(f"{target.address}/accounts/login/")
    stranger.get_by_role("button", name=name, exact=True).click()
    stranger.click("#yes")
    assert "还没有关联本平台的账号" in stranger.inner_text("main")
