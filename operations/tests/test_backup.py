"""Backup and restore: the refusals here, the drill under load through the bench that also runs it at full size."""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from hashlib import sha256

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from audit.transitions import Refused
from operations import backups, restoring
from operations.models import Backup


def test_a_restore_drill_under_load_loses_nothing():
    """R17: saved, backed up meanwhile, restored into an empty house, every chain verified, everybody goes on to the end."""
    kind = "sqlite" if connection.vendor == "sqlite" else "postgres"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "restore", "--db", kind, "--users", "6"],
        cwd=settings.BASE_DIR,
        env={name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "VAR_DIR")}
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VENV_PYTHON": sys.executable,
            "SAVES_PER_SECOND": "0",  # six people hurry as two hundred would
        },
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.count("differences: 0") == 2
    assert "verified: 6 attempts, 96 answers, 96 scores" in done.stdout


@pytest.fixture
def house(settings, tmp_path):
    """A state folder with one picture in it."""
    settings.VAR_DIR = tmp_path / "var"
    settings.MEDIA_ROOT = settings.VAR_DIR / "media"
    (settings.MEDIA_ROOT / "evidence").mkdir(parents=True)
    (settings.MEDIA_ROOT / "evidence" / "1.png").write_bytes(b"picture")
    return settings


@pytest.fixture
def made(house, transactional_db):
    """A backup of an empty database with one picture; afterwards the picture is gone."""
    if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not on this machine")
    path = backups.make(house.VAR_DIR / "backups")["path"]
    shutil.rmtree(house.MEDIA_ROOT / "evidence")
    return path


def test_a_backup_says_what_it_holds_and_no_key_is_in_it(house, made):
    with tarfile.open(made) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
        parts = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}
    database = backups.DATABASE[connection.vendor]
    assert set(parts) == {database, "media/evidence/1.png", "manifest.json"}
    assert manifest["members"]["media/evidence/1.png"] == {
        "bytes": 7,
        "sha256": sha256(b"picture").hexdigest(),
    }
    assert ["exams", "0002_chains"] in manifest["migrations"]
    for key in (*house.FIELD_KEYS.values(), house.SECRET_KEY):
        assert not any(key.encode() in part for part in parts.values())
    assert manifest["left_out"] == 0
    noted = Backup.objects.get()  # where every node reads it
    assert (noted.path, noted.bytes, noted.node) == (made, os.path.getsize(made), socket.gethostname())
    assert os.stat(made).st_mode & 0o077 == 0  # nobody else reads it
    assert [path.name for path in (house.VAR_DIR / "backups").iterdir() if path.name.startswith(".")] == []


def test_only_the_newest_are_kept_and_nothing_else_is_touched(house, transactional_db):
    folder = house.VAR_DIR / "backups"
    folder.mkdir(parents=True)
    for day in (1, 2, 3):
        (folder / f"zhikao-2026010{day}T000000Z.tar").touch()
    (folder / "notes.tar").touch()
    call_command("backup", keep=2, stdout=io.StringIO())
    kept = sorted(path.name for path in folder.glob("*.tar"))
    assert kept[:2] == ["notes.tar", "zhikao-20260103T000000Z.tar"] and len(kept) == 3


def test_a_medium_that_vanishes_meanwhile_is_left_out_and_counted(
    house, transactional_db, monkeypatch, caplog
):
    listed = [*backups.media(), ("media/evidence/2.png", house.MEDIA_ROOT / "evidence" / "2.png")]
    monkeypatch.setattr(backups, "media", lambda: listed)
    path = backups.make(house.VAR_DIR / "backups")["path"]
    with tarfile.open(path) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
    assert (manifest["left_out"], len(manifest["members"])) == (1, 2)
    assert "1 media vanished" in caplog.text


