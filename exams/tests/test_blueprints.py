"""Tables of specifications: what there is for a line, what stands in the way, what is published."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.transitions import Refused
from catalog.models import LegalDocument
from exams.actions import bank as items
from exams.actions import blueprints as acts
from exams.engine.blueprint import compose
from exams.models import Blueprint, BlueprintLine, Item, Topic
from exams.tests.bank_stories import make_bank, single

TODAY = timezone.localdate()


@pytest.fixture
def bank(cast):
    """A bank with six approved items on two topics, one of them below the other, and one draft."""
    bank = make_bank(cast)
    parent = Topic.objects.create(bank=bank, name="监督抽查")
    Topic.objects.create(bank=bank, name="抽样", parent=parent)
    for n in range(6):
        topic, hard = ("抽样", "hard") if n >= 4 else ("监督抽查", "easy")
        item = items.write(
            bank, single(f"I{n}", stem=f"第 {n} 题？", topic=topic, difficulty=hard), by=cast.editor
        )
        items.approve(items.propose(item, by=cast.editor), by=cast.reviewer)
    items.write(bank, single("D", stem="草稿？"), by=cast.editor)
    return bank


def line(**more):
    return BlueprintLine(**({"section": "单选题", "count": 2, "points": Decimal(2)} | more))


@pytest.fixture
def blueprint(cast, bank):
    """A draft: two hard items, then three of any kind."""
    rows = [line(difficulty="hard"), line(count=3, bank=bank, type="single", section="综合")]
    return acts.write(Blueprint(code="b1", name="蓝图", unit=cast.city_organ), rows, by=cast.editor)


def codes(candidates):
    return [one.code for one in candidates]


def test_lines_and_candidates_compose_a_paper_that_follows_from_the_seed(
    blueprint, django_assert_max_num_queries
):
    with django_assert_max_num_queries(4):
        asked, offered = acts.lines(blueprint), acts.candidates(blueprint, TODAY)
    papers = [[(row.position, code) for row, code in compose(asked, offered, "seed")] for _ in range(2)]
    assert papers[0] == papers[1]
    assert {code for position, code in papers[0] if position == 1} == {"general/I4", "general/I5"}
    assert len(papers[0]) == 5
    assert all(one.revision_id == Item.objects.get(pk=one.item_id).current_id for one in offered)


def test_only_approved_items_in_force_are_candidates(blueprint, bank, cast):
    assert codes(acts.candidates(blueprint, TODAY)) == [f"general/I{n}" for n in range(6)]
    LegalDocument.objects.update(in_force_to=TODAY)
    assert acts.candidates(blueprint, TODAY) == []


def test_a_topic_accepts_what_stands_below_it(cast, bank):
    rows = [
        line(topic=bank.topics.get(name=name), position=n) for n, name in enumerate(("监督抽查", "抽样"), 1)
    ]
    outlook = acts.outlook(acts.engine_lines(rows), acts.drawables(cast.city_organ, rows, TODAY))
    assert outlook.available == {1: 6, 2: 2}


def test_a_line_without_a_bank_draws_from_own_and_higher_units_only(cast, bank):
    other = make_bank(cast, "nankai")
    other.unit = cast.nankai
    other.save()
    Item.objects.filter(code="I0").update(bank=other)
    rows = [line(position=1)]
    offered = {
        unit.code: len(acts.drawables(unit, rows, TODAY))
        for unit in (cast.city_organ, cast.xiqing, cast.nankai)
    }
    assert offered == {"TJ": 5, "TJ-XQ": 5, "TJ-NK": 6}


def test_a_picked_item_stands_for_itself(cast, bank):
    rows = [line(position=1, count=1, item=bank.items.get(code="I3")), line(position=2, count=5)]
    offered = acts.drawables(cast.city_organ, rows, TODAY)
    paper = compose(acts.engine_lines(rows), offered, "s")
    assert [code for row, code in paper if row.position == 1] == ["general/I3"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "蓝图还没有任何一行。"),
        (
            [line(count=3, difficulty="hard")],
            "第 1 行共需要 3 道试题，符合条件的只有 2 道。请减少题数、放宽条件或补充试题。",
        ),
        (
            [line(difficulty="hard"), line(count=5)],
            "第 1、2 行共需要 7 道试题，符合条件的只有 6 道。请减少题数、放宽条件或补充试题。",
        ),
        ([line(difficulty="hard"), line(count=4)], ""),
    ],
)
def test_what_cannot_be_filled_is_not_published(cast, bank, rows, reason):
    made = acts.write(Blueprint(code="b", name="蓝图", unit=cast.city_organ), rows, by=cast.editor)
    assert acts.why_not_publish(made) == reason
    if reason:
        with pytest.raises(Refused, match=reason):
            acts.publish(made, by=cast.editor)
    else:
        acts.publish(made, by=cast.editor)
    made.refresh_from_db()
    assert made.state == ("draft" if reason else "published")


def test_a_published_blueprint_changes_no_more_but_may_be_copied(cast, blueprint):
    acts.publish(blueprint, by=cast.editor)
    with pytest.raises(Refused, match="不再改动"):
        acts.write(blueprint, [line()], by=cast.editor)

    copied = acts.copy(blueprint, by=cast.editor)

    assert (copied.code, copied.state) == ("b1-2", "draft")
    assert [str(one) for one in copied.lines.all()] == [str(one) for one in blueprint.lines.all()]
    assert blueprint.lines.count() == 2


@pytest.mark.parametrize("name", ["reviewer", "city", "district", "officer"])
def test_only_editors_write_and_publish(cast, blueprint, name):
    person = getattr(cast, name)
    with pytest.raises(Refused, match="只有题库编辑"):
        acts.write(blueprint, [line()], by=person)
    with pytest.raises(Refused, match="只有题库编辑"):
        acts.publish(blueprint, by=person)


def page_data(**more):
    return {
        "name": "蓝图", "code": "page", "lines": "1", "line-0-section": "单选题", "line-0-count": "2",
        "line-0-points": "2.5", "line-0-difficulty": "hard",
    } | more  # fmt: skip


def test_a_blueprint_is_written_checked_and_published_on_the_page(cast, bank, as_user):
    client, unit = as_user(cast.editor), cast.city_organ.pk
    url = reverse("exams:blueprint_new")
    checked = client.post(
        url, page_data(unit=unit, check="1", **{"line-0-count": "9"}), headers={"HX-Request": "true"}
    )
    assert "第 1 行共需要 9 道试题" in checked.content.decode()
    assert not Blueprint.objects.exists()

    client.post(url, page_data(unit=unit))
    page = client.get(reverse("exams:blueprint", args=["page"]))
    client.post(reverse("exams:blueprint_act", args=["page", "publish"]))

    assert (page.context["outlook"].points, page.context["lines"][0]["available"]) == (Decimal("5.0"), 2)
    assert Blueprint.objects.get().state == "published"


@pytest.mark.parametrize(("act", "sections"), [({"add": "1"}, ["单选题", "单选题"]), ({"remove": "0"}, [])])
def test_lines_come_and_go_without_a_script(cast, bank, as_user, act, sections):
    response = as_user(cast.editor).post(reverse("exams:blueprint_new"), page_data(**act))
    shown = response.context["lines"].forms
    assert [form["section"].value() for form in shown] == sections
    assert response.context["form"]["name"].value() == "蓝图"
    assert not Blueprint.objects.exists()


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(cast, bank, as_user):
    other = make_bank(cast, "other")
    data = page_data(
        unit=cast.city_organ.pk, **{"line-0-bank": other.pk, "line-0-topic": bank.topics.first().pk}
    )
    response = as_user(cast.editor).post(reverse("exams:blueprint_new"), data)
    assert response.context["lines"].forms[0].errors == {"topic": ["这个知识点不在所选题库中。"]}
    assert response.context["lines"].forms[0]["count"].value() == "2"


def test_who_may_open_a_blueprint(cast, blueprint, as_user):
    url = reverse("exams:blueprint", args=["b1"])
    names = ("editor", "reviewer", "city", "admin", "district", "manager", "officer")
    assert {name: as_user(getattr(cast, name)).get(url).status_code for name in names} == {
        "editor": 200, "reviewer": 200, "city": 200, "admin": 200, "district": 404, "manager": 404, "officer": 404,
    }  # fmt: skip


def test_the_page_costs_the_same_for_one_line_and_ten(cast, blueprint, bank, as_user):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = as_user(cast.editor), []
    topic = bank.topics.first()
    for n in (1, 10):
        acts.write(blueprint, [line(count=1, bank=bank, topic=topic) for _ in range(n)], by=cast.editor)
        for name in ("exams:blueprint", "exams:blueprint_edit"):
            client.get(reverse(name, args=["b1"]))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse(name, args=["b1"]))
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_the_list_is_searched_counted_and_paged(cast, bank, blueprint, as_user):
    for n in range(31):
        acts.write(
            Blueprint(code=f"more-{n:02d}", name=f"另一份{n}", unit=cast.city_organ), [line()], by=cast.editor
        )
    client = as_user(cast.editor)

    def listed(**query):
        context = client.get(reverse("exams:blueprints"), query).context
        return context["page_obj"].paginator.count, [row["blueprint"].code for row in context["rows"]]

    everything = ["b1", *(f"more-{n:02d}" for n in range(31))]
    assert listed() == (32, everything[:30])
    assert listed(page=2) == (32, everything[30:])
    assert listed(q="b1") == (1, ["b1"])
    assert listed(q="另一份30", state="draft") == (1, ["more-30"])
    assert listed(state="published") == (0, [])
