"""Pictures made of pixels: told by their content, limited, and encoded anew so that nothing but the picture is kept."""

import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from audit.transitions import Refused

MOST_PIXELS = 24_000_000
TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"))

# What is written comes out the same when it is brought again, so a picture keeps its digest from house to house.
SAVING = {"png": {"optimize": True}, "jpeg": {"quality": 90}, "webp": {"lossless": True, "exact": True}}


def sniff(data) -> str:
    """What kind of picture the bytes begin like; empty when like none."""
    for signature, kind in SIGNATURES:
        if data.startswith(signature):
            return kind
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def clean(data, kind):
    """The picture without anything besides it, its width and its height; or a refusal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=[kind.upper()])
        if image.width * image.height > MOST_PIXELS:
            raise Refused(_("图片的像素太多，请缩小到 2400 万像素以内。"))
        if getattr(image, "n_frames", 1) > 1:
            raise Refused(_("不支持动态图片，请上传静态图片。"))
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(_("图片文件已损坏，无法打开。")) from None
    if kind == "jpeg" and _is_bare(image, data):
        return data, image.width, image.height
    image = ImageOps.exif_transpose(image)
    image.info = {name: value for name, value in image.info.items() if name == "transparency"}
    file = io.BytesIO()
    image.save(file, kind.upper(), **SAVING[kind])
    return file.getvalue(), image.width, image.height


def _is_bare(image, data):
    """Tell whether a JPEG holds nothing but the picture, so that encoding it again would only blur it."""
    return (
        {name for name, _content in image.applist} <= {"APP0"}
        and image.mode in ("L", "RGB")
        and data.rstrip(b"\0").endswith(b"\xff\xd9")
        and data.count(b"\xff\xd9") == 1
    )
