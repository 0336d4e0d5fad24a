"""The evidence package: opens without the house, every digest holds, nobody's number stands in it unless it was asked for."""

import io
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from hashlib import sha256
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from audit.transitions import Refused
from supervision import packing, tasks
from supervision.actions import evidence, packages, paper, sittings
from supervision.models import EvidencePackage
from supervision.queries import packages as queries
from supervision.queries import sittings as sat_queries
from supervision.tests import stories
from tests import build

ID_NUMBER, PHONE = "120111199003071238", "13920001234"
WHY = "行政复议举证"


@pytest.fixture
def check(cast, settings, tmp_path):
    """A concluded check: one sat on a screen, one wrote on paper, one was absent; the first has numbers."""
    settings.MEDIA_ROOT = tmp_path
    stories.crowd(cast, 6)
    stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", single=4, blank=4, case=2, each=0)
    blueprint = build.make_blueprint(cast, bank, {"single": 2, "blank": 1, "case": 1}, "spot")
    check = stories.begun(cast, stories.called(cast, **stories.lean(blueprint, 3)))
    people = list(sat_queries.examinees(check))
    for n, one in enumerate(people):
        person = one.registration.candidate
        person.id_number, person.phone = f"{ID_NUMBER[:14]}{n}{ID_NUMBER[15:]}", f"{PHONE[:-1]}{n}"
        person.save()
    stories.sat(people[0])
    form = paper.fix(check, check.session, "A", by=cast.district)
    paper.review(stories.entered(cast, people[1], form, share=0.5), "confirmed", by=cast.city)
    evidence.attach(check, check, [stories.scan("现场 <照片>.png")], by=cast.district)
    return sittings.conclude(check, by=cast.district, now=check.session.closes_at)


def numbers_of(check):
    found = []
    for one in sat_queries.examinees(check):
        found += [one.registration.candidate.id_number, one.registration.candidate.phone]
    return found


def made(cast, check, **more):
    return packages.make(packages.ask(check, by=cast.district, why=WHY, **more))


def unpacked(package, tmp_path):
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(queries.path_of(package)) as book:
        book.extractall(folder)
    return folder


def run(script, folder, *arguments):
    return subprocess.run(
        [sys.executable, "-I", script, *arguments], cwd=folder, capture_output=True, check=False
    )


def test_the_package_verifies_itself_with_plain_python(cast, check, tmp_path):
    package = made(cast, check)
    folder = unpacked(package, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    listed = {one["name"]: one["sha256"] for one in manifest["files"]}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {*listed, "SHA256SUMS", "manifest.json"}
    assert len(there) == package.files
    for name, digest in listed.items():
        assert sha256((folder / name).read_bytes()).hexdigest() == digest, name
    assert manifest["digest"] == package.digest == sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    assert run("verify_package.py", folder).returncode == 0
    [draw] = (folder / "draws").iterdir()
    told = run("verify_draw.py", draw, "dossier.json")
    assert told.returncode == 0, told.stdout
    assert (
        subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, check=False).returncode == 0
    )


@pytest.mark.parametrize("what", ["a file", "an answer", "one more", "one less"])
def test_whatever_was_changed_is_found(cast, check, tmp_path, what):
    folder = unpacked(made(cast, check), tmp_path)
    [receipt] = (folder / "sittings").glob("receipt-*.json")
    if what == "a file":
        (folder / "outcomes" / "outcomes.json").write_text("[]")
    elif what == "one more":
        (folder / "evidence" / "more.png").write_bytes(b"x")
    elif what == "one less":
        receipt.unlink()
    else:  # and the lists are made anew
        held = json.loads(receipt.read_text("utf-8"))
        held["events"][0]["payload"] = {}
        receipt.write_text(json.dumps(held))
        name, digest = receipt.relative_to(folder).as_posix(), sha256(receipt.read_bytes()).hexdigest()
        sums = re.sub(
            rf"\w{{64}}  {re.escape(name)}", f"{digest}  {name}", (folder / "SHA256SUMS").read_text("utf-8")
        )
        (folder / "SHA256SUMS").write_text(sums, "utf-8")
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        manifest["digest"] = sha256(sums.encode()).hexdigest()
        manifest["files"] = [
            one | ({"sha256": digest} if one["name"] == name else {}) for one in manifest["files"]
        ]
        (folder / "manifest.json").write_text(json.dumps(manifest))
    told = run("verify_package.py", folder)
    assert told.returncode == 1 and ("chain" if what == "an answer" else "file") in told.stdout.decode()


def test_no_number_stands_in_it_by_default(cast, check, tmp_path):
    folder = unpacked(made(cast, check), tmp_path)
    whole = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).decode(
        "utf-8", "replace"
    )
    numbers = numbers_of(check)
    assert len(numbers) == 6 and not [number for number in numbers if number in whole]
    people = json.loads((folder / "people" / "people.json").read_text("utf-8"))
    assert all("*" in row["id_number"] and "*" in row["phone"] for row in people)
    assert '"address"' not in (folder / "log" / "events.json").read_text("utf-8")


