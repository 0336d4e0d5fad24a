"""What an attacker has: a client that sends whatever it likes to a running product, and a reader of its pages' forms."""

import http.client
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from uuid import uuid4

from exams.tests.crawling import view_name
from tests.product import PASSWORD

SIGN_IN = "/accounts/login/"
AWAY = "/accounts/login/outside/weixin/"  # to an account elsewhere


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    at: str

    @property
    def text(self):
        """The body as text."""
        return self.body.decode(errors="replace")

    @property
    def location(self):
        """Where it sends the visitor."""
        return self.headers.get("Location", "")

    @property
    def is_page(self):
        """Whether a browser would run what stands in it."""
        return self.headers.get_content_type() in ("text/html", "image/svg+xml", "application/xhtml+xml")

    def forms(self):
        """The forms of a page."""
        reader = Forms(self.at)
        reader.feed(self.text)
        return reader.found

    def links(self):
        """The addresses of this house that a page leads to."""
        found = re.findall(r"""\b(?:href|hx-get|src)=["']([^"'#]+)""", self.text)
        return {urlsplit(urljoin(self.at, one.replace("&amp;", "&"))) for one in found}


@dataclass
class Form:
    """A form as a browser would send it: `fields` by name, and which of them take a text or a file."""

    at: str
    action: str
    method: str
    encoding: str
    fields: dict = field(default_factory=dict)
    texts: list = field(default_factory=list)
    files: list = field(default_factory=list)


class Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self, at):
        super().__init__()
        self.at, self.found, self.form, self.select, self.area = at, [], None, None, None

    def handle_starttag(self, tag, attrs):
        """A form begins, or one of its fields stands there."""
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            action = urlsplit(urljoin(self.at, given.get("action") or self.at)).path
            method, encoding = (given.get("method") or "get").lower(), given.get("enctype") or ""
            self.form = Form(self.at, action, method, encoding)
            self.found.append(self.form)
        elif self.form is None or not name:
            if (
                tag == "option"
                and self.select
                and (self.select not in self.form.fields or "selected" in given)
            ):
                self.form.fields[self.select] = value
        elif tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area = name
            self.form.fields.setdefault(name, "")
            self.form.texts.append(name)
        elif tag in ("input", "button"):
            self._field(name, value, given if tag == "input" else {"type": "submit"})

    def _field(self, name, value, given):
        kind = (given.get("type") or "text").lower()
        if kind == "file":
            self.form.files.append(name)
        elif kind in ("radio", "checkbox"):
            if "checked" in given or name not in self.form.fields:
                self.form.fields[name] = value or "on"
        else:
            self.form.fields.setdefault(name, value)
            if kind in ("text", "search", "email", "tel", "url"):
                self.form.texts.append(name)

    def handle_endtag(self, tag):
        """A form or a field ends."""
        if tag == "form":
            self.form = None
        elif tag in ("select", "textarea"):
            self.select = self.area = None

    def handle_data(self, data):
        """The text of a text area."""
        if self.form is not None and self.area:
            self.form.fields[self.area] += data


class Visitor:
    """Somebody with cookies; nothing is followed, checked or escaped on the way."""

    def __init__(self, product, username=None, password=PASSWORD):
        self.host, self.port = "127.0.0.1", product.port
        self.cookies = {}
        if username:
            assert self.sign_in(username, password).status == 302, username

    def send(self, method, path, body=None, headers=None):
        """One request; cookies are kept as a browser keeps them."""
        line = http.client.HTTPConnection(self.host, self.port, timeout=60)
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        line.request(method, path, body, {**sent, **(headers or {})})
        came = line.getresponse()
        answer = Answer(came.status, came.headers, came.read(), path)
        line.close()
        for one in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(one).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def get(self, path, **headers):
        """Look at a page."""
        return self.send("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path, fields, *, token=True, files=(), headers=None):
        """Send a form; without its token where that is the attack. `files`: [(field, file name, bytes), …]."""
        fields = dict(fields)
        if token:
            if "csrftoken" not in self.cookies:
                self.get(SIGN_IN)
            fields["csrfmiddlewaretoken"] = self.cookies.get("csrftoken", "")
        else:
            fields.pop("csrfmiddlewaretoken", None)
        if not files:
            kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
        else:
            border = uuid4().hex
            kind, body = f"multipart/form-data; boundary={border}", _parts(border, fields, files)
        return self.send("POST", path, body, {"Content-Type": kind, **(headers or {})})

    def sign_in(self, username, password, **more):
        """Through the sign-in page."""
        self.get(SIGN_IN)
        return self.post(SIGN_IN, {"login": username, "password": password, **more})

    def crawl(self, start=("/",), most=400, keep=lambda path: True):
        """Every page that links lead to, three of each view and each set of its parameters: [Answer, …]."""
        waiting, seen, shapes = list(start), set(start), {}
        while waiting and len(seen) < most:
            answer = self.get(waiting.pop(0))
            yield answer
            if not answer.is_page:
                continue
            for link in sorted(answer.links()):
                path = link.path + (f"?{link.query}" if link.query else "")
                shape = view_name(link.path), *sorted(parse_qs(link.query))
                ours = not link.netloc or link.netloc.startswith("127.0.0.1")
                if ours and path not in seen and shapes.get(shape, 0) < 3 and keep(path):
                    shapes[shape] = shapes.get(shape, 0) + 1
                    seen.add(path)
                    waiting.append(path)


def _parts(border, fields, files):
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, filename, body in files:
        head = f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + body + b"\r\n")
    return b"".join(parts) + f"--{border}--\r\n".encode()


def begun(visitor, path=AWAY, **sent):
    """Go to an account elsewhere; gives the state that comes back from there."""
    answer = visitor.post(path, sent)
    assert answer.status == 200, answer.status
    return parse_qs(urlsplit(answer.headers["Refresh"].partition("url=")[2]).query)["state"][0]


def back(visitor, who, state, **more):
    """Come back from there as somebody."""
    return visitor.get(f"{AWAY}back/?" + urlencode({"code": f"code-of-{who}", "state": state} | more))
