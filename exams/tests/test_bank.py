"""The bank desk: writing, four eyes, lists, pages."""

import re
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, RoleGrant
from audit.models import AuditEvent
from audit.transitions import Refused, Stale
from exams.actions import bank as acts
from exams.engine.items import ITEM_TYPES
from exams.forms.editors import EDITORS
from exams.models import Item, ItemRevision, Picture
from exams.tests.bank_stories import make_bank, single

STATES = ("draft", "in_review", "approved", "retired")


@pytest.fixture
def bank(cast):
    """An empty bank of the city."""
    return make_bank(cast)


@pytest.fixture
def item(cast, bank):
    """A draft by the editor."""
    return acts.write(bank, single(), by=cast.editor)


def approved(item, cast):
    return acts.approve(acts.propose(item, by=cast.editor), by=cast.reviewer)


# --- acts -----------------------------------------------------------------------------------------------------------


def test_a_written_item_is_a_draft_with_its_first_revision_and_its_provision(cast, item):
    revision = item.current
    assert (item.state, revision.number, revision.author) == ("draft", 1, cast.editor)
    assert [str(p) for p in revision.provisions.all()] == ["《中华人民共和国产品质量法》第十五条"]
    assert item.topic.name == "监督抽查"


def test_the_same_content_again_is_no_new_revision(cast, bank, item):
    acts.write(bank, single(), by=cast.editor, item=item)
    assert ItemRevision.objects.count() == 1


def test_writing_an_approved_item_appends_and_brings_it_back_to_draft(cast, bank, item):
    approved(item, cast)
    again = acts.write(bank, single(stem="样品应当从哪里抽取？"), by=cast.editor, item=item)
    assert (again.state, again.current.number) == ("draft", 2)
    assert [r.stem for r in item.revisions.order_by("number")] == [
        "样品从哪里随机抽取？",
        "样品应当从哪里抽取？",
    ]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(cast, bank, item):
    acts.write(bank, single(stem="别人的改动？"), by=cast.editor, item=item, seen=1)
    with pytest.raises(Stale, match="他人修改"):
        acts.write(bank, single(stem="我的改动？"), by=cast.editor, item=item, seen=1)


@pytest.mark.parametrize(
    ("draft", "sentence"),
    [
        (single("S2", right="d"), "1 处问题"),
        (single("S2"), "与试题 S1 相同"),
        (single("S1", stem="另一题？"), "已在本题库中使用"),
        (single("S2", stem="看图 ![x](picture:nothing.png)？"), "找不到图片"),
    ],
)
def test_an_unsound_draft_is_refused_and_nothing_is_written(cast, bank, item, draft, sentence):
    with pytest.raises(Refused, match=sentence):
        acts.write(bank, draft, by=cast.editor)
    assert ItemRevision.objects.count() == 1


def test_four_eyes_by_the_matrix_of_roles(cast, bank):
    """Whoever wrote the current revision may not approve it, whatever other roles she has."""
    RoleGrant.objects.create(
        user=cast.editor, role=Role.REVIEWER, unit=cast.city_organ, starts_on="2025-01-06"
    )
    outcomes = {}
    for name in ("editor", "reviewer", "admin", "city", "officer"):
        person = getattr(cast, name)
        person.__dict__.pop("_held_roles", None)
        item = acts.propose(
            acts.write(bank, single(name, stem=f"给{name}？"), by=cast.editor), by=cast.editor
        )
        try:
            outcomes[name] = acts.approve(item, by=person).state
        except Refused as refusal:
            outcomes[name] = str(refusal)
    only = "只有本题库的审核人可以批准试题。"
    assert outcomes == {
        "editor": "不能批准自己编写的试题，请由另一位审核人批准。",
        "reviewer": "approved",
        "admin": only,
        "city": only,
        "officer": only,
    }


@pytest.mark.parametrize("notes", [{"核实情况": "待核：没有原文"}, {"备注": "written from memory"}])
def test_what_says_that_it_was_not_checked_is_not_approved(cast, bank, notes):
    item = acts.propose(acts.write(bank, single(notes=notes), by=cast.editor), by=cast.editor)
    with pytest.raises(Refused, match="尚未核实"):
        acts.approve(item, by=cast.reviewer)
    acts.write(bank, single(notes={"核实情况": "已对照原文"}), by=cast.editor, item=item)
    assert acts.approve(acts.propose(item, by=cast.editor), by=cast.reviewer).state == "approved"


