"""The bank desk: banks, items, one item with its acts, and the page on which items are written."""

from types import SimpleNamespace

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.doors import holding
from accounts.permissions import roles
from accounts.scope import has_role
from audit.transitions import Refused
from exams import drafts, markup, presenting
from exams.actions import bank as acts
from exams.actions import banks as banks_acts
from exams.doors import WORK, bank_or_404, item_or_404
from exams.engine.items import ITEM_TYPES
from exams.engine.items.base import plain
from exams.forms.bank import BankForm, FilterForm, ItemForm
from exams.models import Item
from exams.queries import bank as queries

PAGE = 30
TONES = {"draft": "", "in_review": "warn", "approved": "ok", "retired": "stop"}


@require_GET
@holding(*WORK)
def banks(request):
    """The banks that the person works in, with counts."""
    may_enter = has_role(request.user, *roles("banks.write"))
    return render(
        request, "exams/bank/banks.html", {"banks": queries.banks_of(request.user), "may_enter": may_enter}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(*roles("banks.write"))
def bank_new(request):
    """Set up a bank, for papers or for practice."""
    form = BankForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = banks_acts.enter(form.instance, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("题库已建立，可以开始编写或导入试题。"))
            return redirect("exams:bank", made.code)
    return render(request, "exams/bank/new_bank.html", {"form": form}, status=422 if form.errors else 200)


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
    found = item_or_404(found_bank, item)
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
    shown = presenting.question(0, 1, place, None, {})
    shown["rationale"] = markup.render(draft.rationale)
    for part, source in zip(shown.get("parts", ()), draft.body.get("parts", ()), strict=False):
        part["rationale"] = markup.render(source.get("rationale", ""))
        part["basis"] = presenting.provision(source.get("basis", ""), source.get("clause", ""))
    shown["html"] = presenting.shown(shown)
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
        (_("产品类别"), "、".join(row.label for row in item.categories.all()) or _("通用")),
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
        "sub": event.who,
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
    found = item_or_404(bank_or_404(request.user, code), item)
    if act not in ACTS:
        raise Http404
    verb, needs_reason, done = ACTS[act]
    try:
        verb(found, by=request.user, **({"why": request.POST.get("why", "")} if needs_reason else {}))
        messages.success(request, _(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("exams:item", code, item)
