"""The door of a held session, on a tablet: the list, the code on the wall, the pass that somebody shows, and the one big button."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import qr
from accounts.doors import holding
from audit.transitions import Refused
from exams.actions import arrivals as acts
from exams.engine import startcode
from exams.engine.items.blank import UNKEEPABLE
from exams.forms.hall import DOOR, NoteForm
from exams.models import Arrival, ExamSession, Registration
from exams.queries import arrivals as queries
from exams.queries import sessions as session_queries
from exams.rules import why_not_go

WORKER = settings.BASE_DIR / "static/js/hall-worker.js"
LARGEST = 300_000  # bytes of one sending: 500 notes with their reasons
TONES = {
    "present": "ok", "late": "warn", "absent": "stop", "substitute": "stop", "sitting": "info", "ended": "",
}  # fmt: skip

for_desk = holding(*session_queries.RUNS)


def _run(request, code):
    """A held session that the visitor runs."""
    sessions = ExamSession.objects.run_by(request.user).select_related("unit", "exam")
    return get_object_or_404(sessions, code=code, is_held=True)


def _clock(moment):
    return timezone.localtime(moment).strftime("%H:%M:%S")


def _words():
    """What the list says of where somebody stands."""
    return dict(Arrival.Outcome.choices) | {
        "awaited": _("未到"),
        "sitting": _("答题中"),
        "ended": _("已交卷"),
    }


def _state(row, words):
    """What a row shows beside the name, for the page and for its module."""
    held = row.counts
    return {
        "standing": row.standing,
        "label": str(words[row.standing]),
        "tone": TONES.get(row.standing, ""),
        "at": _clock(held.noted_at) if held else "",
        "by": _("%(name)s · %(device)s") % {"name": held.by, "device": held.device or _("网页")}
        if held
        else "",
        "why": held.why if held else "",
        "coded": row.registration.code_at is not None,
        "is_in": row.standing in ("present", "late", "sitting", "ended"),
        "doubled": row.is_doubled,
        "told": [
            f"{_clock(note.noted_at)} {note.get_outcome_display()} · {note.by} · {note.device or _('网页')}"
            for note in row.notes
        ]
        if row.is_doubled or len(row.notes) > 1
        else [],
    }


def _top(session, rows, now):
    """What stands above the list: the code, how many are where, who came to the wrong room, and whether all may begin."""
    counts = queries.counts(rows)
    return {
        "session": session,
        "counts": counts,
        "line": [
            (_("已登记"), len(rows)), (_("已签到"), counts["here"]), (_("口令已输"), sum(r.registration.code_at is not None for r in rows)),
            (_("可以开考"), counts["ready"]), (_("答题中"), counts["sitting"]), (_("已交卷"), counts["ended"]),
            (_("缺考"), counts["absent"]), (_("身份不符"), counts["substitute"]), (_("未到"), counts["awaited"]),
        ],
        "strangers": list(queries.strangers(session)[:50]),
        "code": startcode.code(acts.secret_of(session), startcode.window(now)),
        "seconds": startcode.seconds_left(now),
        "why_not_go": why_not_go(session, now),
    }  # fmt: skip


@for_desk
@require_GET
@never_cache
def hall(request, code):
    """The list at the door; the part above it is asked again every five seconds."""
    session, now = _run(request, code), timezone.now()
    rows = queries.rows_of(session)
    top = _top(session, rows, now)
    if request.headers.get("HX-Request") == "true":
        return render(request, "exams/hall/top.html", top)
    words = _words()
    response = render(
        request,
        "exams/hall/hall.html",
        {
            "rows": [{"row": row, **_state(row, words)} for row in rows],
            "outcomes": DOOR,
            "config": {
                "notes": reverse("exams:hall_notes", args=[code]),
                "worker": reverse("exams:hall_worker", args=[code]),
                "shelf": f"hall:{session.pk}:{request.user.pk}",
                "now": now.timestamp(),
                "people": [
                    {
                        "pk": row.registration.pk,
                        "name": row.registration.candidate.name,
                        "pass": queries.pass_of(row.registration.pk),
                    }
                    for row in rows
                ],
            },
            **top,
        },
    )
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    return response


@for_desk
@require_GET
@never_cache
def hall_worker(request, code):
    """The worker that keeps this list for when there is no network; it is served here because it reaches no further than its place."""
    _run(request, code)
    return HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")


@for_desk
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def hall_notes(request, code):
    """What the list's module asks and sends: where everybody stands, and notes that a device kept while it had no network."""
    session = _run(request, code)
    kept = []
    if request.method == "POST":
        try:
            device, notes = _notes(request, session)
        except (ValueError, KeyError, TypeError, RecursionError):
            return JsonResponse({"problem": _("请求的格式无法识别。")}, status=400)
        try:
            acts.note(session, notes, by=request.user, device=device)
        except Refused as refused:
            return JsonResponse({"problem": str(refused)}, status=422)
        kept = [str(one.key) for one in notes]
    words = _words()
    rows = {row.registration.pk: _state(row, words) for row in queries.rows_of(session)}
    return JsonResponse({"kept": kept, "rows": rows})


