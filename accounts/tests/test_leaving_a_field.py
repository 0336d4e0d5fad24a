"""identifiers.js in a real browser says what the server says."""

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string

from accounts import identifiers
from accounts.fields import IdNumberField, PhoneField, checked
from tests.product import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: apt-get install chromium"),
    pytest.mark.xdist_group("browser"),
]
TYPED = {
    "uscc": [
        "91350100M000100Y43",
        " 9135 0100-M000100y43 ",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        "91350100M000100Y44",
        "91350100M000100Y4",
        "91350100I000100Y43",
    ],
    "id": [
        "11010519491231002X",
        "110105 19491231 002x",
        "110105194912310021",
        "11010519490231002X",
        "11010500000101002X",
        "1101051949123100",
        "١1010519491231002X",
    ],
    "phone": ["13800138000", "+86 138-0013-8000", "0086 13800138000", "12800138000", "1380013800"],
    "unit": ["津海电动车有限公司", "TJ-XQ-01", "91350100M000100Y43", "91350100M000100Y44"],
}
JUDGES = {
    "uscc": identifiers.why_not_uscc,
    "id": identifiers.why_not_id_number,
    "phone": identifiers.why_not_phone,
    "unit": lambda text: identifiers.why_not_uscc(text) if len(identifiers.normalise(text)) == 18 else "",
}


class Sheet(forms.Form):
    """One field of each kind."""

    uscc = forms.CharField(widget=forms.TextInput(attrs=checked("uscc")))
    id = IdNumberField()
    phone = PhoneField()
    unit = forms.CharField(
        widget=forms.TextInput(attrs={"data-check-only": "^[0-9A-Z]{18}$", **checked("uscc")})
    )


@pytest.fixture(scope="module")
def page():
    """The fields on an empty page, with the script."""
    from playwright.sync_api import sync_playwright

    form = Sheet()
    fields = "".join(render_to_string("elements/field.html", {"field": field}) for field in form)
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_page()
        page.set_content(f"<form>{fields}<button>x</button></form>")
        script = (settings.BASE_DIR / "static" / "js" / "identifiers.js").read_text(encoding="utf-8")
        page.add_script_tag(content=script, type="module")
        yield page
        chromium.close()


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_a_field_that_is_left_says_what_the_server_would_say(page, kind):
    said = []
    for text in TYPED[kind]:
        page.fill(f"#id_{kind}", text)
        page.locator(f"#id_{kind}").blur()
        line = page.locator(f"#id_{kind}_error")
        said.append(line.inner_text() if line.count() else "")
    assert said == [JUDGES[kind](text) for text in TYPED[kind]]
    assert any(said)
    assert not all(said)


def test_a_mended_field_is_silent_again_and_names_its_error_only_while_there_is_one(page):
    field = page.locator("#id_phone")
    states = []
    for text in ("1380013800", "13800138000", ""):
        field.fill(text)
        field.blur()
        states.append(
            [
                field.get_attribute("aria-invalid"),
                field.get_attribute("aria-describedby"),
                page.locator("#id_phone_error").count(),
            ]
        )
    assert states == [["true", "id_phone_error", 1], [None, None, 0], [None, None, 0]]
