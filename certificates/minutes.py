"""The PDF of a version of 《抽查考核记录表》: its frozen fields, its signatures, its digest and a QR code to the public check; in Chinese always."""

import base64

from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET

from accounts import qr
from audit.context import signed
from audit.log import record
from certificates import pdf
from supervision import packing, showing
from supervision.queries import minutes as queries

MOST_SHORT = 18  # characters in half a row


def _picture(signature):
    """The picture of a signature inside the page; nothing where the name was typed or the file is gone."""
    if not signature.image or not default_storage.exists(signature.path):
        return ""
    with default_storage.open(signature.path) as file:
        return "data:image/png;base64," + base64.b64encode(file.read()).decode("ascii")


def _laid(rows):
    """Fields in rows of the table: two short ones share a row."""
    found, left = [], None
    for pair in rows:
        if len(str(pair[1])) > MOST_SHORT:
            found += [[left], [pair]] if left else [[pair]]
            left = None
        elif left:
            found.append([left, pair])
            left = None
        else:
            left = pair
    return [*found, [left]] if left else found


def _paired(cells):
    """Two signatures share a row."""
    return [cells[start : start + 2] for start in range(0, len(cells), 2)]


def render(row, *, printed_at, printed_by) -> bytes:
    """The minutes as PDF."""
    newest = queries.newest_of(row.examinee).row
    return render_kept(queries.each([row])[0], newest, printed_at=printed_at, printed_by=printed_by)


@packing.prints("minutes")
def render_kept(kept, newest, *, printed_at, printed_by) -> bytes:
    """A version that was read with what hangs on it as PDF; `newest` is the version that counts now."""
    row = kept.row
    address = settings.BASE_URL + reverse("supervision:public_minutes", args=[row.code])
    with translation.override("zh-hans"):
        context = {
            "minutes": row,
            "facts": row.facts,
            "groups": [(title, _laid(rows)) for title, rows in showing.fields(row.facts)],
            "state": showing.state_of(kept.standing)[0],
            "wanted": showing.wanted(kept.standing),
            "newest": None if newest.pk == row.pk else newest,
            "signatures": _paired([{"row": one, "picture": _picture(one)} for one in kept.signatures]),
            "refusals": kept.refusals,
            "qr": qr.svg(address),
            "address": address,
            "printed_at": printed_at.strftime("%Y-%m-%d %H:%M"),
            "printed_by": printed_by,
        }
        return pdf.render_document("certificates/pdf/minutes.html", context)


@require_GET
def minutes_pdf(request, pk):
    """The PDF of one version, by the door of the minutes."""
    row = get_object_or_404(queries.seen_by(request.user).select_related(*queries.RELATED), pk=pk)
    try:
        document = render(row, printed_at=timezone.localtime(), printed_by=signed(request.user))
    except pdf.PdfUnavailable as unavailable:
        messages.error(request, str(unavailable))
        return redirect("supervision:minutes", pk)
    record("minutes.printed", row, digest=row.digest)
    response = HttpResponse(document, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="minutes-{row.pk}-v{row.number}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
