"""Appointment papers as files: told by their content, limited, pictures encoded anew, PDFs without anything that acts."""

import hashlib
import re
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from accounts import rasters
from audit.transitions import Refused

LARGEST = 8 * 1024 * 1024
MOST_INFLATED = 64 * 1024 * 1024
LONGEST_NAME = 100
TYPES = {**rasters.TYPES, "pdf": "application/pdf"}

# What makes a PDF act or carry other files. The long names are looked for everywhere; the short ones could stand in a picture by
# chance and are looked for between the streams and in the streams that hold objects.
ACTING = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|GoToE|XFA)(?![A-Za-z0-9])"
)
ACTING_SHORT = re.compile(rb"/(JS|AA)(?![A-Za-z0-9])")
HIDDEN_LETTER = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
DICTIONARY_BYTES = 2048  # before a stream; object streams are described in far less


@dataclass(frozen=True)
class Paper:
    """A file that may be kept: its clean bytes, their digest, what they are and what the file was called."""

    name: str
    kind: str
    data: bytes
    digest: str

    @property
    def path(self):
        """Where it lies below MEDIA_ROOT."""
        return path_of(self.digest, self.kind)


def path_of(digest, kind) -> str:
    """Where a file lies below MEDIA_ROOT; named by its content, so the same file lies there once."""
    return f"papers/{digest[:2]}/{digest}.{kind}"


def prepare(data, name) -> Paper:
    """Give the clean form of an uploaded paper, or refuse it in a sentence; nothing is written."""
    if len(data) > LARGEST:
        raise Refused(_("文件超过 8 MB，请压缩或降低扫描分辨率后再上传。"))
    if kind := rasters.sniff(data):
        data, _width, _height = rasters.clean(data, kind)
    elif data.startswith(b"%PDF-"):
        kind = "pdf"
        check_pdf(data)
    else:
        raise Refused(_("无法识别这个文件；可以上传 PDF，或 PNG、JPEG、WebP 图片。"))
    return Paper(tidy(name, kind), kind, data, hashlib.sha256(data).hexdigest())


def tidy(name, kind) -> str:
    """A file's own name as it may be shown and given back: no folders, no controls, the ending that its content has."""
    stem = PurePosixPath(name.replace("\\", "/")).name.rpartition(".")[0] or PurePosixPath(name).name
    stem = "".join(char for char in stem if char.isprintable() and char not in '<>:"/\\|?*').strip(" .")
    return f"{stem[:LONGEST_NAME] or 'paper'}.{'jpg' if kind == 'jpeg' else kind}"


def check_pdf(data):
    """Refuse a PDF that is cut off, locked, or does anything by itself; a simple look, the page that shows it is closed besides."""
    if b"%%EOF" not in data[-2048:]:
        raise Refused(_("PDF 文件不完整，请重新导出或扫描。"))
    if b"/Encrypt" in data:
        raise Refused(_("PDF 设有密码或加密，无法检查，请另存为不加密的 PDF。"))
    plain = _unhidden(data)
    between = _unhidden(STREAM.sub(b"stream endstream", data))
    objects = [_unhidden(held) for held in _object_streams(data)]
    acts = ACTING.search(plain) or any(
        rule.search(text) for text in (between, *objects) for rule in (ACTING, ACTING_SHORT)
    )
    if acts:
        raise Refused(_("PDF 里含有脚本、自动操作或附件，请另存或打印为普通 PDF 后再上传。"))


def _unhidden(text):
    """Names of a PDF may be written with any letter as a number."""
    return HIDDEN_LETTER.sub(lambda found: bytes([int(found[1], 16)]), text)


def _object_streams(data):
    """The contents of the streams that hold objects; one that cannot be read is refused."""
    room = MOST_INFLATED
    for found in STREAM.finditer(data):
        head = data[max(0, found.start() - DICTIONARY_BYTES) : found.start()]
        head = _unhidden(head[head.rfind(b" obj") + 1 :])
        if b"/ObjStm" not in head:
            continue
        if b"/Filter" not in head:
            yield found[1]
            continue
        reader = zlib.decompressobj()
        try:
            text = reader.decompress(found[1], room)
        except zlib.error:
            text = None
        if text is None or reader.unconsumed_tail or b"/FlateDecode" not in head or b"/DecodeParms" in head:
            raise Refused(_("PDF 的结构无法检查，请打印或另存为普通 PDF 后再上传。"))
        room -= len(text)
        yield text
