"""A film is kept in pieces: whatever its size, no more than a piece of it is read at once."""

import hashlib

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile

from courses import files
from courses.tests import stories

FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 12_000


def test_a_film_that_came_through_a_file_is_kept_without_being_read_at_once(
    cast, settings, tmp_path, monkeypatch
):
    settings.MEDIA_ROOT = tmp_path
    upload = TemporaryUploadedFile("片.mp4", "video/mp4", len(FILM), None)
    upload.write(FILM)
    upload.seek(0)
    asked, read = [], upload.file.read
    monkeypatch.setattr(upload.file, "read", lambda size=-1: asked.append(size) or read(size), raising=False)
    kept = files.keep_video(stories.drafted(cast), upload, by=cast.editor)
    upload.close()
    assert (kept.digest, kept.size, kept.kind) == (hashlib.sha256(FILM).hexdigest(), len(FILM), "mp4")
    with default_storage.open(kept.path) as source:
        assert source.read() == FILM
    assert all(0 < size <= upload.DEFAULT_CHUNK_SIZE for size in asked)
