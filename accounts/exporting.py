"""Lists to take away: numbers masked unless a reason is given, written down either way, and signed inside the file."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.paging import filters_used
from accounts.planning import chunks
from accounts.reach import Places, Reach, places_of
from accounts.workbooks import list_workbook
from audit.context import acting, signed
from audit.log import record
from audit.models import Outcome

MOST_ROWS = 50_000
SHORTEST_REASON = 4
XLSX = "xlsx"
FULL = "full"


@dataclass(frozen=True)
class Sealed:
    """A cell with a number of a person: her mask, or in a full export what stands behind it."""

    person: User
    name: str  # id_number or phone
    mask: str = ""

    def __str__(self):
        return self.mask or getattr(self.person, {"id_number": "id_mask", "phone": "phone_mask"}[self.name])


def is_asked(request):
    """Whether the list is wanted as a workbook: by its address, masked; by a form with a reason, in full."""
    return (request.GET.get("export") == XLSX and request.method == "GET") or is_full(request)


def is_full(request):
    """Whether the numbers are asked for in full."""
    return request.method == "POST" and request.POST.get("export") == FULL


def answer(request, name, header, rows: Iterable, *, action, form=None, target=None):
    """The list as a workbook, or the way back to the page with the sentence why not.

    In full means: of the people whose numbers the visitor may read one by one as well (`Reach.why_sealed`); the others stay
    masked and are counted. The log keeps the reason and the counts, and the last lines of the sheet say who took it, when,
    by which filters and why, so that a copy tells where it came from.
    """
    if is_full(request) and (represented := acting().represented) is not None:
        record("acting.refused", represented, outcome=Outcome.REFUSED, place=request.resolver_match.view_name)
        return _back(request, _("代为操作期间不能导出完整号码；没有导出。"))
    reason = request.POST.get("reason", "").strip() if is_full(request) else ""
    if is_full(request) and len(reason) < SHORTEST_REASON:
        return _back(request, _("请写明导出完整号码的理由，至少 4 个字。"))
    rows = list(islice(rows, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        return _back(request, _("一次最多导出 {most} 行，请先用筛选条件缩小范围。").format(most=MOST_ROWS))
    chosen = form.values() if form else {}
    told = {"rows": len(rows), **filters_used(chosen)}
    notes = [*_signature(request, form, chosen), _("证件号码和手机号已隐去中间各位。")]
    if is_full(request):
        opened, kept = _opened(request.user, rows)
        told |= {"full": len(opened), "masked": kept, "why": reason}
        notes[-1] = _(
            "含 {count} 人的完整证件号码和手机号，另有 {kept} 人不在可查看之列；理由：{reason}"
        ).format(count=len(opened), kept=kept, reason=reason)
        rows = [[_in_full(cell, opened) for cell in row] for row in rows]
    record(action, target or request.user, by=request.user, **told)
    return list_workbook(name, header, rows, notes)


def _back(request, sentence):
    messages.error(request, sentence)
    chosen = request.GET.copy()
    chosen.pop("export", None)
    return redirect(f"{request.path}?{chosen.urlencode()}" if chosen else request.path)


def _opened(visitor, rows):
    """The people of a list whose numbers the visitor may read, and how many the others are."""
    people = {cell.person.pk for row in rows for cell in row if isinstance(cell, Sealed)}
    reach, opened = Reach(visitor, timezone.localdate()), set()
    for some in chunks(people):
        places = places_of(some, reach.on)
        opened |= {pk for pk in some if not reach.why_sealed(places.get(pk, Places()))}
    return opened, len(people) - len(opened)


def _in_full(cell, opened):
    if isinstance(cell, Sealed) and cell.person.pk in opened:
        return getattr(cell.person, cell.name)
    return cell


def _signature(request, form, chosen):
    """Who took the list, when, and by which filters; what was searched for is not repeated, it may be a number itself."""
    at = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    real, _represented = acting().hands(request.user)
    yield _("导出人：{name}（{username}）　时间：{at}").format(
        name=signed(request.user), username=real.username, at=at
    )
    used = []
    for name, value in chosen.items():
        if not value:
            continue
        field = form.fields[name]
        words = dict(getattr(field, "choices", ())) or {}
        used.append(_("搜索") if name == "q" else f"{field.label}：{words.get(value, value)}")
    yield _("筛选：{filters}").format(filters=_("；").join(map(str, used)) or _("无"))
