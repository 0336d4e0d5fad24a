"""The frame around every page."""

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import reverse

from accounts.context import frame


def framed(user, session=None, path="/people/"):
    request = RequestFactory().get(path)
    request.user, request.session = user, session or {}
    return frame(request)["frame"]


def test_a_frame_that_nobody_reads_asks_nothing(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert framed(cast.manager).person == cast.manager


def test_a_frame_read_through_asks_for_roles_and_posts_only(cast, django_assert_num_queries):
    with django_assert_num_queries(2):
        seen = framed(cast.manager)
        assert (seen.desk, seen.unit_name, seen.unit_id, seen.post) == (
            "manager", "津海电动车有限公司", cast.jinhai.unit_id, None,
        )  # fmt: skip
        assert [desk["is_current"] for desk in seen.desks] == [True]
        assert [tab["url"] for tab in seen.tabs if tab["is_current"]] == ["/people/"]


def test_an_officer_acts_under_her_post(cast):
    seen = framed(cast.officer, path="/me/")
    assert (seen.desk, str(seen.desk_label), seen.post) == ("officer", "质量安全员", cast.post(cast.officer))
    assert [item["url"] for group in seen.nav for item in group["items"] if item["is_current"]] == ["/me/"]


def test_an_administrator_reaches_exams_and_certificates_too(cast):
    seen = framed(cast.admin)
    assert [[item["url"] for item in group["items"]] for group in seen.nav] == [
        ["/"],
        ["/enterprises/", "/people/"],
        [
            *("/grants/", "/tokens/", "/people/import/", "/people/duplicates/"),
            *("/operations/", "/audit/", "/messages/ledger/", "/holds/", "/me/"),
        ],
        [
            reverse(name)
            for name in (
                "exams:sessions",
                "exams:attempts",
                "certificates:certificates",
                "courses:shortfalls",
                "courses:hour_rules",
            )
        ],
    ]
    assert [tab["url"] for tab in seen.tabs] == ["/", "/enterprises/", "/people/", "/grants/"]


def test_the_public_finds_the_verification(client, db):
    link = f'href="{reverse("certificates:verify")}"'
    pages = [reverse(name) for name in ("account_login", "account_reset_password", "certificates:verify")]
    assert [client.get(page).content.decode().count(link) for page in pages] == [2, 1, 0]


def test_a_stranger_sees_an_empty_frame(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        seen = framed(AnonymousUser())
        assert (seen.person, seen.desk, seen.desks, seen.nav, seen.tabs, seen.post, seen.elder) == (
            None, "", [], [], [], None, False,
        )  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_this_floor_is_drawn_in_both_languages(cast, as_user, language):
    client = as_user(cast.admin)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    names = ["me", "switch_desk", "people", "import", "enterprises", "grants", "grant_new"]
    urls = [reverse(f"people:{name}") for name in names]
    urls += [reverse(f"people:{name}", args=[cast.jinhai.uscc]) for name in ("enterprise", "appoint")]
    urls += [
        reverse("people:person", args=[cast.officer.pk]),
        reverse("people:dismiss", args=[cast.post(cast.officer).pk]),
    ]
    pages = [client.get(url) for url in urls]
    assert [(page.status_code, page["Content-Language"]) for page in pages] == [(200, language)] * len(urls)
