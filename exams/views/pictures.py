"""Pictures of items, given only to those who may see an item that shows them."""

from django.core.files.storage import default_storage
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from exams.models import Picture
from exams.pictures import TYPES

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
A_YEAR = 365 * 24 * 3600


@require_safe
def picture(request, digest):
    """One picture; its name is its digest, so it may be kept for ever by the browser that was given it."""
    found = get_object_or_404(Picture.objects.seen_by(request.user), digest=digest)
    response = FileResponse(default_storage.open(found.path), content_type=TYPES[found.kind])
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = f"private, max-age={A_YEAR}, immutable"
    response.headers["Content-Disposition"] = f'inline; filename="{found}"'
    return response
