"""A small HTTP/1.1 client on asyncio: keep-alive, cookies, bodies with a length. It must cost little, for it shares the cores."""

import asyncio
import time
from urllib.parse import urlencode


class Gone(Exception):
    """No answer: the connection broke or nobody listens."""


class Line(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self):
        self.buffer = b""
        self.answer = None
        self.transport = None
        self.need = -1
        self.head = b""

    def connection_made(self, transport):
        """Keep the transport."""
        self.transport = transport

    def data_received(self, data):
        """Collect until head and body are there."""
        self.buffer += data
        if self.need < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self.head = self.buffer[:end]
            self.buffer = self.buffer[end + 4 :]
            low = self.head.lower()
            place = low.find(b"\r\ncontent-length:")
            self.need = int(low[place + 17 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self.buffer) >= self.need:
            body, self.buffer, self.need = self.buffer[: self.need], self.buffer[self.need :], -1
            if self.answer and not self.answer.done():
                self.answer.set_result((self.head, body))

    def connection_lost(self, error):
        """Whoever waits is told."""
        self.transport = None
        if self.answer and not self.answer.done():
            self.answer.set_exception(Gone(str(error or "closed")))


class Pool:
    """So many connections to one address, as a proxy holds them; with `tls`, a context, they are encrypted."""

    def __init__(self, host, port, size, timeout=60, tls=None):
        self.host, self.port, self.timeout, self.tls = host, port, timeout, tls
        self.loses = (
            None  # called for each request; where it says yes the line breaks before the answer arrives
        )
        self.free = asyncio.Queue()  # each in turn, so that no process of the server has all of them
        for _ in range(size):
            self.free.put_nowait(None)

    async def ask(self, request):
        """Send a request; give (head, body). A connection that the server closed while idle is replaced once."""
        line = await self.free.get()
        try:
            for fresh in (False, True):
                if line is None or line.transport is None:
                    line, fresh = await self._connect(), True
                try:
                    line.answer = asyncio.get_running_loop().create_future()
                    line.transport.write(request)
                    if self.loses and self.loses():
                        fresh = True
                        await asyncio.sleep(0.02)  # it has surely been sent
                        line.answer.cancel()
                        raise Gone("the answer was lost")
                    return await asyncio.wait_for(line.answer, self.timeout)
                except (TimeoutError, Gone) as problem:
                    self._drop(line)
                    line = None
                    if fresh:
                        raise Gone(str(problem) or "timeout") from None
            raise Gone("closed")
        finally:
            self.free.put_nowait(line)

    async def _connect(self):
        try:
            loop = asyncio.get_running_loop()
            _transport, line = await loop.create_connection(Line, self.host, self.port, ssl=self.tls)
        except OSError as problem:
            raise Gone(str(problem)) from None
        return line

    @staticmethod
    def _drop(line):
        if line.transport:
            line.transport.abort()

    async def close(self):
        """Hang up."""
        while not self.free.empty():
            line = self.free.get_nowait()
            if line is not None:
                self._drop(line)


class Answer:
    """What came back."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ", 2)[1])
        self.headers = [tuple(line.split(": ", 1)) for line in lines[1:] if ": " in line]
        self.body = body

    @property
    def location(self):
        """Where a redirect leads."""
        return next((value for name, value in self.headers if name.lower() == "location"), "")

    @property
    def text(self):
        """The body as text."""
        return self.body.decode()


class Browser:
    """One candidate's browser: cookies and the times of its requests by kind."""

    def __init__(self, pool, record, cookies=None):
        self.pool = pool
        self.record = record
        self.cookies = dict(cookies or {})

    async def get(self, path, kind):
        """GET."""
        return await self._send("GET", path, kind, b"", "")

    async def post(self, path, kind, data):
        """POST a form, with the token of the cookie."""
        body = urlencode({"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **data}).encode()
        return await self._send("POST", path, kind, body, "application/x-www-form-urlencoded")

    async def post_json(self, path, kind, body):
        """POST JSON, as the sitting page's module does."""
        return await self._send("POST", path, kind, body, "application/json")

    async def _send(self, method, path, kind, body, content_type):
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.pool.host}:{self.pool.port}"]
        if self.cookies:
            head.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if self.pool.tls:
            head.append(f"Origin: https://{self.pool.host}:{self.pool.port}")
        if method == "POST":
            head.append(f"Content-Type: {content_type}\r\nContent-Length: {len(body)}")
            if content_type == "application/json":
                head.append(f"X-CSRFToken: {self.cookies.get('csrftoken', '')}\r\nAccept: application/json")
        request = "\r\n".join(head).encode() + b"\r\n\r\n" + body
        began = time.perf_counter()
        try:
            got, content = await self.pool.ask(request)
        except Gone:
            self.record.note(kind, time.perf_counter() - began, 0, 0)
            raise
        answer = Answer(got, content)
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";", 1)[0]
        self.record.note(kind, time.perf_counter() - began, answer.status, len(got) + len(content))
        return answer
