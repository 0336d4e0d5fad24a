"""Acts of those who write and review items."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import scope
from accounts.permissions import roles
from audit.transitions import Refused, Stale, move
from exams import drafts
from exams.actions import revisions
from exams.engine.items import ITEM_TYPES
from exams.models import Item, Picture
from exams.queries.bank import across
from exams.sentences import fill

ACROSS = {  # by whether the bank is for practice
    True: gettext_noop("考试题库里的试题 %(code)s 内容相同；练习会给出答案，不能放进练习题库。"),
    False: gettext_noop("练习题库里的试题 %(code)s 内容相同；它的答案学员已经看过，不能放进考试题库。"),
}


class Unsound(Refused):
    """A draft in which the engine found problems; they are kept for the page to show beside the fields."""

    def __init__(self, problems):
        self.problems = problems
        super().__init__(_("试题有 %(count)s 处问题，没有保存。") % {"count": len(problems)})


def may_write(user, bank):
    """Whether the person edits this bank."""
    return any(bank.unit.path.startswith(path) for path in scope.paths(user, *roles("banks.write")))


def may_review(user, bank):
    """Whether the person reviews this bank."""
    return any(bank.unit.path.startswith(path) for path in scope.paths(user, *roles("banks.review")))


def why_not_write(item, user):
    """Give the reason why a person may not write a new revision, or nothing."""
    if not may_write(user, item.bank):
        return _("只有本题库的编辑可以修改试题。")
    if item.state == Item.State.RETIRED:
        return _("试题已停用，不能再修改。")
    return ""


def why_not_propose(item, user):
    """Give the reason why a person may not hand the item to review, or nothing."""
    if not may_write(user, item.bank):
        return _("只有本题库的编辑可以提交审核。")
    if item.state != Item.State.DRAFT:
        return _("只有草稿可以提交审核。")
    return ""


def why_not_approve(item, user):
    """Give the reason why a person may not approve the current revision, or nothing: four eyes."""
    if not may_review(user, item.bank):
        return _("只有本题库的审核人可以批准试题。")
    if item.state != Item.State.IN_REVIEW:
        return _("只有待审核的试题可以批准。")
    if item.current.author_id == user.pk:
        return _("不能批准自己编写的试题，请由另一位审核人批准。")
    if not drafts.is_vouched_for(item.current):
        return _("核实情况仍写着尚未核实；请编辑核实并更新后再批准。")
    return ""


def why_not_send_back(item, user):
    """Give the reason why a person may not send the item back to its author, or nothing."""
    if not may_review(user, item.bank):
        return _("只有本题库的审核人可以退回试题。")
    if item.state != Item.State.IN_REVIEW:
        return _("只有待审核的试题可以退回。")
    return ""


def why_not_retire(item, user):
    """Give the reason why a person may not retire the item, or nothing."""
    if not may_review(user, item.bank):
        return _("只有本题库的审核人可以停用试题。")
    if item.state != Item.State.APPROVED:
        return _("只有已批准的试题可以停用。")
    return ""


@transaction.atomic
def write(bank, draft, *, by, item=None, seen=None):
    """Append a revision: of a new item, or of the given one if its revision is still the one that was seen.

    What is kept is what an export and an import would bring back. The same content again changes nothing. An
    approved or proposed item goes back to draft.
    """
    if item is None:
        if not may_write(by, bank):
            raise Refused(_("只有本题库的编辑可以新增试题。"))
        if Item.objects.filter(bank=bank, code=draft.code).exists():
            raise Refused(_("题目编号 %(code)s 已在本题库中使用。") % {"code": draft.code})
    else:
        item = _locked(item)
        _refuse(why_not_write(item, by))
        if seen is not None and item.current.number != seen:
            raise Stale(_("这道题刚刚被他人修改，请刷新后再改。"))
        draft = replace(draft, code=item.code, type=item.type)
    categories = drafts.Categories()
    draft = _sound(draft, categories)
    if item is not None and draft == drafts.house_form(drafts.draft_of(item), categories):
        return item
    _refuse(_duplicate(bank, draft, item))
    (item,) = revisions.append(bank, [(item, draft)], by=by, categories=categories)
    if item.state in (Item.State.APPROVED, Item.State.IN_REVIEW):
        move(item, to=Item.State.DRAFT, by=by, why=_("内容有修改"))
    return item


@transaction.atomic
def propose(item, *, by):
    """Hand a draft to the reviewers."""
    item = _locked(item)
    _refuse(why_not_propose(item, by))
    return move(item, to=Item.State.IN_REVIEW, by=by)


@transaction.atomic
def approve(item, *, by):
    """Approve the current revision; whoever wrote it may not."""
    item = _locked(item)
    _refuse(why_not_approve(item, by))
    return move(item, to=Item.State.APPROVED, by=by, why=_("版本 %(n)s") % {"n": item.current.number})


@transaction.atomic
def send_back(item, *, by, why):
    """Give a proposed item back to its author with the reason."""
    item = _locked(item)
    _refuse(why_not_send_back(item, by) or ("" if why.strip() else _("请写明退回的原因。")))
    return move(item, to=Item.State.DRAFT, by=by, why=why.strip())


@transaction.atomic
def retire(item, *, by, why):
    """Take an approved item out of use for ever, with the reason; papers that hold it stay as they are."""
    item = _locked(item)
    _refuse(why_not_retire(item, by) or ("" if why.strip() else _("请写明停用的原因。")))
    return move(item, to=Item.State.RETIRED, by=by, why=why.strip())


def problems_of(draft):
    """Give what the engine finds wrong with a draft."""
    return ITEM_TYPES[draft.type].check(draft.stem, draft.body, draft.key)


def _sound(draft, categories):
    problems = problems_of(draft)
    if problems:
        raise Unsound(problems)
    kept, faults = drafts.through_workbook(draft)
    if kept is None:
        raise Refused("；".join(f"{fault.column}：{say_fault(fault)}" for fault in faults))
    missing = set(drafts.pictures_of(kept))
    missing -= set(Picture.objects.filter(digest__in=missing).values_list("digest", flat=True))
    if missing:
        raise Refused(_("找不到图片 %(name)s，请重新上传。") % {"name": min(missing)})
    return drafts.house_form(kept, categories)


def say_fault(fault):
    """Give a problem of a workbook in the reader's language, with its advice."""
    return f"{fill(fault.template, fault.params)}；{fill(fault.advice, fault.params)}"


def _duplicate(bank, draft, item):
    same = Item.objects.filter(bank=bank, current__stem_hash=drafts.content_hash(draft))
    same = same.exclude(state=Item.State.RETIRED).exclude(pk=item.pk if item else None).first()
    if same:
        return _("内容与试题 %(code)s 相同。") % {"code": same.code}
    for code in across(bank, [drafts.content_hash(draft)]).values():
        return _(ACROSS[bank.is_practice]) % {"code": code}
    return ""


def _locked(item):
    found = Item.objects.select_for_update(of=("self",)).select_related("bank__unit", "current", "topic")
    return found.get(pk=item.pk)


def _refuse(reason):
    if reason:
        raise Refused(reason)
