"""What the story of a spot check does on pages: people with their screens, clicking from page to page, and looking at each."""

import os
import re
from copy import copy
from pathlib import Path

from playwright.sync_api import expect

from tests.product import PASSWORD, inputs_of

TABLET, PHONE = {"width": 820, "height": 1180}, {"width": 360, "height": 740}
# A folder in which every page that is looked at is kept as a picture, in both widths.
SHOTS = os.environ.get("SHOTS")


class Person:
    """Somebody with a browser of her own; whatever its pages complain of fails the story."""

    def __init__(self, browser, product, username="", view=TABLET):
        self.product, self.username, self.view = product, username, view
        self.context = browser.new_context(
            base_url=product.address,
            locale="zh-CN",
            viewport=view,
            has_touch=view is PHONE,
            accept_downloads=True,
        )
        self.complaints, self.shots = [], 0
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if username:
            self.sign_in()

    def sign_in(self):
        """Through the sign-in page; also after a silence that signed her out."""
        self.page.goto("/accounts/login/")
        if "login" in self.page.url:
            self.page.fill("#id_login", self.username)
            self.page.fill("#id_password", PASSWORD)
            self.page.press("#id_password", "Enter")
            self.page.wait_for_url(re.compile(r"/(?!accounts/login)"))
        if "/me/notice/" in self.page.url:  # her first time here: what the house does with her data
            self.page.get_by_role("button", name="我已知悉，继续").click()
            self.page.wait_for_url(lambda url: "/me/notice/" not in url)
        return self

    def second_window(self):
        """The same page once more, in another window of hers."""
        other = copy(self)
        other.page = self.context.new_page()
        other.page.goto(self.page.url)
        return other

    def home(self):
        """Her first page."""
        self.page.goto("/")
        if self.username and "/accounts/login" in self.page.url:  # a silence has signed her out
            self.sign_in().page.goto("/")
        return self.page

    def menu(self, entry):
        """An entry of the menu."""
        found = self.page.locator("nav a").filter(has_text=re.compile(rf"^\s*{entry}\s*$"))
        assert found.count(), (self.username, self.page.url, entry, self.page.inner_text("body"))
        address = found.first.get_attribute("href")
        self.page.goto(address)
        return self.page

    def case(self, name):
        """The case, from the menu."""
        self.home()
        self.menu("抽查考核")
        self.follow(name)
        return self.page

    def press(self, label, within=None):
        """Press a button; gives what the next page says first."""
        with self.page.expect_navigation():
            (within or self.page).get_by_role("button", name=label, exact=True).click()
        return self.said()

    def follow(self, label, within=None):
        """Follow the first link of that name."""
        with self.page.expect_navigation():
            (within or self.page).get_by_role("link", name=label, exact=True).first.click()
        return self.page

    def unfold(self, label):
        """Open what is folded; gives the frame of it."""
        fold = self.page.locator("details.fold").filter(has=self.page.locator("summary", has_text=label))
        fold.locator("summary").first.click()
        return fold

    def fill(self, within=None, **fields):
        """Fill fields by their labels."""
        for label, value in fields.items():
            field = (within or self.page).get_by_label(label)
            if value is True:
                field.check()
            elif field.evaluate("it => it.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)

    def write(self, **fields):
        """Fill fields by their names, where one label is the beginning of another."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]").fill(value)

    def said(self):
        """What the page says came of an act."""
        return [text.strip() for text in self.page.locator(".message").all_inner_texts()]

    def text(self):
        """What the page shows."""
        return self.page.locator("main").inner_text()

    def step(self):
        """What the case says is next."""
        return self.page.locator("main section h2").first.inner_text()

    def why_not(self, label):
        """Why a button may not be pressed."""
        button = self.page.get_by_role("button", name=label, exact=True)
        expect(button).to_be_disabled()
        return button.locator("xpath=following-sibling::*[contains(@class, 'why-not')]").inner_text()

    def look(self, name):
        """The page holds within its screen, on a tablet and on a phone; kept as pictures where somebody wants to see them."""
        self.shots += 1
        for width, view in (("tablet", TABLET), ("phone", PHONE)):
            self.page.set_viewport_size(view)
            wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name} ({width}): {wide} pixels too wide"
            if SHOTS:
                self.page.screenshot(
                    path=Path(SHOTS) / f"{name}-{self.username or 'stranger'}-{width}.png", full_page=True
                )
        self.page.set_viewport_size(self.view)

    def download(self, label, into):
        """The file behind a link."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("link", name=label, exact=True).first.click()
        path = into / coming.value.suggested_filename
        coming.value.save_as(path)
        return path

    def draw_name(self):
        """Sign in the frame with the finger."""
        box = self.page.locator("[data-pad]").bounding_box()
        self.page.mouse.move(box["x"] + 30, box["y"] + 30)
        self.page.mouse.down()
        for n in range(1, 12):
            self.page.mouse.move(box["x"] + 30 + 12 * n, box["y"] + 30 + (25 if n % 2 else 0))
        self.page.mouse.up()

    def leave(self):
        """Close the browser."""
        assert self.complaints == []
        self.context.close()


def answer(page, keys, right):
    """Answer as many questions as are to be right by their keys, one after another, and the others not at all."""
    for number in range(1, right + 1):
        page.evaluate("n => document.querySelector(`[data-cell='${n}']`).click()", number)
        question = page.locator(f".question[data-number='{number}']")
        place = question.get_attribute("data-position")
        for name, value in inputs_of(keys[place], f"q{place}"):
            field = question.locator(f'input[name="{name}"]')
            if field.first.get_attribute("type") == "text":
                field.fill(value)
            else:
                question.locator(f'input[name="{name}"][value="{value}"]').check()
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "saved", timeout=60_000)