def test_each_act_is_possible_in_one_state_only(cast, bank):
    verbs = {
        "propose": lambda item: acts.propose(item, by=cast.editor),
        "approve": lambda item: acts.approve(item, by=cast.reviewer),
        "send_back": lambda item: acts.send_back(item, by=cast.reviewer, why="不清楚"),
        "retire": lambda item: acts.retire(item, by=cast.reviewer, why="过时"),
    }
    found = {}
    for verb, act in verbs.items():
        for state in STATES:
            made = acts.write(bank, single(f"{verb}-{state}", stem=f"{verb} {state}？"), by=cast.editor)
            Item.objects.filter(pk=made.pk).update(state=state)
            made.refresh_from_db()
            try:
                found[verb, state] = act(made).state
            except Refused:
                continue
    assert found == {
        ("propose", "draft"): "in_review",
        ("approve", "in_review"): "approved",
        ("send_back", "in_review"): "draft",
        ("retire", "approved"): "retired",
    }


def test_a_reason_is_asked_for_and_kept(cast, item):
    acts.propose(item, by=cast.editor)
    with pytest.raises(Refused, match="原因"):
        acts.send_back(item, by=cast.reviewer, why="  ")
    acts.send_back(item, by=cast.reviewer, why="选项有歧义")
    event = AuditEvent.objects.filter(action="item.draft").get()
    assert (event.actor, event.data["why"]) == (cast.reviewer, "选项有歧义")


def test_a_retired_item_is_written_no_more(cast, bank, item):
    acts.retire(approved(item, cast), by=cast.reviewer, why="过时")
    with pytest.raises(Refused, match="已停用"):
        acts.write(bank, single(stem="新的？"), by=cast.editor, item=item)


# --- editors --------------------------------------------------------------------------------------------------------


class Data(dict):
    """A posted form as the editors read it."""

    def getlist(self, name):
        return self.get(name, [])

    def get(self, name, default=""):
        value = super().get(name, default)
        return value


def posted(html):
    """The fields of a rendered form, as a browser would send them."""
    data = Data()
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        ticks = 'type="radio"' in tag or 'type="checkbox"' in tag
        if not name or (ticks and " checked" not in tag):
            continue
        if ticks:
            data.setdefault(name[1], []).append(value[1])
        else:
            data[name[1]] = value[1] if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\s?([^<]*)</textarea>', html):
        data[name] = text
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        data[name] = chosen[1] if chosen else ""
    return data


@pytest.mark.parametrize("kind", list(EDITORS))
def test_an_editor_gives_back_what_it_was_loaded_with(kind, rf):
    from django.template.loader import render_to_string

    example = next(ITEM_TYPES[kind].examples())
    editor = EDITORS[kind](kind)
    editor.load(example.body, example.key)
    data = posted(render_to_string(editor.template, {"editor": editor, "is_whole": True}))
    if kind == "truefalse" or kind == "case":
        data |= {name: value[0] for name, value in data.items() if name.endswith("value") and value}

    read = EDITORS[kind](kind)
    read.read(data)
    body, key = read.body_and_key()

    assert ITEM_TYPES[kind].check(example.stem, body, key) == []
    if kind != "case":
        assert (body, key) == (example.body, example.key)
    else:
        assert key == example.key
        assert [part["body"] for part in body["parts"]] == [part["body"] for part in example.body["parts"]]


@pytest.mark.parametrize(
    ("add", "remove", "shape"),
    [
        ("truefalse", "", [("single", 3), ("blank", 2), ("truefalse", None)]),
        ("part-0", "", [("single", 4), ("blank", 2)]),
        ("", "part-1", [("single", 3)]),
        ("", "part-0", [("blank", 2)]),
        ("", "part-1-blank-0", [("single", 3), ("blank", 1)]),
    ],
)
def test_parts_and_their_rows_come_and_go(add, remove, shape):
    example = next(ITEM_TYPES["case"].examples())
    editor = EDITORS["case"]("case")
    editor.load(example.body, example.key)
    editor.add(add)
    editor.remove(remove)
    found = [
        (part.kind, len(part.editor.rows) if hasattr(part.editor, "rows") else None) for part in editor.parts
    ]
    assert found == shape
    assert [part.prefix for part in editor.parts] == [part.editor.prefix for part in editor.parts]
    assert [part.prefix for part in editor.parts] == [f"part-{n}" for n in range(len(shape))]


