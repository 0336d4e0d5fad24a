"""The ledger of messages, for those who answer for it: search, proof of one, and the words of all kinds."""

from django.conf import settings
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import exporting, scope
from accounts.paging import export_address, page_of
from messaging import kinds, presenting
from messaging.doors import for_operators, seen_or_404
from messaging.forms.ledger import LedgerFilter
from messaging.queries import ledger as queries


@for_operators
@require_GET
@never_cache
def ledger(request):
    """Every message in one's reach with what became of it, the newest first."""
    form = LedgerFilter(request.GET)
    chosen = form.values()
    found = queries.search(request.user, **{name: value or None for name, value in chosen.items()})
    if exporting.is_asked(request):
        return _workbook(request, found, form)
    page = page_of(request, found)
    return render(
        request,
        "messaging/ledger.html",
        {
            "form": form,
            "is_filtered": any(chosen.values()),
            "page_obj": page,
            "rows": [presenting.listed(one) for one in page],
            "export_url": export_address(request),
            "batches": _batches(request, any(chosen.values())),
            "is_test": settings.MESSAGES_TEST,
        },
    )


def _batches(request, is_filtered):
    """What was planned of late, for whoever administers the whole tree; a batch knows no units."""
    if is_filtered or not scope.administers_all(request.user):
        return []
    silent = queries.silent_batches(timezone.now(), is_test=settings.MESSAGES_TEST)
    quiet = set(silent.values_list("pk", flat=True))
    return [
        {"it": one, "label": presenting.label_of(one.kind), "is_silent": one.pk in quiet}
        for one in queries.batches()
    ]


def _workbook(request, found, form):
    header = [
        _("接收人"), _("用户名"), _("种类"), _("内容"), _("计划时间"), _("进入收件箱"), _("站外渠道"), _("站外发出"),
        _("阅读时间"), _("确认时间"), _("状态"),
    ]  # fmt: skip
    rows = (
        [
            one.recipient.name, one.recipient.username, presenting.label_of(one.kind), presenting.words(one).title,
            *map(_at, (one.planned_at, one.arrived_at)), one.get_channel_display(),
            *map(_at, (one.sent_at, one.read_at, one.confirmed_at)), one.get_last_display(),
        ]
        for one in found.iterator(2000)
    )  # fmt: skip
    return exporting.answer(request, _("消息台账.xlsx"), header, rows, action="messages.exported", form=form)


def _at(moment):
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else ""


@for_operators
@require_GET
@never_cache
def proof(request, pk):
    """What became of one message, line by line: the proof that somebody was told."""
    found = seen_or_404(request, pk)
    return render(
        request,
        "messaging/proof.html",
        {
            "it": found,
            "label": presenting.label_of(found.kind),
            "title": presenting.words(found).title,
            "tone": presenting.TONES[found.last],
            "lines": [presenting.line(one) for one in found.ledger.order_by("number")],
            "person": found.recipient,
        },
    )


@for_operators
@require_GET
def preview(request):
    """The words of every kind in both languages, with invented facts."""
    return render(
        request,
        "messaging/kinds.html",
        {"kinds": [presenting.preview(kind) for kind in kinds.KINDS.values()]},
    )
