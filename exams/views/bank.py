"""The bank desk: banks, items, one item with its acts, and the page on which items are written."""

from types import SimpleNamespace

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.transitions import Refused
from exams import drafts, markup, pictures, presenting
from exams.actions import bank as acts
from exams.doors import bank_or_404
from exams.engine.items import ITEM_TYPES
from exams.engine.items.base import plain
from exams.forms.bank import FilterForm, ItemForm, type_choices
from exams.forms.editors import editor_for
from exams.models import Item
from exams.queries import bank as queries
from exams.sentences import say

PAGE = 30
TONES = {"draft": "", "in_review": "warn", "approved": "ok", "retired": "stop"}


def _item_or_404(bank, code):
    found = Item.objects.filter(bank=bank).select_related("bank__unit", "current__author", "topic")
    return get_object_or_404(found, code=code)


@require_GET
def banks(request):
    """The banks that the person works in, with counts."""
    return render(request, "exams/bank/banks.html", {"banks": queries.banks_of(request.user)})


@require_GET
def bank(request, code):
    """The items of one bank, filtered by the address."""
    found = bank_or_404(request.user, code)
    form = FilterForm(request.GET, bank=found)
    page = Paginator(queries.items_of(found, form.chosen), PAGE).get_page(request.GET.get("page"))
    filters = request.GET.copy()
    filters.pop("page", None)
    return render(
        request,
        "exams/bank/bank.html",
        {
            "bank": found,
            "form": form,
            "page_obj": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "rows": [_row(found, item) for item in page],
            "filters": filters.urlencode(),
            "may_write": acts.may_write(request.user, found),
        },
    )


def _row(bank, item):
    return {
        "url": reverse("exams:item", args=[bank.code, item.code]),
        "code": item.code,
        "stem": plain(item.current.stem),
        "type": _(ITEM_TYPES[item.type].label),
        "topic": item.topic.name,
        "difficulty": item.current.get_difficulty_display(),
        "state": item.get_state_display(),
        "tone": TONES[item.state],
        "number": item.current.number,
    }


# --- one item -------------------------------------------------------------------------------------------------------


@require_GET
def item(request, code, item):
    """One item: as a candidate sees it, with key, rationale, provisions, history and uses."""
    found_bank = bank_or_404(request.user, code)
    found = _item_or_404(found_bank, item)
    revisions, told = queries.history_of(found)
    shown = _revision_asked_for(request, revisions) or found.current
    return render(
        request,
        "exams/bank/item.html",
        {
            "bank": found_bank,
            "item": found,
            "tone": TONES[found.state],
            "revision": shown,
            "is_old": shown.pk != found.current_id,
            "face": face(drafts.draft_of(found, shown, ())),
            "key_told": ITEM_TYPES[found.type].tell(shown.body, shown.key),
            "facts": _facts(found, shown),
            "provisions": shown.provisions.select_related("document"),
            "revisions": revisions,
            "told": [_told(event) for event in told],
            "uses": queries.uses_of(found),
            **_acts(found, request.user),
        },
    )


def face(draft):
    """A draft as the sitting page would show it, options in the order written."""
    place = SimpleNamespace(
        position=0, section="", type=draft.type, points=draft.points, stem=draft.stem, body=draft.body
    )
    shown = presenting.question(1, place, None, {})
    shown["rationale"] = markup.render(draft.rationale)
    for part, source in zip(shown.get("parts", ()), draft.body.get("parts", ()), strict=False):
        part["rationale"] = markup.render(source.get("rationale", ""))
        part["basis"] = presenting.provision(source.get("basis", ""), source.get("clause", ""))
    return shown


def _revision_asked_for(request, revisions):
    number = request.GET.get("revision", "")
    return next((one for one in revisions if str(one.number) == number), None)


