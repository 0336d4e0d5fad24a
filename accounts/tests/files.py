"""Papers for the tests, as somebody might scan or forge them."""

import io
import zlib

from PIL import Image


def a_picture(kind="PNG", size=(40, 30), **more):
    """A picture."""
    file = io.BytesIO()
    Image.new("RGB", size, (20, 86, 184)).save(file, kind, **more)
    return file.getvalue()


def a_pdf(*objects, catalog=b""):
    """A small PDF; the objects stand in it as they are."""
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + catalog + b">>\nendobj\n"
    body += b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    return body + b"".join(objects) + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def a_stream(content, head=b"", pack=zlib.compress):
    """An object with a stream."""
    packed = pack(content)
    return b"5 0 obj\n<< " + head + b" /Filter /FlateDecode >>\nstream\n" + packed + b"\nendstream\nendobj\n"
