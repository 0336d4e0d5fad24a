"""What the crawls share: every route of the house, what an answer holds, whatever its format, and which words stand in it."""

import contextlib
import io
import itertools
import re
import subprocess
import zipfile

import pytest
from django.urls import NoReverseMatch, Resolver404, URLResolver, get_resolver, resolve, reverse
from django.urls.converters import IntConverter

from tests import build

CANARIES = (build.RATIONALE, build.SPELLING, build.BASIS)
MARKS = (
    "is-key",
    "is-right",
    "is-wrong",
    "正确答案",
    "标准答案",
    '"key"',
    '"rationale"',
    '"fraction"',
    '"points"',
    "review-item",
    "verdict-points",
    "topic-bars",
)
# They say such words and hold no data: what other systems may ask for, and the page that plays what a phone holds.
NAMES_FIELDS = {"api:openapi", "practice:offline"}
LINK = re.compile(r"""\b(?:href|src|action|hx-get)=["']([^"'#]+)""")


def routes(resolver=None, space=""):
    """Every named route of the house with the converters of its parameters."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            regex = dict.fromkeys(pattern.pattern.regex.groupindex)  # how allauth writes a few of its routes
            yield f"{space}{pattern.name}", pattern.pattern.converters or regex


def addresses(numbers, words):
    """The address of every route with every choice of the candidate's own ids."""
    found = set()
    for name, converters in routes():
        choices = [numbers if isinstance(c, IntConverter) else words for c in converters.values()]
        for values in itertools.product(*choices):
            with contextlib.suppress(NoReverseMatch):  # a value that this route's pattern does not take
                found.add(reverse(name, kwargs=dict(zip(converters, values, strict=True))))
    return sorted(found)


def view_name(address):
    with contextlib.suppress(Resolver404):
        return resolve(address.split("?")[0]).view_name


def texts(answer):
    """Headers and body of an answer as one text; what a PDF or a workbook holds is unpacked."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return headers + "\n" + unpacked(body)


def unpacked(body):
    """The text of a body, whatever its format."""
    if body.startswith(b"%PDF-"):
        text = printed(body)
        return text + "".join(text.split())  # a word may go on in the next line
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(f"{name}\n{unpacked(archive.read(name))}" for name in archive.namelist())
    return body.decode(errors="replace")


def printed(document):
    """What poppler reads in a PDF."""
    try:
        done = subprocess.run(["pdftotext", "-", "-"], input=document, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("poppler-utils is not on this machine")
    return done.stdout.decode()


def crawl(client, start, only=""):
    """Get every address, follow every link in what comes back, or only such ones; {address: (status, headers and body)}."""
    seen, waiting = {}, list(start)
    while waiting:
        address = waiting.pop()
        if address in seen or address.startswith(("/static/", "/accounts/logout")):
            continue
        answer = client.get(address)
        seen[address] = answer.status_code, texts(answer)
        if answer.status_code in (301, 302):
            waiting.append(answer.url.split("#")[0])
        for link in LINK.findall(seen[address][1]):
            link = link.replace("&amp;", "&")
            if link.startswith("?"):
                link = address.split("?")[0] + link
            if link.startswith("/") and not link.startswith("//") and re.search(only, link):
                waiting.append(link)
    return seen


def is_told(word, text):
    """Whether the text tells the word; a figure is not told by a longer one's tail or by an encoded address (50%2F)."""
    if not word[0].isdigit():
        return word in text
    return bool(re.search(rf"(?<!\d){re.escape(word)}(?![0-9A-F]{{2}})", text))


def leaks(seen, words):
    return sorted(
        (address, word)
        for address, (_status, text) in seen.items()
        for word in words
        if is_told(word, text) and not (word in MARKS and view_name(address) in NAMES_FIELDS)
    )
