"""Pictures of items: sniffed, limited, re-encoded or sanitised, kept once by the digest of their bytes."""

import hashlib
import re
from dataclasses import dataclass
from xml.etree import ElementTree

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from accounts import rasters
from audit.log import record
from audit.transitions import Refused
from exams.models import Picture

LARGEST = 3 * 1024 * 1024
DEEPEST_SVG = 64
MOST_SVG_ELEMENTS = 20_000
TYPES = {**rasters.TYPES, "svg": "image/svg+xml"}
SVG = "http://www.w3.org/2000/svg"
ELEMENT_WORDS = (
    "svg g defs symbol title desc path rect circle ellipse line polyline polygon text tspan marker clipPath "
    "mask pattern linearGradient radialGradient stop"
)
SVG_ELEMENTS = frozenset(ELEMENT_WORDS.split())
ATTRIBUTE_WORDS = (
    "id class x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy d points width height viewBox preserveAspectRatio "
    "transform fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin "
    "stroke-dasharray stroke-dashoffset stroke-miterlimit opacity color font-family font-size font-weight "
    "font-style text-anchor dominant-baseline alignment-baseline letter-spacing textLength lengthAdjust "
    "rotate offset stop-color stop-opacity gradientUnits gradientTransform spreadMethod patternUnits "
    "patternContentUnits patternTransform maskUnits maskContentUnits clipPathUnits clip-path clip-rule mask "
    "marker-start marker-mid marker-end refX refY markerWidth markerHeight markerUnits orient overflow "
    "display visibility vector-effect role aria-label aria-hidden lang version"
)
SVG_ATTRIBUTES = frozenset(ATTRIBUTE_WORDS.split())
INNER_URL = re.compile(r"\s*url\(\s*#[\w.-]+\s*\)\s*(none)?\s*")
LENGTH = re.compile(r"\s*([\d.]+)(px)?\s*")


@dataclass(frozen=True)
class Prepared:
    """Bytes that may be kept."""

    digest: str
    kind: str
    data: bytes
    width: int | None
    height: int | None

    @property
    def size(self):
        """How much room it takes."""
        return len(self.data)


def prepare(data) -> Prepared:
    """Give the clean form of an uploaded picture, or refuse it; nothing is written."""
    if len(data) > LARGEST:
        raise Refused(_("图片超过 3 MB，请压缩后再上传。"))
    kind = _sniff(data)
    clean, width, height = _svg(data) if kind == "svg" else rasters.clean(data, kind)
    return Prepared(hashlib.sha256(clean).hexdigest(), kind, clean, width, height)


def keep(data, by) -> Picture:
    """Keep an uploaded picture; the same picture is kept once."""
    return store(prepare(data), by)


def store(prepared, by) -> Picture:
    """Write a prepared picture below MEDIA_ROOT and its row."""
    picture = Picture(
        digest=prepared.digest,
        kind=prepared.kind,
        width=prepared.width,
        height=prepared.height,
        uploaded_by=by,
    )
    if not default_storage.exists(picture.path):
        default_storage.save(picture.path, ContentFile(prepared.data))
    kept, is_new = Picture.objects.get_or_create(
        digest=prepared.digest,
        defaults={name: getattr(picture, name) for name in ("kind", "width", "height", "uploaded_by")},
    )
    if is_new:
        record("picture.keep", kept, by=by, kind=kept.kind, bytes=prepared.size)
    return kept


def read(picture) -> bytes:
    """Give the bytes of a kept picture."""
    with default_storage.open(picture.path) as file:
        return file.read()


def _sniff(data):
    if kind := rasters.sniff(data):
        return kind
    if b"<svg" in data[:4096]:
        return "svg"
    raise Refused(_("无法识别这个图片文件；可以上传 PNG、JPEG、WebP 或 SVG。"))


# --- SVG ------------------------------------------------------------------------------------------------------------


def _svg(data):
    if b"\0" in data or b"<!DOCTYPE" in data.upper() or b"<!ENTITY" in data.upper():
        raise Refused(_("SVG 里有不允许的声明（DOCTYPE 或 ENTITY），请另存为纯 SVG。"))
    parser = ElementTree.XMLParser(target=_BoundedTree())
    try:
        parser.feed(data.decode("utf-8-sig"))
        root = parser.close()
    except (ElementTree.ParseError, UnicodeDecodeError, ValueError):
        raise Refused(_("SVG 文件的格式不正确，无法打开。")) from None
    if root.tag != f"{{{SVG}}}svg":
        raise Refused(_("SVG 文件的格式不正确，无法打开。"))
    clean = _clean_element(root)
    width, height = _svg_size(clean)
    text = ElementTree.tostring(clean, encoding="unicode")
    return text.encode("utf-8"), width, height


class _BoundedTree(ElementTree.TreeBuilder):
    """A tree that stops growing before what walks it, here and in browsers, would run out of stack."""

    def __init__(self):
        super().__init__()
        self.depth = self.elements = 0

    def start(self, tag, attrs):
        """Begin an element, or refuse it."""
        self.depth += 1
        self.elements += 1
        if self.depth > DEEPEST_SVG:
            raise Refused(_("SVG 的图形嵌套超过 %(most)s 层，请简化后再上传。") % {"most": DEEPEST_SVG})
        if self.elements > MOST_SVG_ELEMENTS:
            raise Refused(_("SVG 的图形超过 %(most)s 个，请简化后再上传。") % {"most": MOST_SVG_ELEMENTS})
        return super().start(tag, attrs)

    def end(self, tag):
        """Close an element."""
        self.depth -= 1
        return super().end(tag)


def _clean_element(element):
    """Give a copy that holds only what the lists name; names lose their namespace, the root carries it."""
    name = element.tag.removeprefix(f"{{{SVG}}}")
    copy = ElementTree.Element(name)
    if name == "svg":
        copy.set("xmlns", SVG)
    for attribute, value in element.attrib.items():
        if attribute in SVG_ATTRIBUTES and _is_harmless(value):
            copy.set(attribute, value)
    for prop, _colon, value in (part.partition(":") for part in element.get("style", "").split(";")):
        if prop.strip() in SVG_ATTRIBUTES and _is_harmless(value):
            copy.set(prop.strip(), value.strip())
    copy.text, copy.tail = element.text, element.tail
    for child in element:
        if isinstance(child.tag, str) and child.tag.removeprefix(f"{{{SVG}}}") in SVG_ELEMENTS:
            copy.append(_clean_element(child))
    return copy


def _is_harmless(value):
    folded = value.lower()
    if "\\" in value or "javascript:" in folded or "expression" in folded or "@import" in folded:
        return False
    return "url" not in folded or bool(INNER_URL.fullmatch(value))


def _svg_size(root):
    sizes = [LENGTH.fullmatch(root.get(side, "")) for side in ("width", "height")]
    if all(sizes):
        numbers = [found[1] for found in sizes]
    else:
        numbers = re.split(r"[\s,]+", root.get("viewBox", "").strip())[2:]
    try:
        width, height = (max(1, min(round(float(number)), 100_000)) for number in numbers)
    except ValueError:
        return None, None
    return width, height
