"""Banks for practice and banks for papers: which one a bank is, is said once, and no content stands on both sides."""

import dataclasses

import pytest

from audit.models import AuditEvent
from audit.transitions import Refused
from exams import drafts, workbooks
from exams.actions import bank as acts
from exams.actions import banks
from exams.actions.imports import import_items
from exams.models import Item, ItemBank
from tests import build

pytestmark = pytest.mark.django_db


def bank_of(cast, code, is_practice):
    return banks.enter(
        ItemBank(code=code, name=code, unit=cast.city_organ, is_practice=is_practice), by=cast.editor
    )


@pytest.mark.parametrize(("told", "is_practice"), [("1", True), ("", False)])
def test_an_editor_sets_up_a_bank_of_either_kind(cast, as_user, told, is_practice):
    client = as_user(cast.editor)
    sent = {
        "name": "练习",
        "code": "fresh",
        "unit": cast.city_organ.pk,
        "category": "",
        "description": "",
        "is_practice": told,
    }
    assert client.post("/banks/new/", sent).url == "/banks/fresh/"
    bank = ItemBank.objects.get(code="fresh")
    assert bank.is_practice is is_practice
    assert AuditEvent.objects.filter(action="bank.entered", target=f"exams.itembank:{bank.pk}").count() == 1
    assert (
        "不进入任何试卷；这一点建立后不能再改" in client.get("/banks/fresh/").content.decode()
    ) is is_practice
    again = client.post("/banks/new/", sent)
    assert (again.status_code, ItemBank.objects.count()) == (422, 1)


@pytest.mark.parametrize("code", ["new", "template", "with space", ""])
def test_a_code_that_no_address_could_name_is_refused_and_nothing_typed_is_lost(cast, as_user, code):
    answer = as_user(cast.editor).post(
        "/banks/new/", {"name": "练习题", "code": code, "unit": cast.city_organ.pk}
    )
    assert answer.status_code == 422 and "练习题" in answer.content.decode()
    assert not ItemBank.objects.exists()


def test_nobody_sets_up_a_bank_where_she_does_not_edit(cast, as_user):
    sent = {"name": "企业", "code": "away", "unit": cast.jinhai.unit_id}
    assert as_user(cast.editor).post("/banks/new/", sent).status_code == 422
    assert as_user(cast.reviewer).post("/banks/new/", sent).status_code == 403
    with pytest.raises(Refused, match="只有本单位的题库编辑可以新建题库。"):
        banks.enter(ItemBank(code="x", name="x", unit=cast.city_organ), by=cast.reviewer)


def written(cast, bank, stem):
    """An item of that stem, as its editor writes it."""
    [old] = build.make_bank(cast, f"{bank.code}-source", each=0, truefalse=1).items.all()
    draft = dataclasses.replace(drafts.draft_of(old), code=f"{bank.code}-item", stem=stem)
    Item.objects.filter(pk=old.pk).update(state=Item.State.RETIRED)
    return acts.write(bank, draft, by=cast.editor)


@pytest.mark.parametrize(("first", "sentence"), [(False, "不能放进练习题库"), (True, "不能放进考试题库")])
def test_what_stands_on_one_side_cannot_be_written_on_the_other(cast, first, sentence):
    here, there = bank_of(cast, "here", first), bank_of(cast, "there", not first)
    item = written(cast, here, "产品出厂前应当检验合格。")
    copy = dataclasses.replace(drafts.draft_of(item), code="copy")
    with pytest.raises(Refused, match=sentence):
        acts.write(there, copy, by=cast.editor)
    file = workbooks.open_file("copy.csv", workbooks.write_file([copy], "csv"))
    outcome = import_items(there, file.read(), by=cast.editor)
    assert [problem.template for problem in outcome.problems] == [
        "练习题库与考试题库不能有相同的题：试题 %(code)s 已在另一类题库中"
    ]
    assert not there.items.exists()


def test_an_item_that_was_practised_stays_out_of_papers_even_when_it_was_rewritten_since(cast):
    practice, papers = bank_of(cast, "practice", True), bank_of(cast, "papers", False)
    item = written(cast, practice, "产品出厂前应当检验合格。")
    first = dataclasses.replace(drafts.draft_of(item), code="copy")
    acts.write(
        practice,
        dataclasses.replace(drafts.draft_of(item), stem="完全不同的一句话。"),
        by=cast.editor,
        item=item,
    )
    with pytest.raises(Refused, match="不能放进考试题库"):
        acts.write(papers, first, by=cast.editor)


def test_an_item_that_was_retired_from_papers_may_be_practised(cast):
    practice, papers = bank_of(cast, "practice", True), bank_of(cast, "papers", False)
    item = written(cast, papers, "产品出厂前应当检验合格。")
    copy = dataclasses.replace(drafts.draft_of(item), code="copy")
    Item.objects.filter(pk=item.pk).update(state=Item.State.RETIRED)
    assert acts.write(practice, copy, by=cast.editor).bank == practice
