"""Owed posts, filled posts, valid posts: a table for each rule."""

from datetime import date

import pytest

from accounts import queries, records
from accounts.models import Post
from accounts.staffing import Business, Holder, owed, staffing, standing
from catalog.models import ProductCategory

TODAY = date(2026, 11, 23)
ALL, WITHOUT_DIRECTOR, NONE = ["principal", "director", "officer"], ["principal", "officer"], []


@pytest.mark.parametrize(
    ("business", "kinds"),
    [
        (Business("micro", licence=True), ALL),
        (Business("large", licence=True), ALL),
        (Business("micro", ccc=True), ALL),
        (Business("small", ccc=True, mandatory_standard=True), ALL),
        (Business("large", mandatory_standard=True), ALL),
        (Business("medium", mandatory_standard=True), ALL),
        (Business("small", mandatory_standard=True), WITHOUT_DIRECTOR),
        (Business("micro", mandatory_standard=True), WITHOUT_DIRECTOR),
        (Business("large"), NONE),
    ],
)
def test_owed_posts_follow_regime_and_size(business, kinds):
    assert [post.kind for post in owed(business)] == kinds


def facts(state="in_force", expires_on="2027-05-01", post_kind="officer"):
    return {"state": state, "expires_on": expires_on, "post_kind": post_kind}


@pytest.mark.parametrize(
    ("certificates", "kind", "code"),
    [
        ([], "principal", "by_office"),
        ([], "officer", "missing"),
        ([facts()], "officer", "good"),
        ([facts(post_kind="")], "officer", "good"),
        ([facts()], "director", "missing"),
        ([facts(expires_on="2026-11-23")], "officer", "ending"),
        ([facts(expires_on="2026-11-22")], "officer", "expired"),
        ([facts("suspended")], "officer", "suspended"),
        ([facts("revoked")], "officer", "missing"),
        ([facts("suspended"), facts(expires_on="2026-12-01")], "officer", "ending"),
        ([facts("revoked"), facts(expires_on="2026-01-01"), facts()], "officer", "good"),
    ],
)
def test_standing_follows_the_certificates(certificates, kind, code):
    assert standing(certificates, kind, TODAY).code == code


def test_each_gap_is_a_sentence():
    business = Business("small", ccc=True)
    one = Holder("officer", 1, "王", standing([], "officer", TODAY))
    found = staffing(business, [one])
    assert (found.owed, found.filled, found.valid, found.state) == (3, 1, 0, "vacant")
    assert found.gaps == (
        "尚未登记主要负责人。",
        "应配质量安全总监，现空缺。",
        "质量安全员已任命，但无人持有今日有效的合格证明。",
    )


def test_one_qualified_holder_of_several_is_enough():
    holders = [
        Holder("officer", 1, "王", standing([], "officer", TODAY)),
        Holder("officer", 2, "李", standing([facts()], "officer", TODAY)),
        Holder("principal", 3, "欧", standing([], "principal", TODAY)),
        Holder("director", 4, "赵", standing([], "director", TODAY)),
    ]
    found = staffing(Business("small", mandatory_standard=True), holders)
    assert (found.state, found.gaps, found.extra) == ("valid", (), (holders[3],))


def certify(person, number, **more):
    return records.enter(
        person, f"certificate:{number}", kind="certificate", occurred_on=TODAY, title="合格证明",
        facts={"number": number, **facts(**more)},
    )  # fmt: skip


def test_an_enterprise_is_staffed_by_those_in_post_with_a_certificate(cast):
    certify(cast.officer, "A1")
    found = queries.staffing_of([cast.jinhai], TODAY)[cast.jinhai.pk]
    assert [(p.kind, p.state) for p in found.places] == [
        ("principal", "valid"),
        ("director", "unqualified"),
        ("officer", "valid"),
    ]
    certify(cast.officer, "A1", state="suspended")
    Post.objects.filter(person=cast.director).update(ended_on=TODAY)
    found = queries.staffing_of([cast.jinhai], TODAY)[cast.jinhai.pk]
    assert [place.state for place in found.places] == ["valid", "vacant", "unqualified"]


def test_a_closed_category_counts_as_its_present_edition(cast):
    ProductCategory.objects.filter(code="1501").update(valid_to=TODAY, ccc=True)
    ProductCategory.objects.create(code="1501", name="电动自行车", mandatory_standard=True, valid_from=TODAY)
    assert queries.businesses([cast.jinhai], TODAY)[cast.jinhai.pk] == Business("medium", False, False, True)


def test_many_enterprises_cost_as_many_queries_as_one(cast, django_assert_num_queries):
    for enterprises in ([cast.jinhai], [cast.jinhai, cast.hengtong]):
        with django_assert_num_queries(4):
            queries.staffing_of(enterprises, TODAY)


@pytest.mark.parametrize(
    "certificates",
    [
        [],
        [{}],
        [{"post_kind": ""}],
        [{"post_kind": "director"}],
        [{"expires_on": "2026-11-23"}],
        [{"expires_on": "2026-11-22"}],
        [{"state": "suspended"}],
        [{"state": "revoked"}, {"expires_on": "2027-01-22"}],
        [{"expires_on": "2026-12-22"}, {"expires_on": "2027-01-23"}],
    ],
)
def test_the_filter_of_lists_agrees_with_the_rule(cast, certificates):
    for number, more in enumerate(certificates):
        certify(cast.officer, f"B{number}", **more)
    held = queries.certificates_of([cast.officer.pk])[cast.officer.pk]
    rule = standing(held, "officer", TODAY)
    post = Post.objects.filter(person=cast.officer)
    assert [queries.by_validity(post, name, TODAY).exists() for name in ("valid", "ending", "missing")] == [
        rule.qualified,
        rule.code == "ending",
        not rule.qualified,
    ]