def test_a_case_is_written_on_the_page_and_takes_its_facts_from_its_parts(cast, bank, as_user):
    data = {
        "code": "C1", "stem": "某店购进一批电动自行车。", "parts": "2",
        "part-0-type": "truefalse", "part-0-stem": "应当验明合格证。", "part-0-value": "true", "part-0-weight": "2",
        "part-0-topic": "进货验收", "part-0-difficulty": "easy", "part-0-basis": "《产品质量法》", "part-0-clause": "第三十三条",
        "part-1-type": "blank", "part-1-stem": "车速不超过____。", "part-1-blanks": "1", "part-1-blank-0": "25km/h\n25公里/小时",
        "part-1-blank-0-switch": ["width", "units"], "part-1-weight": "3", "part-1-difficulty": "hard",
    }  # fmt: skip
    response = as_user(cast.editor).post(new_url("case"), data)
    assert response.status_code == 302, response.context["form"].errors
    item = bank.items.get()
    revision = item.current
    assert (item.topic.name, revision.difficulty, revision.points, revision.basis) == (
        "进货验收", "hard", 5, "《产品质量法》",
    )  # fmt: skip
    assert revision.key["parts"] == {"1": {"value": True}, "2": {"blanks": {"1": ["25km/h", "25公里/小时"]}}}
    assert [part["code"] for part in revision.body["parts"]] == ["C1-1", "C1-2"]
    assert [str(p) for p in revision.provisions.all()] == ["《产品质量法》第三十三条"]
    page = as_user(cast.reviewer).get(response.url).content.decode()
    assert "第 2 小题" in page and "25km/h / 25公里/小时" in page


# --- pages ----------------------------------------------------------------------------------------------------------


FORM = {
    "code": "N1",
    "stem": "新题：一加一等于几？",
    "options": "3",
    "option-0": "二",
    "option-1": "三",
    "option-2": "",
    "right": "0",
    "difficulty": "easy",
    "points": "2",
    "topic": "算术",
}


def new_url(kind="single"):
    return reverse("exams:item_new", args=["general"]) + f"?type={kind}"


def test_an_editor_writes_an_item_on_the_page(cast, bank, as_user):
    response = as_user(cast.editor).post(new_url(), FORM)
    item = bank.items.get()
    assert response.url == reverse("exams:item", args=["general", "N1"])
    assert item.current.body == {"options": [{"id": "a", "text": "二"}, {"id": "b", "text": "三"}]}
    assert (item.current.key, item.current.difficulty, item.topic.name) == (
        {"options": ["a"]},
        "easy",
        "算术",
    )


def test_a_refused_form_keeps_everything_and_shows_problems_beside_fields(cast, bank, as_user):
    response = as_user(cast.editor).post(
        new_url(), FORM | {"stem": "", "option-1": "二", "rationale": "写了很久"}
    )
    page = response.content.decode()
    assert response.status_code == 200 and not bank.items.exists()
    assert "题干是空的" in page and "选项 B 与选项 A 相同" in page
    assert "写了很久" in page and 'value="N1"' in page


@pytest.mark.parametrize(
    ("act", "texts"),
    [({"add": "row"}, ["二", "三", "", ""]), ({"remove": "0"}, ["三", ""])],
)
def test_rows_come_and_go_without_a_script_and_nothing_is_lost(cast, bank, as_user, act, texts):
    response = as_user(cast.editor).post(new_url(), FORM | act)
    assert response.context["editor"].texts == texts
    assert response.context["form"]["stem"].value() == FORM["stem"]
    assert not response.context["form"].errors and not bank.items.exists()