def _facts(item, revision):
    audience = dict(ItemForm.base_fields["audience"].choices)
    days = [str(day) if day else "…" for day in (revision.in_force_from, revision.in_force_to)]
    rows = [
        (_("题型"), _(ITEM_TYPES[item.type].label)),
        (_("知识点"), item.topic.name),
        (_("难度"), revision.get_difficulty_display()),
        (_("建议分值"), f"{revision.points.normalize():f}"),
        (_("产品类别"), "、".join(row.name for row in item.categories.all()) or _("通用")),
        (_("适用对象"), "、".join(str(audience.get(code, code)) for code in revision.audience) or _("不限")),
        (
            _("生效期间"),
            " – ".join(days) if any((revision.in_force_from, revision.in_force_to)) else _("不限"),
        ),
        (_("法规依据"), presenting.provision(revision.basis, revision.clause)),
    ]
    return rows + [(name, text) for name, text in revision.notes.items()]


def _told(event):
    labels = dict(Item.State.choices)
    state = event.action.rpartition(".")[2]
    return {
        "at": event.at,
        "title": labels.get(state, event.action),
        "text": event.data.get("why", ""),
        "sub": event.actor_name,
        "tone": TONES.get(state) or "plain",
    }


def _acts(item, user):
    may_write, may_review = acts.may_write(user, item.bank), acts.may_review(user, item.bank)
    return {
        "may_write": may_write,
        "may_review": may_review,
        "why_not_write": acts.why_not_write(item, user),
        "why_not_propose": acts.why_not_propose(item, user),
        "why_not_approve": acts.why_not_approve(item, user),
        "may_send_back": not acts.why_not_send_back(item, user),
        "may_retire": not acts.why_not_retire(item, user),
    }


ACTS = {
    "propose": (acts.propose, False, gettext_noop("已提交审核。")),
    "approve": (acts.approve, False, gettext_noop("已批准，可以组卷抽取。")),
    "send-back": (acts.send_back, True, gettext_noop("已退回作者。")),
    "retire": (acts.retire, True, gettext_noop("已停用，不再抽取。")),
}


