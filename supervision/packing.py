"""The evidence package of a case: a zip that opens without this house, made section by section.

A section is a function that takes a `Pack` and gives pieces, entered with `@section(code, title)`; another floor or file adds its
own in the same way. `records` turns rows into a file for machines and a page for people.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from html import escape
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import Promise

from accounts import printing
from accounts.identifiers import mask_id_number, mask_phone, why_not_uscc
from accounts.models import User
from supervision.engine.dossier import sha256
from supervision.package_words import name_of_column

CHUNK = 64 * 1024
SUMS, MANIFEST, ABOUT, INDEX, README = "SHA256SUMS", "manifest.json", "about.json", "index.html", "README.txt"
SHIPPED = settings.BASE_DIR / "supervision"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+\d\d:\d\d")
ID_NUMBER = re.compile(
    rb"(?<![0-9A-Za-z])\d{6}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
PHONE = re.compile(rb"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")
HEX = re.compile(r"[0-9a-f]{32,}")
STYLE = (
    "body{font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;color:#1d2433;margin:2rem auto;"
    "max-width:90rem;padding:0 1rem}h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;"
    "font-size:.875rem}th,td{border-bottom:1px solid #e3e7ee;padding:.4rem .8rem;text-align:left;vertical-align:top;"
    "max-width:28rem}th{color:#5b6576;font-weight:600;white-space:nowrap}td{overflow-wrap:break-word}a{color:#1456b8}"
    "small,.muted{color:#5b6576}.frame{overflow-x:auto}td.code{font-family:monospace;font-size:.8rem;min-width:16rem;"
    "overflow-wrap:anywhere}td.when{white-space:nowrap}td{min-width:3rem}td.text{min-width:18rem}"
)

LONG = 24  # characters from which a column is made wide
PLACES = {"file", "files", "pdf", "picture", "receipt"}  # columns that name files of the package


@dataclass(frozen=True)
class Piece:
    """One file of a package: its name inside, its title, and its bytes, whole or as they come."""

    name: str
    title: str | Promise
    content: bytes | Iterable[bytes]
    is_told: bool = False  # words of ours: numbers that somebody typed into them are masked like all others


@dataclass
class Pack:
    """What a section may know: the case, whether numbers stand there in full and of whom, and the moment."""

    check: object
    full: bool
    opened: frozenset
    now: datetime
    maker: str = ""  # who makes it, as documents on paper name whoever printed them
    known: dict = field(default_factory=dict)  # what one section read and a later one needs

    def number(self, person, name):
        """A number of a person: her mask, or in a full package what stands behind it."""
        mask = getattr(person, {"id_number": "id_mask", "phone": "phone_mask"}[name])
        return getattr(person, name) if mask and self.full and person.pk in self.opened else mask


@dataclass(frozen=True)
class Section:
    """One chapter of a package."""

    code: str
    title: str | Promise
    pieces: Callable


SECTIONS: list[Section] = []


def section(code, title):
    """Enter a function as a chapter; chapters stand in the order in which they were entered."""

    def entered(pieces):
        SECTIONS.append(Section(code, title, pieces))
        return pieces

    return entered


PRESSES: dict[str, Callable] = {}


def prints(code):
    """Enter a function that makes a document of a section on paper; the press stands on a floor above."""

    def entered(press):
        PRESSES[code] = press
        return press

    return entered


def on_paper(pack, press, *things, **told):
    """A document as PDF, or nothing where this machine cannot print: the data beside it say the same."""
    try:
        return press(*things, **told) if press else b""
    except printing.Unavailable as unavailable:
        pack.known["unprinted"] = str(unavailable)
        return b""


# --- from rows to files --------------------------------------------------------------------------------------------


def both(text):
    """A sentence in both languages."""
    said = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said.append(str(text() if callable(text) else text))
    return said[0] if said[0] == said[1] else " / ".join(said)


def plain(value):
    """A value as JSON holds it."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, User):
        return value.name
    if isinstance(value, Promise):
        return str(value)
    return value


