"""Verify an evidence package that was unpacked: its files, its draw, its sittings, its minutes with their signatures.

    python3 verify_package.py [FOLDER]

Needs Python 3.8 and nothing else; ends with 0 or 1. 核对证据包：逐个文件的摘要、抽取、作答链、记录表和签字、公示。
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

FREE = {"SHA256SUMS", "manifest.json"}  # these name the others
BROKEN = (AttributeError, IndexError, KeyError, OSError, RecursionError, TypeError, ValueError)


def sha(data):
    """The SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def digest(value):
    """The SHA-256 of canonical JSON."""
    return sha(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def of_file(path):
    """The SHA-256 of a file."""
    seen = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(65536), b""):
            seen.update(chunk)
    return seen.hexdigest()


def read(path):
    """What a file for machines says."""
    return json.loads(path.read_text("utf-8"))


def rows_of(folder, name):
    """The rows of a part; none where the part has no such file."""
    path = folder / (name + ".json")
    return read(path) if path.is_file() else []


class Found:
    """What was found: how many of each thing hold, and what does not."""

    def __init__(self):
        self.counts, self.problems = {}, []

    def look(self, kind, name, holds):
        """Count one thing, and note it when it does not hold."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if not holds:
            self.problems.append(f"{kind}: {name}")


FILE, DRAW, CHAIN = "文件 / file", "抽取 / draw", "作答链 / chain of answers"
VERSION, MINUTES = "版本 / version", "记录表 / minutes"
SIGNATURE, PUBLICATION, EVIDENCE = "签字 / signature", "公示 / publication", "证据文件 / evidence"


def files(folder, found):
    """Whatever differs from the list, is missing, or is not on it."""
    sums, manifest = (folder / "SHA256SUMS").read_bytes(), read(folder / "manifest.json")
    found.look(FILE, "SHA256SUMS", sha(sums) == manifest["digest"])
    listed = dict(reversed(line.split("  ", 1)) for line in sums.decode().splitlines())
    told = {one["name"]: one["sha256"] for one in manifest["files"]}
    about = read(folder / "about.json")
    is_same = told == listed and {key: manifest[key] for key in about} == about
    found.look(FILE, "manifest.json", is_same and len(manifest) == len(about) + 2)
    for name, known in listed.items():
        path = folder / name
        found.look(FILE, name, path.is_file() and of_file(path) == known)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in listed and name not in FREE:
            found.look(FILE, name, False)


def draws(folder, found):
    """Each frame by its digest; each draw that was done is done again, and gives the list."""
    for place in sorted(one for one in (folder / "draws").glob("*") if one.is_dir()):
        name, frame = place.name, (place / "frame.txt").read_bytes()
        found.look(DRAW, name + " frame", sha(frame) == rows_of(place, "draw")[0]["digest"])
        if not (place / "dossier.json").is_file():
            continue
        dossier = read(place / "dossier.json")
        found.look(DRAW, name + " dossier", dossier["frozen"].encode() == frame)
        drawn = [(one["rank"], one["role"], one["key"]) for one in rows_of(place, "list")]
        found.look(DRAW, name + " list", sorted(drawn) == sorted(tuple(one[1:]) for one in dossier["drawn"]))
        again = subprocess.run(
            [sys.executable, "-I", "verify_draw.py", "dossier.json"],
            cwd=str(place), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        found.look(DRAW, name + " verify_draw.py", again.returncode == 0)


def wrong_chain(receipt):
    """Why the chains of a sitting do not hold, or nothing."""
    who = [receipt[k] for k in ("format", "session", "candidate", "number", "paper", "layout", "started_at")]
    origin = digest(who)
    if origin != receipt["origin"]:
        return "origin"
    head, before = origin, 0
    for event in receipt["events"]:
        if event["previous"] != before:
            return f"answer {event['number']}"
        before = event["number"]
        if "payload" not in event:
            continue  # without answers the links alone bear witness
        said = [head] + [event[k] for k in ("number", "position", "payload", "flagged", "saved_at")]
        head = digest(said)
        if head != event["link"]:
            return f"answer {event['number']}"
    head = origin
    for number, act in enumerate(receipt["interventions"], start=1):
        head = digest([head] + [act[k] for k in ("number", "kind", "seconds", "why", "by", "at")])
        if (head, number) != (act["link"], act["number"]):
            return f"intervention {act['number']}"
    return ""


def chains(folder, found):
    """Every sitting has its receipt, every receipt its chains, and both the same seal."""
    sat = {one["receipt"]: one for one in rows_of(folder, "sittings/sittings")}
    for path in sorted((folder / "sittings").glob("receipt-*.json")):
        receipt = read(path)
        row = sat.pop("sittings/" + path.name, {})
        why = wrong_chain(receipt)
        if row.get("seal", "") != receipt.get("seal", ""):
            why = why or "seal"
        found.look(CHAIN, f"{path.name} {why}".strip(), not why)
    for name in sat:
        found.look(CHAIN, name, False)


VERSIONED = {
    "minutes/minutes": ("examinee",),
    "notices/notices": ("examinee",),
    "outcomes/outcomes": ("examinee",),
    "paper/results": ("examinee",),
    "publications/publications": ("round",),
    "rectifications/reports": ("serial",),
    "rectifications/extensions": ("serial",),
    "incidents/incidents": (),
}


def versions(folder, found):
    """Whatever is numbered has no gap: a version that is missing was taken away."""
    for name, owner in VERSIONED.items():
        last = {}
        for one in rows_of(folder, name):
            key = tuple(one[part] for part in owner)
            found.look(VERSION, f"{name} {one['number']}", one["number"] == last.get(key, 0) + 1)
            last[key] = one["number"]


def minutes(folder, found):
    """The file of each version has the digest that was signed and says which version it is; each signature is of that digest."""
    known = {}
    for one in rows_of(folder, "minutes/minutes"):
        said = (folder / one["file"]).read_bytes()
        facts = json.loads(said.decode())
        names = (one["serial"], one["number"], one["code"])
        holds = sha(said) == one["digest"] and (facts["serial"], facts["version"], facts["code"]) == names
        found.look(MINUTES, f"{one['serial']} v{one['number']}", holds)
        known[one["serial"], one["number"]] = one["digest"]
    for one in rows_of(folder, "minutes/signatures"):
        holds = known.get((one["minutes"], one["version"])) == one["digest"]
        if one["image"]:
            path = folder / one["picture"]
            holds = holds and path.is_file() and of_file(path) == one["image"]
        found.look(SIGNATURE, f"{one['minutes']} v{one['version']} {one['signed_name']}", holds)
    for one in rows_of(folder, "minutes/refusals"):
        found.look(SIGNATURE, f"{one['minutes']} {one['witness']}", (one["minutes"], one["version"]) in known)


def publications(folder, found):
    """The file of each version has the digest that was published, and a line for each whose minutes stand behind it."""
    people = {one["examinee"] for one in rows_of(folder, "minutes/minutes")}
    for one in rows_of(folder, "publications/publications"):
        said = (folder / one["file"]).read_bytes()
        holds = sha(said) == one["digest"] and len(json.loads(said.decode())) == len(one["examinees"])
        found.look(PUBLICATION, f"{one['code']} v{one['number']}", holds and people >= set(one["examinees"]))


def evidence(folder, found):
    """Each file is the one whose digest was noted when it was uploaded."""
    for one in rows_of(folder, "evidence/files"):
        if one["file"]:
            path = folder / one["file"]
            found.look(EVIDENCE, one["file"], path.is_file() and of_file(path) == one["digest"])


LOOKS = (files, draws, chains, versions, minutes, publications, evidence)


def main(folder):
    """Say what was checked and give the status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console of another encoding keeps nobody from reading
    found = Found()
    for look in LOOKS:
        try:
            look(folder, found)
        except BROKEN as problem:
            found.problems.append(f"无法读取 / cannot be read: {look.__name__} {problem!r}")
    for kind, count in found.counts.items():
        print(f"{kind}: {count}")
    print("\n".join(found.problems) if found.problems else "一致 / everything agrees")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
