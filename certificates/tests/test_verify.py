"""What a stranger may know: the printed content and its worth, and of an unknown code nothing."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates import actions
from certificates.models import Certificate
from tests import build


@pytest.fixture
def certificate(cast):
    return build.certified(cast)


def address(code):
    return reverse("certificates:verify_code", args=[code])


def check(client, certificate):
    return client.get(address(certificate.code)).content.decode()


def shape(page, *typed):
    """A page without what differs from request to request."""
    text = page.content.decode()
    for word in typed:
        text = text.replace(word, "")
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", text)


def let_it_be(certificate, state, by):
    if state == "expired":
        past = timezone.localdate() - timedelta(days=400)
        Certificate.objects.update(issued_on=past, expires_on=past + timedelta(days=365))
    elif state == "replaced":
        actions.replace(certificate, by=by, why="内部原因暗记")
    elif state != "in_force":
        actions.decide(certificate, to=state, by=by, why="内部原因暗记")


WORDS = {
    "in_force": ("有效", "本证明由本平台出具，目前有效。"),
    "expired": ("已过期", "有效期已过"),
    "suspended": ("已暂停", "目前暂停使用"),
    "revoked": ("已撤销", "现已撤销，不再有效"),
    "replaced": ("已换发", "请以新证明为准"),
}


@pytest.mark.parametrize("state", WORDS)
def test_each_state_is_told_in_words_with_the_whole_content(cast, certificate, client, state):
    let_it_be(certificate, state, cast.city)
    text = check(client, certificate)
    label, sentence = WORDS[state]
    assert re.search(rf'<span class="pill[^"]*">{label}</span>', text)
    assert sentence in text
    assert [other for other, (_label, words) in WORDS.items() if other != state and words in text] == []
    for fact in certificate.facts.values():
        assert fact in text
    assert "内部原因暗记" not in text
    assert cast.officer.id_number not in text
    assert cast.officer.phone not in text


def test_what_the_city_decides_is_public_at_once(cast, certificate, client):
    assert "目前有效" in check(client, certificate)
    actions.decide(certificate, to="revoked", by=cast.city, why="冒名")
    page = client.get(address(certificate.code))
    assert "现已撤销" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


UNKNOWN = "0000-1111-2222-3333-4444"
NOT_CODES = ("0000", "UUUU-1111-2222-3333-4444", "ZK-2026-000001-4", "0" * 21, "中文", "'--", "%", "_" * 20)


def test_an_unknown_code_gets_a_plain_answer_that_reveals_nothing(certificate, client):
    unknown = client.get(address(UNKNOWN))
    assert unknown.status_code == 404
    assert "没有找到这个核验码对应的证明" in unknown.content.decode()
    assert [
        fact for fact in ("王雨晨", "津海", certificate.number[:7]) if fact in unknown.content.decode()
    ] == []
    for code in (*NOT_CODES, certificate.number, certificate.code[:-1] + "?", certificate.code[:-5]):
        page = client.get(address(code))
        assert page.status_code == 404
        typed = (UNKNOWN, quote(code), code.replace("'", "&#x27;"))
        assert shape(page, *typed) == shape(unknown, *typed)
    other = UNKNOWN[:-1] + "5"
    assert shape(client.get(address(other)), other) == shape(unknown, UNKNOWN)


@pytest.mark.parametrize(
    "spell", [str.lower, lambda c: c.replace("-", ""), lambda c: f" {c} ", lambda c: c.replace("-", "—")]
)
def test_a_typed_code_is_read_as_people_type_it(certificate, client, spell):
    page = client.get(reverse("certificates:verify"), {"code": spell(certificate.code)})
    assert (page.status_code, page.url) == (302, address(certificate.code))
    assert client.get(page.url).context["facts"] == certificate.facts


def test_a_code_in_the_address_may_be_spelt_loosely_too(certificate, client):
    assert (
        client.get(address(certificate.code.lower().replace("-", ""))).context["facts"] == certificate.facts
    )


def test_what_cannot_be_a_code_is_explained_where_it_was_typed(client, db):
    page = client.get(reverse("certificates:verify"), {"code": "<script>1"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "核验码由 20 个字母和数字组成" in text
    assert "<script>1" not in text


@pytest.mark.parametrize("fact", ["name", "score", "valid_to", "enterprise", "number"])
def test_an_altered_fact_breaks_the_seal_and_the_page_says_so(certificate, client, fact):
    assert "与出具时的印记不符" not in check(client, certificate)
    Certificate.objects.update(facts=certificate.facts | {fact: "改过的"})
    text = check(client, certificate)
    assert "本平台保存的内容与出具时的印记不符" in text


def test_a_fact_that_was_added_breaks_the_seal_too(certificate, client):
    Certificate.objects.update(facts=certificate.facts | {"note": "特批"})
    assert "与出具时的印记不符" in check(client, certificate)


def test_the_seal_outlives_a_change_of_keys(certificate, client, settings):
    ((old, key),) = settings.FIELD_KEYS.items()
    settings.FIELD_KEYS = {"new": "bmV3IGtleSBvZiAzMiBieXRlcyBmb3IgdGhlIHRlc3Q=", old: key}
    assert "与出具时的印记不符" not in check(client, certificate)
    settings.FIELD_KEYS = {"new": "bmV3IGtleSBvZiAzMiBieXRlcyBmb3IgdGhlIHRlc3Q="}
    assert "与出具时的印记不符" in check(client, certificate)


def test_who_tries_out_codes_is_stopped(certificate, client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"verify_certificate": "3/m/ip"}
    statuses = [client.get(address(UNKNOWN)).status_code for _time in range(4)]
    assert statuses == [404, 404, 404, 429]
    assert (
        client.get(address(certificate.code)).status_code == 429
    )  # a right guess tells no more than a wrong one
    elsewhere = client.get(address(certificate.code), REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 200


def test_no_sign_in_is_needed_and_nothing_is_written(certificate, client, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert client.get(address(certificate.code)).status_code == 200
    assert client.post(address(certificate.code)).status_code == 405
