"""The rounds of the spot checks in a browser: nothing wider than a phone, nothing left in Chinese, nothing that axe finds."""

import re

import polib
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.attacking import Visitor
from tests.product import Product, in_a_browser
from tests.test_accessible import RULES, SCREENS
from tests.test_words import CATALOGUE, CHINESE

pytestmark = in_a_browser("rounds")
PHONE, TABLET = {"width": 360, "height": 740}, {"width": 820, "height": 1180}
OFFICE = ("", "district", "city")  # before the notice is served
ON_SITE = re.compile(r"^/exams/|/sign/|/incidents/")  # where a tablet is held
LAY_OUT = "import json; from tests import rounds; print(json.dumps(rounds.lay_out()))"
SERVE = "import json; from tests import rounds; rounds.serve(); print(json.dumps(None))"
WIDTH = "[document.scrollingElement.scrollWidth, innerWidth]"
# What a clipping box cuts off at its side makes no page wider.
CUT = """() => [...document.querySelectorAll('main *')].filter(one => {
  const at = one.getBoundingClientRect();
  if (!one.checkVisibility()) return false;
  if (at.width < 2 || ![...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) return false;
  for (let box = one; box; box = box.parentElement) {
    const flow = getComputedStyle(box).overflowX, end = box.getBoundingClientRect();
    if (flow === 'auto' || flow === 'scroll')  // a table may be pushed about, unless its rows stand as cards
      return innerWidth < 768 && box.querySelector(':scope > .table-stacked') && at.right > end.right + 1;
    if (flow !== 'visible' && (end.width < 2 || at.right > end.right + 1)) return end.width >= 2;
  }
  return at.right > innerWidth + 1;
}).map(one => one.textContent.trim().slice(0, 60))"""
# What is written in Chinese whatever the reader has chosen, such as a document's own text, says so by its `lang`.
TEXTS = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const within = walk.currentNode.parentElement;
    if (!within.closest('script, style, template, [lang^=zh]')) found.push(walk.currentNode.textContent);
  }
  for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
    for (const one of document.querySelectorAll(`[${name}]`)) if (!one.closest('[lang^=zh]')) found.push(one.getAttribute(name));
  return found;
}"""
NAMES = {
    "培训考核合格证明"
}  # what the demo city calls its certificate; an operator writes it in one language
MIXED = re.compile(r"[A-Za-z][：；，、。（）]|[：；，、。（）][A-Za-z]")


@pytest.fixture(scope="module")
def sentences():
    """All that the house says in Chinese."""
    entries = [entry for entry in polib.pofile(CATALOGUE) if not entry.obsolete]
    return {one for entry in entries for one in (entry.msgid, entry.msgid_plural) if CHINESE.search(one)}


def left_in_chinese(page, sentences):
    """Sentences of the house on an English page, and Chinese punctuation between English words."""
    told = {" ".join(one.split()) for one in page.evaluate(TEXTS)}
    return sorted(one for one in told if one in sentences - NAMES or MIXED.search(one))


def complaints(page, address, language, sentences, with_axe):
    """What is wrong with a page in a language: {where or what: …}."""
    found = {}
    for screen in [PHONE, TABLET] if ON_SITE.search(address) else [PHONE]:
        page.set_viewport_size(screen)
        needed, there = page.evaluate(WIDTH)
        if needed > there:
            found[f"{there} px"] = needed
        if cut := page.evaluate(CUT):
            found[f"cut at {there} px"] = cut
    if language == "en" and (left := left_in_chinese(page, sentences)):
        found["Chinese"] = left
    if with_axe:
        page.set_viewport_size(SCREENS[language])
        told = Axe().run(page, options=RULES).response["violations"]
        found |= {one["id"]: one["nodes"][0]["html"][:160] for one in told}
    return found


def walk(browser, product, who, addresses, sentences):
    """All pages of somebody's round in both languages; axe on every page, by turns on a phone and on a wide screen."""
    visitor, wrong = Visitor(product, who or None), {}
    for turn, language in enumerate(SCREENS):
        visitor.post("/i18n/setlang/", {"language": language, "next": "/"})
        context = browser.new_context(viewport=PHONE, base_url=product.address, reduced_motion="reduce")
        cookies = visitor.cookies.items()
        context.add_cookies(
            [{"name": name, "value": value, "url": product.address} for name, value in cookies]
        )
        page = context.new_page()
        for place, address in enumerate(addresses):
            page.set_viewport_size(PHONE)
            answer = page.goto(address)
            assert (answer.status, page.url) == (200, product.address + address), who
            found = complaints(page, address, language, sentences, with_axe=place % 2 == turn)
            if found:
                wrong[who, address, language] = found
        context.close()
    return wrong


@pytest.fixture(scope="module")
def walked(prepared, tmp_path_factory):
    """A product of our own: what the rounds need is laid out in it."""
    running = Product(tmp_path_factory.mktemp("rounds"), prepared).start()
    yield running
    running.stop()


def test_the_rounds_of_the_spot_checks_are_fit_to_be_seen(browser, walked, sentences):
    rounds = walked.ask(LAY_OUT)
    wrong = {}
    for who in OFFICE:
        wrong |= walk(browser, walked, who, rounds.pop(who), sentences)
    walked.ask(SERVE)
    assert rounds
    for who, addresses in rounds.items():
        wrong |= walk(browser, walked, who, addresses, sentences)
    assert not wrong, "\n".join(f"{at}: {found}" for at, found in wrong.items())