def test_a_picture_is_kept_and_its_markup_put_into_the_stem(cast, bank, as_user, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    svg = SimpleUploadedFile("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>')
    response = as_user(cast.editor).post(new_url(), FORM | {"upload": "1", "picture": svg, "alt": "铭牌"})
    picture = Picture.objects.get()
    assert response.context["form"]["stem"].value() == f"{FORM['stem']}\n\n![铭牌](picture:{picture.digest})"


def test_the_check_answers_while_one_writes(cast, bank, as_user):
    response = as_user(cast.editor).post(
        new_url(), FORM | {"check": "1", "right": ""}, headers={"HX-Request": "true"}
    )
    assert "没有标准答案" in response.content.decode() and "<html" not in response.content.decode()


def test_an_edit_appends_a_revision_and_an_old_page_is_told(cast, bank, item, as_user):
    url = reverse("exams:item_edit", args=["general", "S1"])
    client = as_user(cast.editor)
    data = FORM | {"stem": "改过的题干？", "seen": "1"}
    assert client.post(url, data).status_code == 302
    late = client.post(url, data | {"stem": "另一处改动？"})
    assert "刚刚被他人修改" in late.content.decode()
    assert [r.number for r in item.revisions.all()] == [2, 1]


def test_a_reviewer_approves_on_the_page_and_the_history_tells_it(cast, item, as_user):
    acts.propose(item, by=cast.editor)
    client = as_user(cast.reviewer)
    client.post(reverse("exams:item_act", args=["general", "S1", "approve"]))
    page = client.get(reverse("exams:item", args=["general", "S1"]))
    item.refresh_from_db()
    assert item.state == "approved"
    assert [(one["title"], one["sub"]) for one in page.context["told"]] == [
        ("已批准", "褚审"),
        ("待审核", "陈编"),
    ]


def test_filters_leave_what_they_say(cast, bank, as_user):
    for code, more in {
        "A1": {"topic": "标识", "difficulty": "hard"},
        "A2": {"topic": "抽查", "audience": ("sells",), "categories": ("电动自行车",)},
        "A3": {"topic": "抽查", "audience": ("produces",)},
    }.items():
        acts.write(bank, single(code, stem=f"第 {code} 题？", **more), by=cast.editor)
    approved(bank.items.get(code="A3"), cast)
    client, topic = as_user(cast.editor), bank.topics.get(name="抽查")
    asked = {
        "q=A2": ["A2"],
        "q=质量法": ["A1", "A2", "A3"],
        f"topic={topic.pk}": ["A2", "A3"],
        "difficulty=hard": ["A1"],
        "audience=sells": ["A1", "A2"],
        "state=approved": ["A3"],
        "type=blank": [],
        f"category={cast.ebike.pk}": ["A2"],
        f"topic={topic.pk}&state=draft&audience=sells&q=题": ["A2"],
        "topic=nonsense&state=none": ["A1", "A2", "A3"],
    }
    url = reverse("exams:bank", args=["general"])
    found = {query: [r["code"] for r in client.get(f"{url}?{query}").context["rows"]] for query in asked}
    assert found == asked


def test_lists_cost_the_same_for_one_item_and_thirty(cast, bank, as_user):
    client = as_user(cast.editor)
    urls = [reverse("exams:bank", args=["general"]), reverse("exams:banks"), reverse("exams:blueprints")]
    acts.write(bank, single("X0", stem="第 0 题？"), by=cast.editor)

    def cost():
        counts = []
        for url in urls:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(url)
            counts.append(len(queries))
        return counts

    cost()
    one = cost()
    for n in range(1, 30):
        acts.write(bank, single(f"X{n}", stem=f"第 {n} 题？", topic=f"知识点{n}"), by=cast.editor)
    for n in range(5):
        make_bank(cast, f"more-{n}")
    assert cost() == one


def test_an_export_follows_the_filters(cast, bank, item, as_user):
    acts.write(bank, replace(single("S2", stem="难题？"), difficulty="hard"), by=cast.editor)
    response = as_user(cast.editor).get(reverse("exams:export", args=["general", "csv"]) + "?difficulty=hard")
    assert response["Content-Disposition"] == 'attachment; filename="general.csv"'
    assert [line.split(",")[0] for line in response.content.decode("utf-8-sig").splitlines()] == [
        "题目编号",
        "S2",
    ]


def test_every_page_opens_for_those_who_work_in_the_bank_and_is_unknown_to_others(cast, bank, item, as_user):
    pages = [
        reverse("exams:bank", args=["general"]),
        reverse("exams:item", args=["general", "S1"]),
        reverse("exams:export", args=["general", "xlsx"]),
    ]
    seen = {
        name: [as_user(getattr(cast, name)).get(url).status_code for url in pages]
        for name in ("editor", "reviewer", "admin", "city", "officer", "manager")
    }
    inside, outside = [200] * 3, [404] * 3
    assert seen == {
        "editor": inside, "reviewer": inside, "admin": inside, "city": outside, "officer": outside, "manager": outside
    }  # fmt: skip
    for page in ("exams:banks", "exams:import_template"):
        assert [as_user(user).get(reverse(page)).status_code for user in (cast.editor, cast.officer)] == [
            200,
            403,
        ]
    for kind in ITEM_TYPES:
        assert as_user(cast.editor).get(new_url(kind)).status_code == 200
