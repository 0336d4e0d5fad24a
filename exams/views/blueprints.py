"""Blueprints: the list, one table of specifications with what there is for each line, and writing it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import scope
from accounts.doors import holding
from accounts.paging import page_of
from accounts.permissions import roles
from audit.transitions import Refused
from exams.actions import blueprints as acts
from exams.engine.items import ITEM_TYPES
from exams.forms.bank import AUDIENCES
from exams.forms.blueprints import BlueprintFilter, BlueprintForm, Choices, LineForms
from exams.models import Blueprint, Difficulty
from exams.queries import bank as bank_queries

TONES = {"draft": "", "published": "ok", "retired": "stop"}


@require_GET
@holding(*roles("blueprints.see"))
def blueprints(request):
    """The blueprints that the person may use, with their totals."""
    form = BlueprintFilter(request.GET)
    page = page_of(request, bank_queries.list_blueprints(request.user, **form.values()))
    return render(
        request,
        "exams/blueprints/blueprints.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": [{"blueprint": one, "tone": TONES[one.state], "points": one.points} for one in page],
            "may_write": scope.has_role(request.user, *roles("blueprints.write")),
        },
    )


def _blueprint_or_404(user, code):
    return get_object_or_404(Blueprint.objects.run_by(user).select_related("unit"), code=code)


@require_GET
def blueprint(request, code):
    """One table of specifications, and whether it can be filled today."""
    found = _blueprint_or_404(request.user, code)
    rows = list(found.lines.select_related("bank", "topic", "item__bank"))
    outlook = _outlook(found.unit, rows)
    draft = found.state == Blueprint.State.DRAFT
    return render(
        request,
        "exams/blueprints/blueprint.html",
        {
            "blueprint": found,
            "tone": TONES[found.state],
            "lines": _lines(rows, outlook),
            "outlook": outlook,
            "is_draft": draft,
            "may_write": acts.may_write(request.user, found.unit),
            "why_not_edit": acts.why_not_edit(found, request.user),
            "why_not_publish": (outlook.why_not or ("" if rows else _("蓝图还没有任何一行。")))
            if draft
            else "",
        },
    )


def _outlook(unit, rows):
    asked = acts.engine_lines(rows)
    return acts.outlook(asked, acts.drawables(unit, rows, timezone.localdate()))


def _lines(rows, outlook):
    """The rows in words, each with what there is for it."""
    audience, difficulty = dict(AUDIENCES), dict(Difficulty.choices)
    return [
        {
            "position": row.position,
            "section": row.section,
            "count": row.count,
            "points": row.points,
            "total": row.count * row.points,
            "words": _words(row, audience, difficulty),
            "available": outlook.available[row.position],
            "is_short": outlook.available[row.position] < row.count,
        }
        for row in rows
    ]


def _words(row, audience, difficulty):
    """The filters of a line as words; an empty one says nothing."""
    words = [
        row.bank.name if row.bank_id else "",
        row.topic.name if row.topic_id else "",
        _(ITEM_TYPES[row.type].label) if row.type else "",
        difficulty.get(row.difficulty, ""),
        *(audience.get(code, "") for code in row.audience),
        _("指定 %(code)s") % {"code": row.item.code} if row.item_id else "",
    ]
    return [str(word) for word in words if word]


@require_http_methods(["GET", "POST"])
def blueprint_new(request):
    """A new blueprint; for those who edit banks."""
    if not scope.has_role(request.user, *roles("blueprints.write")):
        messages.error(request, _("只有题库编辑可以新建组卷蓝图。"))
        return redirect("exams:blueprints")
    return _edit(request, Blueprint())


@require_http_methods(["GET", "POST"])
def blueprint_edit(request, code):
    """Write the lines of a draft."""
    found = _blueprint_or_404(request.user, code)
    reason = acts.why_not_edit(found, request.user)
    if reason:
        messages.error(request, reason)
        return redirect("exams:blueprint", code)
    return _edit(request, found)


def _edit(request, blueprint):
    choices = Choices(request.user)
    if request.method == "GET":
        form = BlueprintForm(instance=blueprint, user=request.user)
        if not blueprint.pk:
            units = list(form.fields["unit"].queryset[:1])
            form.initial["unit"] = units[0] if units else None
        rows = blueprint.lines.select_related("item") if blueprint.pk else []
        return _show(request, blueprint, form, LineForms(choices, rows=rows))
    data = request.POST
    form = BlueprintForm(data, instance=blueprint, user=request.user)
    lines = LineForms(choices, data=data)
    if "add" in data or "remove" in data:
        gone = int(data["remove"]) if data.get("remove", "").isdecimal() else None
        typed = {name: form[name].value() for name in form.fields}
        form = BlueprintForm(initial=typed, instance=blueprint, user=request.user)
        return _show(request, blueprint, form, lines.retyped(add="add" in data, remove=gone))
    outlook = _foreseen(form, blueprint, lines) if "check" in data else None
    if request.htmx and outlook:
        return render(
            request,
            "exams/blueprints/outlook.html",
            {"outlook": outlook, "counted": _counted(lines, outlook)},
        )
    if outlook is None and form.is_valid() & lines.is_valid():
        try:
            kept = acts.write(form.instance, lines.rows(), by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("蓝图已保存。"))
            return redirect("exams:blueprint", kept.code)
    return _show(request, blueprint, form, lines, outlook)


def _foreseen(form, blueprint, lines):
    form.is_valid()
    unit = form.cleaned_data.get("unit") or (blueprint.unit if blueprint.unit_id else None)
    rows = lines.rows()
    if unit is None:
        return acts.outlook(acts.engine_lines(rows), [])
    return _outlook(unit, rows)


def _counted(lines, outlook):
    """Section, wanted and available of every sound line."""
    return [
        {
            "position": row.position,
            "section": row.section,
            "count": row.count,
            "available": outlook.available[row.position],
            "is_short": outlook.available[row.position] < row.count,
        }
        for row in lines.rows()
    ]


def _show(request, blueprint, form, lines, outlook=None):
    context = {"blueprint": blueprint, "form": form, "lines": lines, "outlook": outlook}
    if outlook:
        context["counted"] = _counted(lines, outlook)
    return render(request, "exams/blueprints/edit.html", context)


ACTS = {
    "publish": (acts.publish, gettext_noop("蓝图已发布，可以用它安排考试。")),
    "retire": (acts.retire, gettext_noop("蓝图已停用。")),
    "copy": (acts.copy, gettext_noop("已复制为新的草稿。")),
}


@require_POST
def blueprint_act(request, code, act):
    """Publish, retire or copy."""
    found = _blueprint_or_404(request.user, code)
    if act not in ACTS:
        raise Http404
    verb, done = ACTS[act]
    try:
        found = verb(
            found, by=request.user, **({"why": request.POST.get("why", "")} if act == "retire" else {})
        )
        messages.success(request, _(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("exams:blueprint", found.code)
