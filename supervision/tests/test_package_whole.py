"""The package of a case in which everything happened: each part tells it, each changed byte is found, no number gets out."""

import json
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from accounts import printing
from certificates import pdf
from exams.actions import attempts
from supervision import packing, verify_package
from supervision.actions import evidence, packages, paper, retaking
from supervision.models import RuleProfile, SpotCheck
from supervision.queries import packages as queries
from supervision.queries import sittings
from supervision.tests import failing, stories, whole
from tests import build

WHY = "行政复议举证"
LOOKED_AT = (
    "抽取 / draw", "作答链 / chain of answers", "版本 / version", "记录表 / minutes", "签字 / signature", "公示 / publication",
    "证据文件 / evidence", "文件 / file",
)  # fmt: skip


def unpacked(cast, check, folder, **more):
    """The package of a case, in a folder."""
    package = packages.make(packages.ask(check, by=cast.district, why=WHY, **more))
    with zipfile.ZipFile(queries.path_of(package)) as book:
        book.extractall(folder)
    return folder


@pytest.fixture
def check(cast, settings, tmp_path):
    whole.furnish(cast, settings, tmp_path / "media")
    return whole.closed(cast)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where the package stays that is made once for all who only read it, and whose numbers it must not tell."""
    return {"path": tmp_path_factory.mktemp("package") / "package.zip", "numbers": set()}


@pytest.fixture
def folder(request, kept, tmp_path):
    """The package, unpacked anew."""
    if not kept["numbers"]:
        cast, check = request.getfixturevalue("cast"), request.getfixturevalue("check")
        package = packages.make(packages.ask(check, by=cast.district, why=WHY))
        kept["path"].write_bytes(queries.path_of(package).read_bytes())
        people = [one.registration.candidate for one in sittings.examinees(check)]
        kept["numbers"] |= {number for one in people for number in (one.id_number, one.phone)}
    with zipfile.ZipFile(kept["path"]) as book:
        book.extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked"


def rows(folder, name):
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def column(folder, name, *keys):
    """Some columns of a part, row by row."""
    return [row.get(keys[0]) if len(keys) == 1 else tuple(row.get(key) for key in keys) for row in rows(folder, name)]  # fmt: skip


def verdict(folder, capsys):
    """What the verifier gives and says."""
    capsys.readouterr()
    return verify_package.main(folder), capsys.readouterr().out


def test_every_part_tells_what_happened(folder):
    assert len(rows(folder, "notices/notices")) == 10
    assert column(folder, "notices/notices", "kind").count("cancelled") == 1
    assert sorted(column(folder, "notices/readings", "side")) == ["enterprise", "person"]
    assert all(row["account"] and row["at"] for row in rows(folder, "notices/readings"))
    [absence] = rows(folder, "notices/absences")
    assert (absence["why"], absence["decision_is_granted"], absence["decision_why"]) == (
        "外地出差",
        False,
        "可以改签",
    )
    [replaced] = rows(folder, "notices/replacements")
    assert replaced["why"] == "已经离职" and replaced["out_name"] != replaced["into_name"]
    assert column(folder, "incidents/incidents", "number", "corrects", "corrected_by", "act_why") == [
        (1, None, 2, "网络中断"), (2, 1, None, None),
    ]  # fmt: skip
    assert column(folder, "incidents/terminations", "kind") == ["proposed", "confirmed", "reversed"]
    assert column(folder, "incidents/interventions", "kind") == ["extended", "paused", "terminated"]
    assert column(folder, "paper/results", "number", "review_verdict") == [(1, "returned"), (2, "confirmed")]
    assert {row["number"] for row in rows(folder, "paper/sheets")} == {1, 2}
    assert all(len(row["files"]) == 1 for row in rows(folder, "paper/results"))
    assert sorted(column(folder, "minutes/minutes", "number")) == [1, 1, 1, 1, 1, 2]
    assert all(rows(folder, "minutes/minutes")[n]["is_confirmed"] for n in range(6))
    assert (
        column(folder, "minutes/refusals", "side", "why", "witness", "witness_title")
        == [("enterprise", "不认可成绩", "孙立", "园区干部")] * 2
    )
    signatures = rows(folder, "minutes/signatures")
    assert len(signatures) == 5 * 4 + 3 and [row["picture"] for row in signatures].count("") == 1
    assert all(row["account"] and row["at"] and row["digest"] and "address" in row for row in signatures)
    assert column(folder, "publications/publications", "round", "number", "why") == [
        (0, 1, ""), (0, 2, "异议成立"), (1, 1, ""),
    ]  # fmt: skip
    assert column(folder, "publications/withdrawals", "why") == ["本人申请隐去"]
    assert column(folder, "publications/objections", "decision_upheld", "decision_why") == [
        (True, "第一题答案有误"), (False, "复核无误"),
    ]  # fmt: skip
    assert column(folder, "rectifications/notices", "state") == ["revoked", "closed", "closed"]
    assert column(folder, "rectifications/revocations", "why") == ["异议成立，不再需要整改"]
    assert column(folder, "amendments/amendments", "why", "ruling_is_confirmed", "ruling_why") == [
        ("成绩表写错", False, "核对原卷，没有写错"),
    ]
    assert column(folder, "rectifications/services", "how", "receiver") == [("in_person", "赵敏")] * 2
    assert column(folder, "rectifications/reports", "number", "recheck_is_accepted", "recheck_found") == [
        (1, False, "没有签到表"), (2, True, "已整改"), (1, True, "已整改"),
    ]  # fmt: skip
    assert column(folder, "rectifications/extensions", "why", "ruling_is_granted") == [("讲师出差", True)]
    assert column(folder, "retakes/retakes", "round", "state") == [(1, "concluded")]
    assert column(folder, "retakes/outcomes", "round", "conclusion") == [(1, "failed")]
    assert column(folder, "closure/decisions", "measure", "why") == [("move", "补考仍不合格")]
    assert column(folder, "closure/standings", "is_settled") == [True] * 4
    assert column(folder, "closure/course", "state") == [
        "planned", "approved", "drawn", "under_way", "concluded", "published", "closed",
    ]  # fmt: skip
    assert {row["subject"].split(".")[1].split(":")[0] for row in rows(folder, "evidence/files")} == {
        "absencerequest", "incident", "paperresult", "objection", "service", "report",
    }  # fmt: skip
    acts = set(column(folder, "log/events", "action"))
    assert {
        "minutes.signed", "minutes.refused", "notice.read", "objection.decided", "publication.withdrawn", "rectification.closed",
        "retake.called", "outcome.decided", "spotcheck.closed", "termination.reversed", "incident.noted", "absence.refused",
    } <= acts  # fmt: skip


def test_files_stand_beside_what_they_prove_and_are_the_originals(folder):
    for row in rows(folder, "minutes/minutes"):
        assert sha256((folder / row["file"]).read_bytes()).hexdigest() == row["digest"]
        text = "".join(page.extract_text() for page in PdfReader(folder / row["pdf"]).pages)
        assert row["serial"] in text and row["digest"][:16] in text.replace("\n", "")
    for row in rows(folder, "rectifications/notices"):
        assert row["serial"] in PdfReader(folder / row["pdf"]).pages[0].extract_text()
    for row in rows(folder, "minutes/signatures"):
        if row["picture"]:
            assert sha256((folder / row["picture"]).read_bytes()).hexdigest() == row["image"]
    named = [name for part in ("paper/results", "rectifications/reports", "incidents/incidents") for name in column(folder, part, "files")]  # fmt: skip
    assert all((folder / name).is_file() for names in named for name in names) and any(named)
    for page in folder.rglob("*.html"):
        for address in re.findall(r"href='([^']+)'", page.read_text("utf-8")):
            assert (page.parent / unquote(address)).is_file(), (page, address)


def test_every_column_has_words_in_both_languages(folder):
    bare = {}
    for page in folder.rglob("*.html"):
        heads = re.findall(r"<th scope=col>([^<]+)</th>", page.read_text("utf-8"))
        bare |= {name: page.name for name in heads if re.fullmatch("[a-z_]+", name)}
    assert bare == {}


def test_it_verifies_itself_with_plain_python_and_says_what_it_looked_at(folder):
    told = subprocess.run(
        [sys.executable, "-I", "verify_package.py"], cwd=folder, capture_output=True, check=False
    )
    said = told.stdout.decode()
    assert told.returncode == 0, said
    counts = dict(line.rsplit(": ", 1) for line in said.splitlines()[:-1])
    assert set(counts) == set(LOOKED_AT) and all(int(count) for count in counts.values())
    assert int(counts["签字 / signature"]) == 25


def test_one_changed_byte_of_any_part_is_found(folder, capsys, monkeypatch):
    assert verdict(folder, capsys)[0] == 0
    monkeypatch.setattr(
        verify_package, "LOOKS", (verify_package.files,)
    )  # the digests alone, so that all files can be tried
    tried = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    parts = {path.relative_to(folder).parts[0] for path in tried}
    assert parts >= {one.code for one in packing.SECTIONS}
    for path in tried:
        whole_file = path.read_bytes()
        at = whole_file.find(b"2") if path.name in verify_package.FREE else len(whole_file) // 2
        path.write_bytes(whole_file[:at] + bytes([whole_file[at] ^ 1]) + whole_file[at + 1 :])
        assert verdict(folder, capsys)[0] == 1, path
        path.write_bytes(whole_file)
    assert verdict(folder, capsys)[0] == 0


def listed_anew(folder):
    """As a cheat leaves a package: every digest of a file made anew."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for one in manifest["files"]:
        one["sha256"] = sha256((folder / one["name"]).read_bytes()).hexdigest()
    sums = "".join(f"{one['sha256']}  {one['name']}\n" for one in manifest["files"])
    (folder / "SHA256SUMS").write_text(sums, "utf-8")
    manifest["digest"] = sha256(sums.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def rewritten(path, change):
    """A file for machines, changed by a function."""
    held = json.loads(path.read_text("utf-8"))
    change(held)
    path.write_text(json.dumps(held, ensure_ascii=False), "utf-8")


def swapped(row, name, value):
    row[name] = value


CHEATS = {
    "the conclusion in the minutes": ("minutes/*-v1.json", lambda held: swapped(held, "conclusion", "passed_"), "minutes"),
    "a version of the minutes is gone": ("minutes/minutes.json", lambda held: held.pop(next(n for n, row in enumerate(held) if row["number"] == 1 and any(one["number"] == 2 and one["examinee"] == row["examinee"] for one in held))), "version"),
    "a signature of another digest": ("minutes/signatures.json", lambda held: swapped(held[0], "digest", "0" * 64), "signature"),
    "another picture of a signature": ("minutes/signatures.json", lambda held: swapped(held[0], "picture", next(row["picture"] for row in held[1:] if row["picture"]) and "index.html"), "signature"),
    "a line of what was published": ("publications/round-0-v1.json", lambda held: swapped(held[0], "conclusion", "合格_"), "publication"),
    "a file of the case": ("evidence/files.json", lambda held: swapped(held[0], "digest", "0" * 64), "evidence"),
    "a name of the list": ("draws/*/list.json", lambda held: swapped(held[0], "rank", 7), "draw"),
    "the seed": ("draws/*/dossier.json", lambda held: swapped(held, "seed", "0" * 64), "draw"),
    "an answer": ("sittings/receipt-*.json", lambda held: swapped(held["events"][0], "payload", {}), "chain"),
    "an act upon a sitting": ("sittings/receipt-*.json", lambda held: swapped(held["interventions"][0], "why", "别的"), "chain"),
    "an outcome is gone": ("outcomes/outcomes.json", lambda held: held.remove(next(row for row in held if row["number"] == 1 and any(one["number"] == 2 and one["examinee"] == row["examinee"] for one in held))), "version"),
}  # fmt: skip


def test_a_cheat_who_makes_the_lists_anew_is_found_by_what_the_parts_say(folder, capsys):
    for what, (pattern, change, kind) in CHEATS.items():
        paths = [path for path in sorted(folder.glob(pattern)) if kind != "chain" or _bears(path, what)]
        path, before = paths[0], paths[0].read_bytes()
        lists = {name: (folder / name).read_bytes() for name in verify_package.FREE}
        rewritten(path, change)
        listed_anew(folder)
        status, said = verdict(folder, capsys)
        problems = [
            line for line in said.splitlines() if f"/ {kind}" in line and not re.search(r": \d+$", line)
        ]
        assert status == 1 and problems, (what, said)
        path.write_bytes(before)
        for name, held in lists.items():
            (folder / name).write_bytes(held)


def _bears(path, what):
    held = json.loads(path.read_text("utf-8"))
    return held["events"] and (what == "an answer" or held["interventions"])


def everything(folder):
    """All words of a package: texts as they are, PDFs as they read."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            found.append(data.decode("utf-8", "replace"))
            if path.suffix == ".pdf":
                found += [page.extract_text() for page in PdfReader(BytesIO(data)).pages]
    return "\n".join(found)


def test_no_number_of_anybody_stands_in_it_not_even_typed_into_words(folder, kept):
    numbers = kept["numbers"]
    typed = {whole.TYPED_PHONE, whole.TYPED_ID}
    assert len(numbers) == 8
    text = everything(folder)
    assert [number for number in numbers if number in text] == []
    tables = "".join(
        path.read_text("utf-8") for name in ("*/*.json", "*/*.html") for path in folder.glob(name)
    )
    assert [number for number in typed if number in tables] == [] and "138****5678" in tables
    assert "022-00000000" in tables  # the office's own line stays


def test_while_a_retake_runs_no_key_and_no_answer_gets_out(cast, settings, tmp_path):
    whole.furnish(cast, settings, tmp_path / "media")
    bank = build.make_bank(cast, "kept", blank=8, each=0)
    cast.blueprint = build.make_blueprint(cast, bank, {"blank": 2}, "kept")
    check = failing.published(failing.failed(cast))
    before = everything(unpacked(cast, check, tmp_path / "before"))
    assert build.SPELLING in before and build.STEM in before  # the exam is over: it stands there
    rest = failing.called(check)[1]
    failing.closed(cast, whole.again(check, rest))
    retake = failing.retake(cast, check)
    [one] = failing.called(check, 1)
    attempts.start(one.registration, by=one.registration.candidate)
    paper.fix(check, retake.session, "A", by=cast.district)
    evidence.attach(check, stories.on_paper(cast, one), [stories.scan("答题卡.png")], by=cast.district)
    folder = unpacked(cast, check, tmp_path / "during")
    text = everything(folder)
    assert build.SPELLING not in text and build.STEM not in text
    assert not list(folder.glob("papers/*")) and not list(folder.glob("evidence/*.png"))
    assert column(folder, "evidence/files", "file") == [None] and rows(folder, "minutes/minutes")
    told = subprocess.run(
        [sys.executable, "-I", "verify_package.py"], cwd=folder, capture_output=True, check=False
    )
    assert told.returncode == 0, told.stdout.decode()


def cost(cast, check, tmp_path):
    """How many queries a package of a case takes."""
    package = packages.ask(check, by=cast.district, why=WHY)
    with CaptureQueriesContext(connection) as told:
        packages.make(package)
    return len(told)


def test_a_package_costs_the_same_for_two_and_for_eight_people(cast, settings, tmp_path, monkeypatch):
    whole.furnish(cast, settings, tmp_path / "media")
    stories.crowd(cast, 6, code="more")
    monkeypatch.setattr(
        pdf, "_print", lambda page, style: b"%PDF"
    )  # the pages are written, only the press stands still
    everybody = stories.called(cast, **stories.lean(cast.blueprint, 8))
    failing.failed(cast, (0,) * 8, check=everybody)  # so that earlier fails are looked for both times
    found = []
    for people in (2, 8):
        rule = RuleProfile.objects.filter(code="small").first()
        check = stories.called(cast, **stories.lean(cast.blueprint, people, rule))
        check = failing.failed(cast, (0,) * people, check=check)
        failing.published(check)
        for one in failing.called(check):
            failing.closed(cast, whole.again(check, one))
        failing.retaken(cast, check, shares=(0,) * people)
        for one in failing.called(check, 1):
            failing.closed(cast, whole.again(check, one))
            retaking.decide(whole.again(check, one), by=cast.district, measure="watch", why="补考仍不合格")
        retaking.close(check, by=cast.city, now=timezone.now() + failing.LATER)
        check = SpotCheck.objects.get(pk=check.pk)
        found.append(cost(cast, check, tmp_path))
    assert found[0] == found[1]


def test_where_nothing_can_be_printed_the_data_stand_alone_and_the_contents_say_so(
    cast, check, tmp_path, monkeypatch
):
    def without(*_things, **_told):
        raise printing.Unavailable("缺少组件")

    monkeypatch.setitem(packing.PRESSES, "minutes", without)
    folder = unpacked(cast, check, tmp_path / "bare")
    assert [row["pdf"] for row in rows(folder, "minutes/minutes")] == [None] * 6
    assert "缺少组件" in (folder / "index.html").read_text("utf-8")
    assert not list(Path(folder, "minutes").glob("*.pdf"))


def test_many_documents_go_to_the_background(cast, check, monkeypatch):
    assert not packages.is_large(check)
    monkeypatch.setattr(packages, "LARGE_DOCUMENTS", 7)
    assert packages.is_large(check)
