"""What the sitting page sends: answers, the hand-in, and the question whether both sides hold the same."""

import json

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from audit.transitions import Refused
from exams import limits, presenting, tokens
from exams.actions import attempts, refusing, signals
from exams.asking import time_of, whole
from exams.devices import device_of
from exams.models import Attempt
from exams.queries import papers, responses, sitting

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@require_POST
def save(request, pk):
    """Take answers: JSON from the page's module, or a plain form, which then moves on."""
    if request.content_type in FORMS:
        return _save_form(request, pk)
    return _answer_json(request, attempts.save, pk)


@require_POST
def hand_in(request, pk):
    """Hand in, from the page's module or from the plain form."""
    if request.content_type not in FORMS:
        return _answer_json(request, attempts.hand_in, pk, by=request.user)
    get_object_or_404(Attempt.objects.of(request.user), pk=pk)
    try:
        attempts.hand_in(request.user, pk, by=request.user, device=device_of(request))
    except Refused as refused:
        refusing.note(pk, refused, by=request.user, device=device_of(request), answers=0)
        messages.error(request, str(refused))
        return redirect("exams:sitting", pk)
    return redirect("exams:result", pk)


def _answer_json(request, act, pk, **more):
    """Do an act with the entries of a JSON body; every outcome is an answer that the page's module understands."""
    try:
        body = _body(request)
        entries = _entries(body)
        if body.get("auto") is True and act is attempts.hand_in:
            more["auto"] = True
    except (ValueError, KeyError, TypeError, RecursionError):
        return JsonResponse({"problem": _("请求的格式无法识别。")}, status=400)
    try:
        done = act(request.user, pk, entries=entries, device=device_of(request), sealed=True, **more)
    except Attempt.DoesNotExist:
        return JsonResponse({"problem": _("没有这份答卷。")}, status=404)
    except Refused as refused:
        refusing.note(pk, refused, by=request.user, device=device_of(request), answers=len(entries))
        return _refusal(refused)
    if isinstance(done, attempts.Saved):
        limits.charge(request.user.pk, len(entries))
        if "signals" in body:
            signals.take(pk, body["signals"])
        return JsonResponse({"last": done.last, "head": done.head, **time_of(done.deadline)})
    last, head = attempts.heard(done)
    return JsonResponse({"state": done.state, "last": last, "head": head})


def _refusal(refused):
    """The answer that tells the page's module what kind of refusal it was."""
    told = {"problem": str(refused)}
    if isinstance(refused, attempts.Behind):
        return JsonResponse(told | {"last": refused.last}, status=409)
    if isinstance(refused, attempts.Closed):
        return JsonResponse(told, status=410)
    if isinstance(refused, attempts.Waiting):
        told["state"] = refused.why
        return JsonResponse(told | (time_of(refused.deadline) if refused.deadline else {}), status=423)
    return JsonResponse(told, status=422)


def _body(request):
    """A JSON body that is an object; an error where it is anything else."""
    if request.content_type != "application/json":
        raise ValueError("neither a form nor JSON")
    body = json.loads(request.body.decode(), object_pairs_hook=_once, parse_constant=_never)
    if type(body) is not dict:
        raise TypeError("not an object")
    return body


def _entries(body):
    """The entries of a body; an error where they are anything else."""
    return [
        _entry(e["number"], e["position"], e["payload"], e.get("flagged", False))
        for e in _list(body["entries"])
    ]


def _entry(number, position, payload, flagged):
    # A truth value is a number to Python, and "1" may become one; neither comes from a page of ours.
    if (
        type(number) is not int
        or type(position) is not int
        or type(payload) is not dict
        or type(flagged) is not bool
    ):
        raise TypeError("not an entry")
    return attempts.Entry(number, position, payload, flagged)


def _list(value):
    if type(value) is not list:
        raise TypeError("not a list")
    return value


def _once(pairs):
    """An object whose keys each stand there once: of two answers to one question nobody could tell which was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _never(name):
    raise ValueError(f"{name} is no JSON")


@require_GET
@never_cache
def check(request, pk):
    """Compare both sides: `head` is the last link that the page holds. Where it is another, all that counts here comes along.

    Only then is everything read that was ever said in the attempt.
    """
    door = Attempt.objects.of(request.user).select_related("registration__session")
    attempt = get_object_or_404(door, pk=pk)
    attempt = attempts.close_if_due(attempt)
    last, head = attempts.heard(attempt)
    seen = {
        "state": attempt.state,
        "last": last,
        "head": head,
        "agrees": head == request.GET.get("head"),
        "elsewhere": bool(attempt.device) and attempt.device != device_of(request),
        "paused": attempt.paused_at is not None,
        **time_of(attempt.deadline, attempt.paused_at),
    }
    if attempt.paused_at:
        seen["why"] = sitting.why_paused(attempt)
    if not seen["agrees"] and attempt.state == Attempt.State.IN_PROGRESS:
        said = responses.events(attempt)
        if said:  # something may have been said meanwhile
            seen |= {"last": said[-1].number, "head": said[-1].link}
        seen["answers"] = {
            position: [
                event.number,
                tokens.closed(attempt.pk, position, event.payload),
                event.flagged,
                int(event.saved_at.timestamp() * 1000),
            ]
            for position, event in responses.counting(said).items()
        }
    return JsonResponse(seen)


def _save_form(request, pk):
    """Save what the plain form holds and differs from what is stored, then go where the pressed button says."""
    attempt = get_object_or_404(Attempt.objects.of(request.user), pk=pk)
    said = _said_by_form(request, attempt)
    try:
        try:
            attempts.save(request.user, pk, entries := _differing(attempt, said), device=device_of(request))
        except attempts.Behind:  # another page was quicker; what this one says comes after it
            attempts.save(request.user, pk, entries := _differing(attempt, said), device=device_of(request))
        limits.charge(request.user.pk, len(entries))
    except Refused as refused:
        refusing.note(pk, refused, by=request.user, device=device_of(request), answers=len(said))
        messages.error(request, str(refused))
        return redirect("exams:result" if isinstance(refused, attempts.Closed) else "exams:sitting", pk)
    go = request.POST.get("go", "")
    step = "ask=hand-in" if go == "hand-in" else f"q={whole(go, 1)}"
    return redirect(f"{reverse('exams:sitting', args=[pk])}?{step}")


def _said_by_form(request, attempt):
    """What a plain form says: {position: (payload, flagged)}; what cannot be read is told and left out."""
    outline = papers.outline(attempt.paper_id)
    asked = [whole(one, 0) for one in request.POST.getlist("position")]
    positions = [one for one in asked if 1 <= one <= len(outline.places)]
    said = {}
    for position, payload in presenting.answers_of_form(request.POST, positions).items():
        try:
            payload = attempts.canonical(attempt.pk, outline, position, payload, sealed=True)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            said[position] = (payload, f"f{position}" in request.POST)
    return said


def _differing(attempt, said):
    """The entries that bring what is stored to what was said."""
    stored, last = responses.latest(attempt)
    held = {position: (event.payload, event.flagged) for position, event in stored.items()}
    differing = [(position, *one) for position, one in said.items() if one != held.get(position, ({}, False))]
    return [attempts.Entry(last + n, *one) for n, one in enumerate(differing, start=1)]
