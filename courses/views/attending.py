"""Coming to a class: its page for whoever may come, the code that her phone scanned, arriving and leaving."""

from django.contrib import messages
from django.core import signing
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from audit.transitions import Refused
from courses import presenting_classes, rules_classes
from courses.actions import classes as acts
from courses.doors_classes import open_class_or_404
from courses.forms.classes import CodeForm
from courses.models import ClassSign
from courses.queries import classes as queries

SALT = "courses.class ticket"
TICKET_SECONDS = 90  # between the code that was scanned and the tap that says so
Direction, How = ClassSign.Direction, ClassSign.How


def _standing(request, meeting):
    """What a class is to its reader: her signs, whether she is there, and what she does next."""
    attendance, signs = queries.attendance_of(meeting, request.user)
    is_here = bool(signs) and signs[-1].direction == Direction.ARRIVED
    credit = getattr(attendance, "credit", None)
    return {
        "meeting": meeting,
        "told": presenting_classes.meeting(meeting, timezone.now()),
        "facts": presenting_classes.facts(meeting),
        "signs": signs,
        "is_here": is_here,
        "credit": credit,
        "direction": str(Direction.LEFT if is_here else Direction.ARRIVED),
        "why_not": rules_classes.why_not_sign(meeting, timezone.now()),
    }


@require_GET
@never_cache
def one(request, pk):
    """A class for whoever may come to it."""
    found = open_class_or_404(request, pk)
    return render(request, "courses/classes/class.html", _standing(request, found) | {"form": CodeForm()})


@require_GET
@never_cache
def scanned(request, pk, code):
    """The code of the screen was scanned: it passes for some seconds, within which she says that she arrives or leaves."""
    found = open_class_or_404(request, pk)
    context = _standing(request, found)
    try:
        if context["why_not"]:
            raise Refused(context["why_not"])
        acts.check_code(found, code, by=request.user)
    except Refused as refused:
        return render(request, "courses/classes/sign.html", context | {"problem": str(refused)}, status=422)
    ticket = signing.dumps({"class": pk, "person": request.user.pk, "to": context["direction"]}, salt=SALT)
    return render(request, "courses/classes/sign.html", context | {"ticket": ticket})


@require_POST
def sign(request, pk):
    """She arrives or leaves: by the ticket of a scanned code, or by the code itself, typed."""
    found = open_class_or_404(request, pk)
    try:
        direction, how = _said(request, found)
        acts.sign(found, request.user, direction=direction, how=how)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            _("签到成功，离开时请再扫码签退。") if direction == Direction.ARRIVED else _("已签退。"),
        )
    return redirect("courses:class", pk)


def _said(request, meeting):
    """(direction, how) of what was sent, or Refused."""
    if "ticket" in request.POST:
        try:
            ticket = signing.loads(request.POST["ticket"], salt=SALT, max_age=TICKET_SECONDS)
        except signing.BadSignature:
            raise Refused(_("扫码后等得太久，请重新扫描屏幕上的二维码。")) from None
        if (ticket["class"], ticket["person"]) != (meeting.pk, request.user.pk):
            raise Refused(_("这次扫码不是您的，请用自己的手机扫描。"))
        return ticket["to"], How.SCANNED
    direction = request.POST.get("direction", "")
    if direction not in Direction.values:
        raise Refused(_("请求的格式无法识别。"))
    if reason := rules_classes.why_not_sign(meeting, timezone.now()):
        raise Refused(reason)
    acts.check_code(meeting, request.POST.get("code", "")[:20], by=request.user)
    return direction, How.TYPED