def test_what_killed_runs_left_behind_is_swept_after_a_day(house, transactional_db):
    folder = house.VAR_DIR / "backups"
    left = [
        *(folder / name for name in (".dump-ab", ".zhikao-20260101T000000Z.tar.77")),
        *(root / ".restore-ab" for root in (house.VAR_DIR, house.MEDIA_ROOT)),
    ]
    folder.mkdir()
    for age, end in ((25, ""), (23, "c")):
        for path in (path.with_name(path.name + end) for path in left):
            if ".tar." in path.name:
                path.touch()
            else:
                path.mkdir()
                (path / "half").touch()
            os.utime(path, (time.time() - age * 3600,) * 2)
    kept = backups.make(folder)["path"]
    assert [path.exists() for path in left] == [False] * 4
    assert [path.with_name(path.name + "c").exists() for path in left] == [True] * 4
    with tarfile.open(kept) as tar:  # and what a restore is unpacking is no medium
        assert [name for name in tar.getnames() if name.startswith("media/")] == ["media/evidence/1.png"]


def test_a_backup_that_cannot_be_noted_is_a_backup_all_the_same(house, transactional_db, monkeypatch, caplog):
    def broken(**told):
        raise DatabaseError("no such table")

    monkeypatch.setattr(Backup.objects, "create", broken)
    assert os.path.exists(backups.make(house.VAR_DIR / "backups")["path"])
    assert "could not be noted" in caplog.text


def rewritten(path, change):
    """The backup once more, with members and manifest as `change` leaves them; the manifest's digests follow if asked."""
    with tarfile.open(path) as tar:
        parts = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}
    manifest = json.loads(parts.pop("manifest.json"))
    if change(parts, manifest) == "signed":
        manifest["members"] = {
            name: {"bytes": len(part), "sha256": sha256(part).hexdigest()} for name, part in parts.items()
        }
    with tarfile.open(path, "w") as tar:
        for name, part in (parts | {"manifest.json": json.dumps(manifest).encode()}).items():
            info = tarfile.TarInfo(name)
            info.size = len(part)
            tar.addfile(info, io.BytesIO(part))
    return path


def tampered(parts, manifest):
    parts["media/evidence/1.png"] = b"pictvre"


def outside(parts, manifest):
    parts["media/../../secret_key"] = b"mine"
    return "signed"


def foreign(parts, manifest):
    parts["field_keys.json"] = b"{}"
    return "signed"


def lacking(parts, manifest):
    del parts["media/evidence/1.png"]


def newer(parts, manifest):
    manifest["migrations"].append(["exams", "9999_of_next_year"])


def other_keys(parts, manifest):
    manifest["keys"] = {"k1": "0" * 16}


def other_database(parts, manifest):
    manifest["database"] = "sqlite" if connection.vendor == "postgresql" else "postgresql"
    parts[backups.DATABASE[manifest["database"]]] = parts.pop(backups.DATABASE[connection.vendor])
    return "signed"


def strange(parts, manifest):
    manifest["format"] = 99


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (tampered, "与清单的摘要不符"),
        (outside, "secret_key"),
        (foreign, "不该有的文件"),
        (lacking, "文件与清单不一致"),
        (newer, "请先更新程序"),
        (other_keys, "密钥 k1"),
        (other_database, "DATABASE_URL"),
        (strange, "99"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_written(house, made, change, words):
    path = rewritten(made, change)
    with pytest.raises(Refused, match=words):
        restoring.restore(path)
    assert not any(file.is_file() for file in house.MEDIA_ROOT.rglob("*"))
    assert not (house.VAR_DIR / "secret_key").exists()
    assert not list(house.VAR_DIR.glob(".restore-*"))


def test_a_house_with_people_is_not_written_over(house, made, cast):
    with pytest.raises(CommandError, match="已有数据"):
        call_command("restore", made)
    cast.officer.refresh_from_db()


def test_half_a_file_and_no_file_get_a_sentence(house, made, tmp_path):
    half = tmp_path / "half.tar"
    with open(made, "rb") as file:
        half.write_bytes(file.read()[:5000])
    (tmp_path / "text.tar").write_text("{}")
    for path in (half, tmp_path / "none.tar", tmp_path / "text.tar"):
        with pytest.raises(CommandError, match="无法读取这份备份"):
            call_command("restore", path)


def test_without_postgresqls_programs_one_sentence_says_so(house, made, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Refused, match="pg_dump"):
        backups._run("pg_dump", connection)
