"""Files between their preview and their import."""

from pathlib import Path

import pytest

from accounts import uploads

CONTENT = bytes(range(256))


@pytest.fixture(autouse=True)
def room(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "imports"


def test_a_file_is_given_to_its_owner_for_its_purpose_only(cast, room):
    token = uploads.keep(cast.city, CONTENT, "a.csv", "bank 1")
    asked = [
        (cast.city, "bank 1"),
        (cast.city, "bank 2"),
        (cast.city, "people"),
        (cast.editor, "bank 1"),
    ]
    assert [uploads.kept(user, token, purpose) for user, purpose in asked] == [
        (CONTENT, "a.csv"),
        None,
        None,
        None,
    ]
    assert not [path for path in room.iterdir() if CONTENT[64:96] in path.read_bytes()]


def test_a_file_is_taken_once(cast, room):
    token = uploads.keep(cast.city, CONTENT, "a.csv")
    assert uploads.take(cast.editor, token) is None
    assert [uploads.take(cast.city, token) for _time in range(2)] == [(CONTENT, "a.csv"), None]
    assert [*room.iterdir()] == []


def test_of_two_who_take_at_once_one_gets_it(cast, monkeypatch):
    token = uploads.keep(cast.city, CONTENT, "a.csv")
    found = uploads.kept(cast.city, token)
    monkeypatch.setattr(uploads, "kept", lambda *who: found)  # both have looked before either takes
    assert [uploads.take(cast.city, token) for _time in range(2)] == [found, None]


def test_sweeping_bears_another_sweep_at_the_same_time(cast, room, monkeypatch):
    token = uploads.keep(cast.city, CONTENT, "a.csv")
    ghost = room / "gone.bin"
    listed = [ghost, *room.iterdir()]
    monkeypatch.setattr(Path, "iterdir", lambda self: iter(listed))
    monkeypatch.setattr(uploads, "KEPT_SECONDS", -60)
    uploads.sweep()
    assert [path.exists() for path in listed] == [False, False, False]
    monkeypatch.undo()
    assert uploads.kept(cast.city, token) is None
