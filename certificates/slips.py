"""One-time passwords on paper, for people who have neither e-mail nor a phone in the books."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import actions, queries
from accounts.actions.passwords import VALID
from audit.transitions import Refused
from certificates import pdf

MOST = 80  # in one document: each takes a password's hash, and a thread of those that save answers


@require_POST
def slip(request, pk):
    """A new one-time password for one person, on a slip."""
    person = get_object_or_404(queries.people_seen_by(request.user), pk=pk)
    reason = queries.why_not_issue(person, by=request.user, on=timezone.localdate())
    if reason:
        messages.error(request, _(reason))
        return redirect("people:person", pk)
    return _print(request, [person], f"slip-{person.username}.pdf") or redirect("people:person", pk)


@require_POST
def enterprise_slips(request, uscc):
    """New one-time passwords for the people of an enterprise who have not taken up their accounts, as many as one document holds."""
    enterprise = get_object_or_404(queries.enterprises_seen_by(request.user), uscc=uscc)
    people = queries.to_activate(enterprise, by=request.user, now=timezone.now(), most=MOST)
    if not people:
        messages.error(request, _("这家企业没有可由您发放一次性密码的人员。"))
        return redirect("people:enterprise", uscc)
    return _print(request, people, f"slips-{uscc}.pdf", enterprise) or redirect("people:enterprise", uscc)


def _print(request, people, name, enterprise=None):
    """The document, kept by nobody on the way; nothing, with a sentence, if it cannot be made."""
    now = timezone.localtime()

    def printed(drawn):
        slips = [{"person": person, "password": password} for person, password in drawn]
        return pdf.render_slips(
            slips,
            sign_in=settings.BASE_URL + reverse("account_login"),
            enterprise=enterprise,
            until=(now + VALID).strftime("%Y-%m-%d"),
            issued_on=now.strftime("%Y-%m-%d"),
            issued_by=request.user.name,
        )

    try:
        document = actions.issue_slips(people, by=request.user, on=now.date(), print_=printed)
    except (Refused, pdf.PdfUnavailable) as refusal:
        messages.error(request, str(refusal))
        return None
    response = HttpResponse(document, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
