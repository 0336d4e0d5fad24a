"""The sitting page where a browser lacks what its script is built on: a plain form that saves on every step, and says so."""

import pytest

from tests.product import IN_A_BROWSER
from tests.sitting_room import (  # noqa: F401 fixtures are found by their names
    PHONE,
    desk,
    events,
    path_of,
    position,
    press_hand_in,
    say,
    seats,
    shown_at,
    signed_in,
    state_of,
    stored,
    wait_for,
)

pytestmark = IN_A_BROWSER

NO_AT = "delete Array.prototype.at;"  # Chromium before 92, Safari before 15.4
NO_DIALOG = "delete HTMLDialogElement.prototype.showModal;"  # Safari before 15.4
NO_SUBMITTER = "delete SubmitEvent.prototype.submitter;"  # Safari before 15.4
NEITHER = "delete window.HTMLDialogElement; delete window.SubmitEvent;"
PLAIN = "按“下一题”时保存"


@pytest.mark.parametrize("lack", [NO_AT + NO_DIALOG + NO_SUBMITTER, NO_DIALOG, NO_SUBMITTER, NEITHER])
def test_without_dialogs_the_page_stays_a_plain_form_that_saves(desk, product, lack):
    desk.context.add_init_script(lack)
    page = desk.context.new_page()
    page.goto(desk.path)
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-saved]").inner_text() == PLAIN
    question = page.locator(".question:not([hidden])")
    place = int(question.get_attribute("data-position"))
    texts = question.locator("input[type=text]")
    if texts.count():
        texts.first.fill("口令")
    else:
        question.locator("input[name^=q]").first.check()
    meant = shown_at(page, place)
    assert stored(product, desk.seat) == []
    page.get_by_role("button", name="下一题").click()
    page.wait_for_url("**q=2")
    assert [(p, words) for _number, p, words in events(product, desk.seat)] == [(place, meant)]
    assert page.locator("[data-saved]").inner_text() == PLAIN
    page.locator("footer [data-open-sheet]").click()
    page.wait_for_url("**ask=hand-in*")
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/result/")
    assert state_of(product, desk.seat)[0] == "submitted"


def test_without_the_youngest_words_of_the_language_the_page_saves_as_ever(desk, product):
    desk.context.add_init_script(
        NO_AT + "delete Object.hasOwn; delete Array.prototype.findLast; delete window.structuredClone;"
    )
    page = desk.context.new_page()
    page.goto(desk.path)
    wait_for(page, "saved")
    say(page, 1)
    page.wait_for_timeout(200)
    wait_for(page, "saved")
    assert [place for _number, place, _payload in stored(product, desk.seat)] == [position(page, 1)]
    press_hand_in(page)
    page.wait_for_url("**/result/")


def test_without_script_the_page_says_when_it_saves(browser, product, seats):
    seat = next(seats)
    context = browser.new_context(viewport=PHONE, base_url=product.address, java_script_enabled=False)
    page = signed_in(context, product, seat).new_page()
    page.goto(path_of(seat))
    assert page.locator("[data-saved]").inner_text() == PLAIN
    context.close()
