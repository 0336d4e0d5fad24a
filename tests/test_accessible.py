"""axe-core on one page of every view that each desk is led to, by turns Chinese on a phone and English on a wide screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from exams.tests.crawling import view_name
from tests.attacking import Visitor
from tests.product import PASSWORD, in_a_browser

pytestmark = in_a_browser("accessible")  # long enough for a process of its own
DESKS = ("officer", "manager", "district", "editor", "reviewer", "admin")
LEAVES = ("/accounts/logout/", "/i18n/")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what is in order is neither described nor named
    "selectors": False,
}
SCREENS = {"zh-hans": {"width": 360, "height": 740}, "en": {"width": 1440, "height": 900}}
STRANGERS = (
    "/accounts/login/",
    "/accounts/login/phone/",
    "/accounts/inactive/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-bad/",
    "/accounts/password/reset/key/done/",
    "/verify/",
    "/no-such-page/",
)


def pages_of(visitor):
    """One address of each view that is a page of the house."""
    found = {}
    for answer in visitor.crawl(most=250, keep=lambda path: not path.startswith(LEAVES)):
        if answer.headers.get_content_type() == "text/html" and answer.status in (200, 404):
            found.setdefault(view_name(answer.at), answer.at)
    return found


@pytest.fixture(scope="module")
def seen():
    """Views that another desk has shown already."""
    return set()


def complaints(browser, product, visitor, language, addresses):
    """What axe finds: {address: [rule: where, …]}."""
    context = browser.new_context(
        viewport=SCREENS[language], base_url=product.address, reduced_motion="reduce"
    )
    context.add_cookies([{"name": k, "value": v, "url": product.address} for k, v in visitor.cookies.items()])
    page, found = context.new_page(), {}
    for address in addresses:
        page.goto(address)
        told = Axe().run(page, options=RULES).response["violations"]
        if told:
            found[address] = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in told]
    context.close()
    return found


@pytest.mark.parametrize("who", [None, *DESKS])
def test_axe_finds_nothing(browser, product, seen, who):
    visitor = Visitor(product, who)
    if who:
        pages = pages_of(visitor)
        fresh = [at for name, at in pages.items() if name not in seen or name == "dashboards:home"]
        seen.update(pages)
        assert fresh
    else:
        fresh = STRANGERS
    for turn, language in enumerate(SCREENS):
        visitor.post("/i18n/setlang/", {"language": language, "next": "/"})
        found = complaints(browser, product, visitor, language, fresh[turn::2])
        assert not found, "\n".join(f"{at}: {one}" for at, told in found.items() for one in told)


def test_axe_finds_nothing_where_somebody_acts_for_another(browser, product):
    visitor = Visitor(product, "admin")
    ((manager,),) = product.rows("SELECT id FROM accounts_user WHERE username = 'manager'")
    begun = visitor.post(f"/people/{manager}/act/", {"reason": "协助核对任职信息"})
    assert (begun.status, begun.location) == (302, "/")
    pages = ["/", "/people/", "/me/delegations/", "/accounts/password/change/", "/audit/", "/no-such-page/"]
    for language in SCREENS:
        visitor.post("/i18n/setlang/", {"language": language, "next": "/"})
        found = complaints(browser, product, visitor, language, pages)
        assert not found, "\n".join(f"{at}: {one}" for at, told in found.items() for one in told)


SECOND_FACTOR = """
import json
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from accounts.models import User
person = User.objects.get(username="station")
Authenticator.objects.filter(user=person).delete()
if {wanted}:
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
User.objects.filter(pk=person.pk).update(has_second_factor={wanted})
print(json.dumps(person.pk))
"""
FACTORS = "/accounts/2fa/"
CONFIRMING = ("/accounts/reauthenticate/", f"{FACTORS}reauthenticate/")
WITH_ONE = ("", "codes/", "codes/generate/", "totp/deactivate/", "passkeys/", "passkeys/add/")


def test_axe_finds_nothing_where_a_second_factor_is_set_up_and_asked_for(browser, product):
    visitor = Visitor(product, "station")
    found = complaints(browser, product, visitor, "zh-hans", [FACTORS, f"{FACTORS}totp/activate/"])
    try:
        product.ask(SECOND_FACTOR.format(wanted=True))
        at_the_door = Visitor(product)
        assert at_the_door.sign_in("station", PASSWORD).location.startswith(f"{FACTORS}authenticate/")
        for language in SCREENS:
            pages = [*(FACTORS + one for one in WITH_ONE), *CONFIRMING]
            for one, addresses in ((visitor, pages), (at_the_door, [f"{FACTORS}authenticate/"])):
                one.post("/i18n/setlang/", {"language": language, "next": "/"})
                found |= complaints(browser, product, one, language, addresses)
    finally:
        product.ask(SECOND_FACTOR.format(wanted=False))
    assert not found, "\n".join(f"{at}: {one}" for at, told in found.items() for one in told)


def spoil_the_token(page):
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'x'")


def send_too_much(page):
    page.evaluate("for (let n = 0; n < 1001; n++) document.querySelector('main form').append(Object.assign(document.createElement('input'), {type: 'hidden', name: `n${n}`}))")  # fmt: skip


@pytest.mark.parametrize(("spoil", "code"), [(spoil_the_token, 403), (send_too_much, 400)])
def test_axe_finds_nothing_on_what_a_refused_form_is_answered(browser, product, spoil, code):
    for language, screen in SCREENS.items():
        context = browser.new_context(viewport=screen, base_url=product.address, reduced_motion="reduce")
        context.add_cookies([{"name": "django_language", "value": language, "url": product.address}])
        page = context.new_page()
        page.goto("/accounts/login/")
        spoil(page)
        with page.expect_navigation() as gone:
            page.evaluate("document.querySelector('main form').submit()")
        assert (gone.value.status, page.inner_text(".error-code")) == (code, str(code))
        assert page.get_attribute("html", "lang") == language
        told = Axe().run(page, options=RULES).response["violations"]
        assert [one["id"] for one in told] == []
        context.close()
