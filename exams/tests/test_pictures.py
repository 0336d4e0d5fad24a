"""Pictures: what is kept, what is refused, who is given them."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from accounts import rasters
from audit.transitions import Refused
from exams import pictures
from exams.actions import bank as acts
from exams.models import Picture
from exams.tests.bank_stories import make_bank, single

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">'


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def raster(kind, size=(12, 8), **options):
    file = io.BytesIO()
    image = Image.new("RGB", size, "#1456b8")
    image.putpixel((3, 3), (255, 0, 0))
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_picture_loses_what_it_says_of_its_maker_and_then_keeps_its_digest(kind):
    exif = Image.Exif()
    exif[0x010F] = "a camera that tells"
    data = raster(kind, exif=exif)
    assert b"a camera that tells" in data

    once = pictures.prepare(data)
    twice = pictures.prepare(once.data)

    assert b"a camera that tells" not in once.data
    assert (once.kind, once.width, once.height) == (kind, 12, 8)
    assert twice == once


def test_the_same_picture_is_kept_once(cast):
    first, second = pictures.keep(raster("png"), cast.editor), pictures.keep(raster("png"), cast.reviewer)
    assert (first, Picture.objects.count(), first.uploaded_by) == (second, 1, cast.editor)


def test_an_svg_keeps_its_shapes_and_loses_the_rest():
    dirty = (
        OPEN
        + "<script>alert(1)</script><title>标签</title><g onclick='x()' style='fill:#fff;background:url(http://e)'>"
        "<rect width='9' fill='url(#a)' stroke='url(http://e/x)'/><foreignObject><p/></foreignObject></g>"
        "<a href='http://e'><text>链接</text></a><image href='http://e/x.png'/><style>*{}</style>"
        "<use href='#a'/><path d='M0 0' marker-end='url(#m)'/></svg>"
    )
    kept = pictures.prepare(dirty.encode())
    assert kept.data.decode() == (
        OPEN + '<title>标签</title><g fill="#fff"><rect width="9" fill="url(#a)" /></g>'
        '<path d="M0 0" marker-end="url(#m)" /></svg>'
    )
    assert (kept.width, kept.height) == (640, 360)
    assert pictures.prepare(kept.data) == kept


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"GIF89a....", "无法识别"),
        (b"<html><body>", "无法识别"),
        (b"\x89PNG\r\n\x1a\nbroken", "损坏"),
        (b"\xff\xd8\xffbroken", "损坏"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + OPEN.encode() + b"&a;</svg>", "DOCTYPE"),
        (OPEN.encode("utf-16"), "无法识别"),
        (OPEN.encode() + b"<g></svg>", "格式"),
        (b"<svg><g/></svg>", "格式"),
        (b"x" * (pictures.LARGEST + 1), "3 MB"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(Refused, match=sentence):
        pictures.prepare(data)


@pytest.mark.parametrize(
    ("inside", "sentence"),
    [
        ("<g>" * 200_000 + "</g>" * 200_000, "嵌套超过 64 层"),
        ("<g>" * 64 + "</g>" * 64, "嵌套超过 64 层"),
        ("<a>" * 64 + "</a>" * 64, "嵌套超过 64 层"),
        ("<g/>" * 20_000, "图形超过 20000 个"),
    ],
)
def test_an_svg_that_is_deeper_or_larger_than_any_drawing_is_refused(inside, sentence):
    with pytest.raises(Refused, match=sentence):
        pictures.prepare(f"{OPEN}{inside}</svg>".encode())


def test_an_svg_of_the_greatest_depth_is_kept():
    kept = pictures.prepare(f"{OPEN}{'<g>' * 63}{'</g>' * 63}</svg>".encode())
    assert kept.data.decode() == f"{OPEN}{'<g>' * 62}<g />{'</g>' * 62}</svg>"


def test_too_many_pixels_are_refused_before_they_are_unpacked(monkeypatch):
    monkeypatch.setattr(rasters, "MOST_PIXELS", 50)
    with pytest.raises(Refused, match="像素"):
        pictures.prepare(raster("png"))


def test_a_picture_is_given_to_those_who_work_in_its_bank_and_to_nobody_else(cast, as_user):
    picture = pictures.keep(raster("png"), None)
    stem = f"看图 ![图](picture:{picture.digest})：样品从哪里抽取？"
    acts.write(make_bank(cast), single(stem=stem), by=cast.editor)
    url = reverse("exams:picture", args=[picture.digest])

    response = as_user(cast.reviewer).get(url)

    assert b"".join(response.streaming_content) == pictures.read(picture)
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert response["Content-Security-Policy"].endswith("sandbox")
    assert response["Cache-Control"].startswith("private") and "immutable" in response["Cache-Control"]
    assert {u: as_user(getattr(cast, u)).get(url).status_code for u in ("editor", "officer", "manager", "city")} == {
        "editor": 200, "officer": 404, "manager": 404, "city": 404,
    }  # fmt: skip
