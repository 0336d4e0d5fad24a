"""Files of lessons: told by their content, limited, pictures and PDFs made clean, kept once a course by the digest of their bytes."""

import hashlib
import re

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from accounts import papers
from audit.log import record
from audit.transitions import Refused
from courses.models import LessonFile
from exams import pictures

LARGEST_VIDEO = 300 * 1024 * 1024
LARGEST_CAPTIONS = 1024 * 1024
TYPES = {
    **pictures.TYPES,
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "vtt": "text/vtt; charset=utf-8",
}
PICTURES = frozenset(pictures.TYPES)
VIDEOS = frozenset({"mp4", "webm"})
STAMP = re.compile(r"\d{2}:\d{2}\.\d{3} --> ")


def keep_picture(course, upload, *, by):
    """Keep a picture of an article."""
    found = pictures.prepare(upload.read())
    return _keep(course, found.data, found.kind, upload.name, by)


def keep_document(course, upload, *, by):
    """Keep a PDF that does nothing by itself."""
    found = papers.prepare(upload.read(), upload.name)
    if found.kind != "pdf":
        raise Refused(_("文档课时请上传 PDF 文件。"))
    return _keep(course, found.data, "pdf", upload.name, by)


def keep_video(course, upload, *, by):
    """Keep a film as a browser can play it."""
    if upload.size > LARGEST_VIDEO:
        raise Refused(_("视频超过 300 MB，请压缩后再上传。"))
    head = upload.read(8)
    if head[4:8] == b"ftyp":
        kind = "mp4"
    elif head.startswith(b"\x1a\x45\xdf\xa3"):
        kind = "webm"
    else:
        raise Refused(_("无法识别这个视频文件；可以上传 MP4 或 WebM。"))
    return _keep_file(course, upload, kind, upload.name, by)


def keep_captions(course, upload, *, by):
    """Keep captions in WebVTT."""
    if upload.size > LARGEST_CAPTIONS:
        raise Refused(_("字幕文件超过 1 MB。"))
    try:
        text = upload.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(_("字幕文件请用 UTF-8 编码。")) from None
    if not text.startswith("WEBVTT") or not STAMP.search(text):
        raise Refused(_("字幕文件请用 WebVTT 格式（第一行是 WEBVTT）。"))
    return _keep(course, text.encode("utf-8"), "vtt", upload.name, by)


def _keep(course, data, kind, name, by):
    return _keep_file(course, ContentFile(data), kind, name, by)


def _keep_file(course, content, kind, name, by):
    """Keep what an open file holds, read in pieces: a film never lies in memory as a whole."""
    found = hashlib.sha256()
    for piece in content.chunks():
        found.update(piece)
    row = LessonFile(
        course=course,
        digest=found.hexdigest(),
        kind=kind,
        name=papers.tidy(name, kind),
        size=content.size,
        by=by,
    )
    if known := LessonFile.objects.filter(course=course, digest=row.digest).first():
        return known
    if not default_storage.exists(row.path):
        default_storage.save(row.path, content)
    row.save()
    record("lesson_file.kept", row, by=by, kind=kind, bytes=row.size)
    return row