def row_of(thing, *names, **more):
    """Some fields of a row as a dict; a field with choices also in words, people by their names."""
    found = {}
    for name in names:
        value = plain(getattr(thing, name))
        found[name] = value
        if getattr(thing._meta.get_field(name), "choices", None) and value:
            with translation.override("zh-hans"):
                found[f"{name}_display"] = str(getattr(thing, f"get_{name}_display")())
    return found | {name: plain(value) for name, value in more.items()}


def as_json(value):
    """A value as a file for machines."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode() + b"\n"


def records(name, title, rows):
    """Rows as NAME.json and NAME.html; a column with words beside its codes shows the words only."""
    rows = [dict(row) for row in rows]
    yield Piece(f"{name}.json", title, as_json(rows), is_told=True)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    columns = [key for key in columns if f"{key}_display" not in columns]
    head = "".join(f"<th scope=col>{escape(_called(key))}</th>" for key in columns)
    up = "../" * name.count("/")
    cells = ("".join(_cell(row.get(key), up if key in PLACES else None) for key in columns) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    empty = "" if rows else f"<p class=muted>{'没有记录 / No records'}</p>"
    table = f"<div class=frame><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    page = f"<p><a href='{up}{INDEX}'>← 目录 / Contents</a></p>{table}{empty}"
    yield Piece(f"{name}.html", title, as_page(both(title), page), is_told=True)


def masked(content):
    """Bytes in which whatever reads as an ID or mobile number is masked."""
    content = ID_NUMBER.sub(lambda found: _hidden(found[0], mask_id_number), content)
    return PHONE.sub(lambda found: _hidden(found[0], mask_phone), content)


def _hidden(found, mask):
    text = found.decode("ascii")
    return found if not why_not_uscc(text) else mask(text).encode("ascii")


def facts(name, title, pairs):
    """Pairs of label and value as NAME.json and NAME.html."""
    yield from records(name, title, [{"item": both(label), "value": plain(value)} for label, value in pairs])


def _called(key):
    return "：".join(both(one) for one in name_of_column(key) or (key,))


def _cell(value, up=None):
    if value is None or value in ("", []):
        return "<td>—</td>"
    if up is not None:
        names = [value] if isinstance(value, str) else value
        return f"<td>{'<br>'.join(_way(up, name) for name in names)}</td>"
    if isinstance(value, bool):
        return f"<td>{'是 / Yes' if value else '否 / No'}</td>"
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return f"<td class=when>{value[:10]} {value[11:19]}</td>"
    if isinstance(value, str) and HEX.fullmatch(value):
        return f"<td class=code>{value}</td>"
    if isinstance(value, list) and all(_is_flat(one) for one in value):
        lines = (" · ".join(map(str, one.values())) if isinstance(one, dict) else str(one) for one in value)
        return f"<td class=text>{'<br>'.join(escape(one) for one in lines)}</td>"
    if isinstance(value, dict | list):
        return f"<td class=code>{escape(json.dumps(value, ensure_ascii=False, default=str))}</td>"
    return f"<td{' class=text' if len(str(value)) > LONG else ''}>{escape(str(value))}</td>"


def _is_flat(value):
    held = value.values() if isinstance(value, dict) else [value]
    return not any(isinstance(one, dict | list) for one in held)


def _way(up, name):
    return f"<a href='{up}{quote(name)}'>{escape(name.rpartition('/')[2])}</a>"


def as_page(title, body):
    """A page that needs nothing but itself."""
    return (
        f"<!DOCTYPE html><html lang=zh-CN><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>\n"
    ).encode()


# --- the package ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Built:
    """What came out: how many files, and the digest over the list of their digests."""

    files: int
    digest: str


def build(pack, file, step=lambda done, parts: None) -> Built:
    """Write the package of a case into a file, a piece at a time; `step` hears how many sections are done."""
    sums, chapters = [], []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:

        def put(name, content):
            sums.append((_write(book, name, content, pack.now), name))

        for done, one in enumerate(SECTIONS):
            step(done, len(SECTIONS))
            held = []
            for piece in one.pieces(pack):
                is_masked = piece.is_told and not pack.full
                put(piece.name, masked(piece.content) if is_masked else piece.content)
                held.append((piece.name, both(piece.title)))
            chapters.append((both(one.title), held))
        put("verify_package.py", (SHIPPED / "verify_package.py").read_bytes())
        about = {
            "format": 1,
            "case": pack.check.serial,
            "code": pack.check.code,
            "made_at": plain(pack.now),
            "made_by": pack.maker,
            "numbers": "full" if pack.full else "masked",
        }
        put(ABOUT, as_json(about))
        put(README, _readme(pack))
        put(INDEX, _index(pack, chapters))
        listed = "".join(
            f"{digest}  {name}\n" for digest, name in sorted(sums, key=lambda one: one[1])
        ).encode()
        digest = sha256(listed.decode())
        _write(book, SUMS, listed, pack.now)
        manifest = about | {
            "digest": digest,
            "files": [{"name": name, "sha256": one} for one, name in sorted(sums, key=lambda one: one[1])],
        }
        _write(book, MANIFEST, as_json(manifest), pack.now)
    step(len(SECTIONS), len(SECTIONS))
    return Built(len(sums) + 2, digest)


def _write(book, name, content, now):
    """One file into the zip, in bounded pieces; gives its SHA-256."""
    seen = hashlib.sha256()
    info = zipfile.ZipInfo(name, timezone.localtime(now).timetuple()[:6])
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    with book.open(info, "w", force_zip64=True) as out:
        for chunk in (content,) if isinstance(content, bytes) else content:
            seen.update(chunk)
            out.write(chunk)
    return seen.hexdigest()


def _readme(pack):
    text = (SHIPPED / "data" / "package_readme.txt").read_text("utf-8")
    numbers = ("完整", "in full") if pack.full else ("隐去中间各位", "masked")
    return text.format(
        serial=pack.check.serial,
        name=pack.check.name,
        unit=pack.check.unit.name,
        at=timezone.localtime(pack.now).strftime("%Y-%m-%d %H:%M"),
        numbers=numbers[0],
        numbers_en=numbers[1],
    ).encode()


def _index(pack, chapters):
    told = "".join(
        f"<h2>{escape(title)}</h2><ul>"
        + "".join(
            f"<li>{_link(name, label, held)}</li>"
            for name, label in sorted(held, key=_is_one)
            if not _is_twin(name, held)
        )
        + ("" if held else "<li class=muted>没有文件 / No files</li>")
        + "</ul>"
        for title, held in chapters
    )
    ways = "".join(
        f"<li><a href='{name}'>{name}</a></li>"
        for name in (README, "verify_package.py", SUMS, MANIFEST, ABOUT)
    )
    head = [
        ("组织机构 / Organ", pack.check.unit.name),
        ("状态 / State", both(pack.check.get_state_display)),
        ("生成 / Made", f"{pack.maker} {timezone.localtime(pack.now):%Y-%m-%d %H:%M}"),
        (
            "证件号码和手机号 / ID and phone numbers",
            "完整 / in full" if pack.full else "隐去中间各位 / masked",
        ),
    ]
    if missing := pack.known.get("unprinted"):
        head.append(("PDF", missing))
    facts = "".join(
        f"<tr><th scope=row>{escape(label)}</th><td>{escape(value)}</td></tr>" for label, value in head
    )
    return as_page(f"{pack.check.serial} {pack.check.name}", f"<table>{facts}</table><ul>{ways}</ul>{told}")


def _is_one(piece):
    """Whether a file tells of one thing, by the number in its name: the contents name those after the tables."""
    return any(letter.isdigit() for letter in piece[0].rpartition("/")[2].removesuffix(".json"))


def _is_twin(name, held):
    """Whether a file for machines has a page for people beside it, at which it is named."""
    return name.endswith(".json") and f"{name[:-5]}.html" in dict(held)


def _link(name, label, held):
    said = f"<a href='{quote(name)}'>{escape(label)}</a> <small>{escape(name)}</small>"
    twin = f"{name.removesuffix('.html')}.json"
    if name.endswith(".html") and twin in dict(held):
        said += f" · <a href='{quote(twin)}'>JSON</a>"
    return said