@require_POST
def item_act(request, code, item, act):
    """Propose, approve, send back or retire."""
    found = _item_or_404(bank_or_404(request.user, code), item)
    if act not in ACTS:
        raise Http404
    verb, needs_reason, done = ACTS[act]
    try:
        verb(found, by=request.user, **({"why": request.POST.get("why", "")} if needs_reason else {}))
        messages.success(request, _(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("exams:item", code, item)


# --- writing --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def item_new(request, code):
    """Choose a type, then write a new item."""
    found = bank_or_404(request.user, code)
    if not acts.may_write(request.user, found):
        messages.error(request, _("只有本题库的编辑可以新增试题。"))
        return redirect("exams:bank", code)
    kind = request.GET.get("type", "")
    if kind not in ITEM_TYPES:
        kinds = [(kind, label, _(HINTS[kind])) for kind, label in type_choices()]
        return render(request, "exams/bank/choose_type.html", {"bank": found, "kinds": kinds})
    return _edit(request, found, kind)


HINTS = {
    "single": gettext_noop("若干选项中只有一个正确"),
    "multiple": gettext_noop("若干选项中有两个以上正确"),
    "truefalse": gettext_noop("判断一句话正确还是错误"),
    "blank": gettext_noop("在空格里填写数字、名称或词语"),
    "case": gettext_noop("一段材料带若干小题"),
}


@require_http_methods(["GET", "POST"])
def item_edit(request, code, item):
    """Write a new revision of an item."""
    found_bank = bank_or_404(request.user, code)
    found = _item_or_404(found_bank, item)
    reason = acts.why_not_write(found, request.user)
    if reason:
        messages.error(request, reason)
        return redirect("exams:item", code, item)
    return _edit(request, found_bank, found.type, found)


def _edit(request, bank, kind, item=None):
    editor = editor_for(kind)
    if item is not None:
        editor.load(item.current.body, item.current.key)
    if request.method == "GET":
        initial = ItemForm.initial_of(drafts.draft_of(item), drafts.Categories()) if item else {}
        return _show_editor(request, bank, ItemForm(initial=initial, kind=kind, item=item), editor)
    data = request.POST.copy()
    editor.read(data)
    if "add" in data:
        editor.add(data["add"])
    elif "remove" in data:
        editor.remove(data["remove"])
    elif "upload" in data:
        _insert_picture(request, data)
    elif "check" not in data:
        return _save(request, bank, ItemForm(data, kind=kind, item=item), editor)
    form = _unjudged(data, kind, item)
    if request.htmx and "check" in data:
        return render(request, "exams/bank/check.html", _checked(form, editor))
    if request.htmx:
        return render(request, editor.template, {"editor": editor, "form": form, "is_whole": True})
    return _show_editor(request, bank, form, editor)


def _unjudged(data, kind, item):
    """A form that shows what was typed so far and finds no fault with it yet."""
    form = ItemForm(data, kind=kind, item=item)
    form._errors = {}
    form.cleaned_data = {}
    return form


def _save(request, bank, form, editor):
    if not form.is_valid():
        _show_problems(
            form, editor, ITEM_TYPES[form.kind].check(form.data.get("stem", ""), *editor.body_and_key())
        )
        return _show_editor(request, bank, form, editor)
    try:
        seen = request.POST.get("seen", "")
        item = acts.write(
            bank,
            form.draft(*editor.body_and_key()),
            by=request.user,
            item=form.item,
            seen=int(seen) if seen.isdecimal() else None,
        )
    except acts.Unsound as refusal:
        _show_problems(form, editor, refusal.problems)
    except Refused as refusal:
        form.add_error(None, str(refusal))
    else:
        messages.success(request, _("已保存为版本 %(number)s。") % {"number": item.current.number})
        return redirect("exams:item", bank.code, item.code)
    return _show_editor(request, bank, form, editor)


def _show_problems(form, editor, problems):
    for problem in problems:
        if problem.where == "stem":
            form.add_error("stem", say(problem))
    editor.take_problems([(problem.where, problem) for problem in problems if problem.where != "stem"])
    if problems and not form.errors:
        form.add_error(
            None, _("试题有 %(count)s 处需要改正，已填的内容都保留着。") % {"count": len(problems)}
        )


def _insert_picture(request, data):
    upload = request.FILES.get("picture")
    if upload is None:
        messages.error(request, _("请先选择图片文件。"))
        return
    try:
        if upload.size > pictures.LARGEST:
            raise Refused(_("图片超过 3 MB，请压缩后再上传。"))
        kept = pictures.keep(upload.read(), request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return
    alt = data.get("alt", "").strip().translate(str.maketrans("", "", "[]()\n")) or _("图")
    words = f"![{alt}](picture:{kept.digest})"
    data["stem"] = f"{data.get('stem', '').rstrip()}\n\n{words}".lstrip()
    messages.success(request, _("图片已插入题干末尾，可以把它剪切到需要的位置。"))


def _checked(form, editor):
    stem = form.data.get("stem", "")
    body, key = editor.body_and_key()
    problems = ITEM_TYPES[form.kind].check(stem, body, key)
    shown = None
    if stem.strip():
        points = form.data.get("points") or ""
        place = SimpleNamespace(position=0, section="", type=form.kind, points=points, stem=stem, body=body)
        shown = presenting.question(1, place, None, {})
    return {"problems": [say(problem) for problem in problems], "face": shown}


def _show_editor(request, bank, form, editor):
    kind = form.kind
    return render(
        request,
        "exams/bank/edit.html",
        {
            "bank": bank,
            "form": form,
            "editor": editor,
            "item": form.item,
            "kind": kind,
            "kind_label": _(ITEM_TYPES[kind].label),
            "topics": bank.topics.values_list("name", flat=True),
            "own": [form[name] for name in ("difficulty", "points", "topic") if name in form.fields],
            "legal": [form[name] for name in ("basis", "clause") if name in form.fields],
            "days": [form["in_force_from"], form["in_force_to"]],
            "notes": [form[name] for name in ItemForm.NOTES if name in form.fields],
        },
    )
