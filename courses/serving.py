"""Giving out files of lessons: a film in the pieces that a player asks for, everything closed to whatever a file might do."""

import re

from django.core.files.storage import default_storage
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from courses.files import TYPES

CLOSED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
IN_OUR_PAGE = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PIECE = 64 * 1024
A_YEAR = 365 * 24 * 3600


def piece_of(header, size):
    """(first, last) byte that a Range header asks for, None for the whole, or ValueError where there is nothing."""
    found = RANGE.fullmatch(header.strip()) if header else None
    if not found or found.groups() == ("", ""):
        return None  # several pieces at once, or nonsense: the whole is always a right answer
    begin, end = found.groups()
    if not begin:
        first, last = max(size - int(end), 0), size - 1
    else:
        first, last = int(begin), min(int(end), size - 1) if end else size - 1
    if first >= size or first > last:
        raise ValueError(header)
    return first, last


def file_answer(request, file):
    """The answer with a file or with a piece of it; its name is its digest, so the browser may keep it."""
    try:
        piece = piece_of(request.headers.get("Range", ""), file.size)
    except ValueError:
        return _closed(HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"}), file)
    first, last = piece or (0, file.size - 1)
    answer = StreamingHttpResponse(
        _bytes(file.path, first, last), status=206 if piece else 200, content_type=TYPES[file.kind]
    )
    answer.headers["Content-Length"] = last - first + 1
    answer.headers["Accept-Ranges"] = "bytes"
    if piece:
        answer.headers["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    return _closed(answer, file)


def _closed(answer, file):
    answer.headers["Content-Security-Policy"] = IN_OUR_PAGE if file.kind == "pdf" else CLOSED
    if file.kind == "pdf":
        answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = f"private, max-age={A_YEAR}, immutable"
    answer.headers["Content-Disposition"] = content_disposition_header(False, file.name)
    return answer


def _bytes(path, first, last):
    with default_storage.open(path) as source:
        source.seek(first)
        left = last - first + 1
        while left > 0 and (data := source.read(min(PIECE, left))):
            left -= len(data)
            yield data
