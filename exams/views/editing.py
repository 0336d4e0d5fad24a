"""Writing an item: one page for all types, whole without a script; what was typed is never lost."""

from types import SimpleNamespace

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods

from audit.transitions import Refused
from exams import drafts, pictures, presenting
from exams.actions import bank as acts
from exams.doors import bank_or_404, item_or_404
from exams.engine.items import ITEM_TYPES
from exams.forms.bank import ItemForm, type_choices
from exams.forms.editors import editor_for
from exams.sentences import say


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
    found = item_or_404(found_bank, item)
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
            None,
            ngettext(
                "试题有 %(count)s 处需要改正，已填的内容都保留着。",
                "试题有 %(count)s 处需要改正，已填的内容都保留着。",
                len(problems),
            )
            % {"count": len(problems)},
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
        shown = presenting.shown(presenting.question(0, 1, place, None, {}))
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
