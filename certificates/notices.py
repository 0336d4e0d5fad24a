"""The notice of a spot check on paper: to the person and to her enterprise, in Chinese whatever its reader reads."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.views.decorators.http import require_GET

from audit.context import signed
from audit.log import record
from certificates import pdf
from certificates.views import as_pdf
from supervision import presenting_notices as presenting
from supervision.actions import notices as acts
from supervision.models import SpotNotice


@require_GET
def spot_notice(request, pk, number):
    """One version of an examinee's notice as PDF; that she or her enterprise takes it is written down as read."""
    found = SpotNotice.objects.seen_by(request.user).select_related(
        "unit",
        "examinee__check_of",
        "examinee__registration__session",
        "examinee__registration__candidate",
        "examinee__registration__post__enterprise__unit",
    )
    notice = get_object_or_404(found, examinee=pk, number=number)
    try:
        document = render(notice, printed_at=timezone.localtime(), printed_by=signed(request.user))
    except pdf.PdfUnavailable as unavailable:
        messages.error(request, str(unavailable))
        return redirect("supervision:notice", pk)
    acts.read(notice, by=request.user)
    record("notice.printed", notice, version=number)
    return as_pdf(document, f"notice-{notice.year}-{notice.serial_number}.pdf")


def render(notice, *, printed_at, printed_by) -> bytes:
    """The notice as PDF, with the pass that the door reads."""
    registration = notice.examinee.registration
    with translation.override("zh-hans"):
        context = {
            "notice": notice,
            "person": registration.candidate,
            "post": registration.post,
            "enterprise": registration.post.enterprise,
            "check": notice.examinee.check_of,
            "span": presenting.span(notice),
            "seat": presenting.seat(notice),
            "pass": presenting.pass_of(notice, registration),
            "issued_on": timezone.localtime(notice.at),
            "printed_at": printed_at.strftime("%Y-%m-%d %H:%M"),
            "printed_by": printed_by,
        }
        return pdf.render_document("certificates/pdf/spot_notice.html", context)
