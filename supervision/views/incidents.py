"""The incidents of a check, entered on a tablet in the room."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit.transitions import Refused
from exams.asking import whole
from supervision import rules
from supervision.actions import incidents as acts
from supervision.doors import check_or_404, for_desk, for_holders
from supervision.forms.incidents import IncidentForm
from supervision.models import Examinee, SpotCheck
from supervision.queries import incidents as queries
from supervision.queries import sittings


@for_holders
@require_http_methods(["GET", "HEAD", "POST"])
def incidents(request, code):
    """The incidents so far, and the form for the next one or for the correction of one."""
    check = check_or_404(request, code)
    corrected = _corrected(check, request.POST.get("corrects") or request.GET.get("corrects"))
    choices = {"examinees": sittings.examinees(check), "acts": queries.acts_of(check)}
    if request.method == "POST":
        form = IncidentForm(request.POST, request.FILES, **choices)
        if form.is_valid() and _noted(request, check, corrected, form.cleaned_data):
            return redirect("supervision:incidents", code)
        if form.errors:
            messages.error(request, form.problem())
    else:
        form = IncidentForm(initial=_initial(request, corrected), **choices)
    return render(
        request,
        "supervision/incidents.html",
        {
            "check": check,
            "incidents": queries.incidents(check),
            "form": form,
            "corrected": corrected,
            "why_not": rules.why_not_note_incident(check),
        },
        status=422 if form.errors else 200,
    )


def _noted(request, check, corrected, said):
    """Whether it was noted; why not is said."""
    photos = said.pop("photos")
    try:
        acts.note(check, by=request.user, papers=photos, corrects=corrected, **said)
    except Refused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, _("考场事件已登记。"))
    return True


def _corrected(check, text):
    """The incident that is to be corrected, or None."""
    if not text:
        return None
    found = check.incidents.filter(pk=whole(text, 0)).first()
    if found is None:
        raise Http404
    return found


def _initial(request, corrected):
    if corrected:
        names = ("examinee", "category", "text", "happened_at", "act")
        return {name: getattr(corrected, name) for name in names}
    return {"examinee": request.GET.get("examinee", ""), "happened_at": timezone.localtime()}


@for_desk
@require_GET
def of_session(request, session):
    """From the live board of a session to the incidents of its check, with whoever sits the named attempt chosen."""
    checks = SpotCheck.objects.run_by(request.user)
    check = checks.filter(
        Q(session__code=session) | Q(examinees__registration__session__code=session)
    ).first()
    if check is None:
        raise Http404
    attempt = whole(request.GET.get("attempt"), 0)
    examinee = Examinee.objects.filter(check_of=check, registration__attempts=attempt).first()
    answer = redirect("supervision:incidents", check.code)
    if examinee:
        answer["Location"] += f"?examinee={examinee.pk}"
    return answer