def test_it_tells_the_whole_case(cast, check, tmp_path):
    folder = unpacked(made(cast, check), tmp_path)

    def rows(name):
        return json.loads((folder / f"{name}.json").read_text("utf-8"))

    assert sorted(row["conclusion"] for row in rows("outcomes/outcomes")) == ["absent", "failed", "passed"]
    assert sorted(row["form"] for row in rows("outcomes/outcomes")) == ["online", "online", "paper"]
    assert [row["review_verdict"] for row in rows("paper/results")] == ["confirmed"]
    assert len(rows("people/people")) == 3 and len(rows("attendance/inspectors")) == 2
    assert {row["subject"].split(":")[0] for row in rows("evidence/files")} == {
        "supervision.spotcheck",
        "supervision.paperresult",
    }
    acts = {row["action"] for row in rows("log/events")}
    assert {
        "spotcheck.approved", "draw.frozen", "draw.revealed", "attempt.started", "attempt.submitted", "paperresult.entered",
        "paperresult.checked", "outcome.settled", "spotcheck.concluded", "evidence.added", "package.asked",
    } <= acts  # fmt: skip
    index = (folder / "index.html").read_text("utf-8")
    for name in re.findall(r"href='([^']+)'", index):
        assert (folder / unquote(name)).is_file(), name
    assert not re.search(r"(src|href)='?https?:", index) and "<照片>" not in index
    readme = (folder / "README.txt").read_text("utf-8")
    assert check.serial in readme and "sha256sum -c" in readme and "{" not in readme


def test_before_the_exam_is_over_it_holds_no_key_and_no_answer(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stories.crowd(cast, 6)
    stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", blank=4, each=0)
    blueprint = build.make_blueprint(cast, bank, {"blank": 2}, "spot")
    check = stories.begun(cast, stories.called(cast, **stories.lean(blueprint, 1)))
    [one] = sat_queries.examinees(check)
    stories.sat(one)
    folder = unpacked(made(cast, check), tmp_path)
    whole = "".join(
        path.read_text("utf-8") for path in folder.rglob("*.*") if path.suffix in (".json", ".html")
    )
    assert build.SPELLING not in whole and build.STEM not in whole
    assert run("verify_package.py", folder).returncode == 0


def test_it_takes_a_reason_and_is_written_down(cast, check):
    with pytest.raises(Refused, match="至少 4 个字"):
        packages.ask(check, by=cast.district, why="看")
    package = made(cast, check)
    client = Client()
    client.force_login(cast.city)
    answer = client.get(reverse("supervision:package", args=[check.code, package.pk]))
    assert answer["Content-Type"] == "application/zip" and b"".join(answer.streaming_content)[:2] == b"PK"
    told = dict(AuditEvent.objects.filter(action__startswith="package").values_list("action", "data"))
    assert told["package.asked"]["why"] == WHY and told["package.taken"]["digest"] == package.digest
    assert AuditEvent.objects.get(action="evidencepackage.done").data["digest"] == package.digest


def test_in_full_numbers_stand_there_and_nothing_is_kept(cast, check):
    client = Client()
    client.force_login(cast.district)
    address = reverse("supervision:package_new", args=[check.code])
    answer = client.post(address, {"why": WHY, "full": "on"})
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    people = book.read("people/people.json").decode()
    assert [number for number in numbers_of(check) if number not in people] == []
    package = EvidencePackage.objects.get()
    assert (package.full, package.state, package.name) == (True, "done", "")
    assert list(queries.room().iterdir()) == []
    assert AuditEvent.objects.get(action="package.asked").data == {"full": True, "why": WHY}


def test_a_large_case_goes_to_the_background_and_says_how_far_it_is(cast, check, monkeypatch):
    monkeypatch.setattr(packages, "LARGE_PEOPLE", 2)
    asked = []
    task = tasks.make_package
    monkeypatch.setattr(tasks, "make_package", SimpleNamespace(enqueue=asked.append))
    stories.posted(cast.district, "package_new", check, why=WHY)
    package = EvidencePackage.objects.get()
    assert (asked, package.state) == ([package.pk], "waiting")
    assert f"0 / {len(packing.SECTIONS)}" in stories.seen(cast.district, "check", check.code)
    assert task.call(package.pk) == "done"
    package.refresh_from_db()
    assert (package.state, package.done) == ("done", len(packing.SECTIONS))
    task.call(package.pk)  # a second worker finds it made
    assert AuditEvent.objects.filter(action="evidencepackage.done").count() == 1


def test_what_fails_leaves_no_file_behind(cast, check, monkeypatch):
    def broken(pack):
        yield packing.Piece("x.txt", "x", b"x")
        raise OSError("disk")

    monkeypatch.setattr(packing, "SECTIONS", [packing.Section("x", "x", broken)])
    package = packages.ask(check, by=cast.district, why=WHY)
    with pytest.raises(OSError, match="disk"):
        packages.make(package)
    package.refresh_from_db()
    assert package.state == "failed" and list(queries.room().iterdir()) == []


def test_a_section_of_another_floor_is_a_few_lines(cast, check, monkeypatch, tmp_path):
    monkeypatch.setattr(packing, "SECTIONS", [])

    @packing.section("minutes", "笔录")
    def minutes(pack):
        yield from packing.records("minutes/minutes", "笔录", [{"serial": pack.check.serial}])

    folder = unpacked(made(cast, check), tmp_path)
    assert json.loads((folder / "minutes" / "minutes.json").read_text("utf-8")) == [{"serial": check.serial}]
    assert "minutes/minutes.html" in (folder / "index.html").read_text("utf-8")


def test_a_package_goes_after_its_days_and_its_digest_stays(cast, check):
    package = made(cast, check)
    old = time.time() - (packages.KEPT_DAYS + 1) * 86_400
    os.utime(queries.path_of(package), (old, old))
    packages.sweep()
    client = Client()
    client.force_login(cast.district)
    address = reverse("supervision:package", args=[check.code, package.pk])
    assert client.get(address).status_code == 302 and queries.path_of(package) is None
    assert package.digest in stories.seen(cast.district, "check", check.code)