def _notes(request, session):
    """The notes of a JSON body; an error where it is anything else, or where a stranger's note lacks her pass."""
    if request.content_type != "application/json" or len(request.body) > LARGEST:
        raise ValueError("not a list of notes")
    body = json.loads(request.body.decode())
    ours = set(session.registrations.admitted().values_list("pk", flat=True))
    notes = []
    for one in body["notes"]:
        pk = one["registration"]
        if type(pk) is not int or not 0 < pk < 2**63:
            raise ValueError("no key")
        if pk not in ours and not queries.is_pass(pk, str(one.get("pass", ""))):
            raise ValueError("nobody's pass")
        if UNKEEPABLE.search(why := str(one.get("why", ""))):
            raise ValueError("no text")
        at = parse_datetime(str(one["at"]))
        if at is None or timezone.is_naive(at):
            raise ValueError("no moment")
        notes.append(acts.Note(UUID(str(one["key"])), pk, str(one["outcome"]), str(one["how"]), at, why))
    return UNKEEPABLE.sub("", str(body.get("device", "")))[:20], notes


@for_desk
@require_POST
def hall_note(request, code, pk):
    """One note from a plain form, of the list or of the page that a pass opens."""
    session = _run(request, code)
    registration = get_object_or_404(session.registrations.admitted().select_related("candidate"), pk=pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("签到结果无法识别，没有登记。"))
        return redirect("exams:hall", code)
    how = Arrival.How.QR if request.POST.get("how") == Arrival.How.QR else Arrival.How.LIST
    said = form.cleaned_data
    try:
        acts.note(
            session,
            [acts.Note(uuid4(), registration.pk, said["outcome"], how, None, said["why"])],
            by=request.user,
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        label = dict(Arrival.Outcome.choices)[said["outcome"]]
        messages.success(
            request,
            _("%(name)s：%(outcome)s，已登记。") % {"name": registration.candidate.name, "outcome": label},
        )
    return redirect("exams:hall", code)


@for_desk
@require_GET
@never_cache
def arrive(request, pk, given):
    """What somebody's pass opens for whoever runs her session: who she should be, and the outcomes to choose from."""
    registration = get_object_or_404(
        Registration.objects.admitted()
        .filter(session__in=ExamSession.objects.run_by(request.user))
        .select_related("session__unit", "candidate", "post__enterprise__unit", "seat__room"),
        pk=pk,
    )
    if not queries.is_pass(pk, given) or not registration.session.is_held:
        raise Http404
    notes = tuple(Arrival.objects.filter(registration=registration).select_related("by").order_by("number"))
    return render(
        request,
        "exams/hall/arrive.html",
        {
            "session": registration.session,
            "registration": registration,
            "state": _state(queries.Row(registration, notes), _words()),
            "outcomes": DOOR,
            "form": NoteForm(),
            "is_today": abs(registration.session.opens_at - timezone.now()) < timedelta(days=1)
            or registration.session.opens_at <= timezone.now() <= registration.session.closes_at,
        },
    )


@for_desk
@require_GET
@never_cache
def hall_screen(request, code):
    """The wall: the code in large letters, asked again every few seconds."""
    session, now = _run(request, code), timezone.now()
    part = request.headers.get("HX-Request") == "true"
    address = settings.BASE_URL + reverse("exams:session", args=[code])
    return render(
        request,
        "exams/hall/wall.html" if part else "exams/hall/screen.html",
        {
            "session": session,
            "now": now,
            "code": startcode.code(acts.secret_of(session), startcode.window(now)),
            "seconds": startcode.seconds_left(now),
            "address": address,
            "qr": qr.svg(address),
        },
    )


@for_desk
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def go(request, code):
    """Let everybody begin; first asked once more, for it cannot be taken back."""
    session, now = _run(request, code), timezone.now()
    if request.method != "POST":
        counts = queries.counts(queries.rows_of(session))
        reason = why_not_go(session, now)
        return render(
            request, "exams/hall/go.html", {"session": session, "counts": counts, "why_not": reason}
        )
    try:
        acts.go(session, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        ready = queries.counts(queries.rows_of(session))["ready"]
        messages.success(
            request,
            ngettext(
                "已放行，%(count)s 名考生可以开始答题。", "已放行，%(count)s 名考生可以开始答题。", ready
            )
            % {"count": ready},
        )
    return redirect("exams:hall", code)
