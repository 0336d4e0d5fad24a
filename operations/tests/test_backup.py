"""Backup and restore: the refusals here, the drill under load through the bench that also runs it at full size."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from hashlib import sha256

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from audit.transitions import Refused
from operations import backups


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
        timeout=120,
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
    told = json.loads((house.VAR_DIR / "backups/last.json").read_text())
    assert told["path"] == made and told["bytes"] == os.path.getsize(made)
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
        backups.restore(path)
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
    for path in (half, tmp_path / "none.tar", house.VAR_DIR / "backups/last.json"):
        with pytest.raises(CommandError, match="无法读取这份备份"):
            call_command("restore", path)


def test_without_postgresqls_programs_one_sentence_says_so(house, made, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Refused, match="pg_dump"):
        backups._run("pg_dump", connection)
