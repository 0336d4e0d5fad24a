"""Giving out a kept file whose door was passed: nothing in it may run, and nothing keeps it."""

from django.core.files.storage import default_storage
from django.http import FileResponse
from django.utils.http import content_disposition_header

from accounts import papers

CLOSED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def file_answer(kept):
    """The answer with one kept file: anything with `path`, `kind` and `name`. A PDF is downloaded, a picture shown."""
    response = FileResponse(default_storage.open(kept.path), content_type=papers.TYPES[kept.kind])
    response["Content-Disposition"] = content_disposition_header(kept.kind == "pdf", kept.name)
    response["Content-Security-Policy"] = CLOSED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
