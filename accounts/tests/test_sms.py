"""The two ways out for short messages: a file that only its owner reads, and a gateway that checks our signature."""

import hashlib
import hmac
import json
import os
import stat
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from accounts import sms
from accounts.sms import http

MESSAGE = ("19900000001", "sign_in_code", {"code": "042137", "minutes": 5})
SECRET = "a secret of thirty-two characters"


class Gateway(ThreadingHTTPServer):
    """The other end of the line as docs/operations.md describes it: it checks key, time, nonce and signature."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.got, self.nonces, self.says, self.waits = [], set(), 204, 0

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/send?tenant=3"

    def why_not(self, path, headers, body):
        """What is wrong with a request; empty when it is right."""
        timestamp, nonce = headers["X-Zhikao-Timestamp"], headers["X-Zhikao-Nonce"]
        signed = timestamp.encode() + b"\n" + nonce.encode() + b"\n" + body
        right = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        faults = {
            "path": path != "/send?tenant=3",
            "key": headers["X-Zhikao-Key"] != "k1",
            "time": abs(time.time() - int(timestamp)) > 300,
            "nonce": len(nonce) < 16 or nonce in self.nonces,
            "signature": not hmac.compare_digest(right, headers["X-Zhikao-Signature"]),
            "type": headers["Content-Type"] != "application/json; charset=utf-8",
        }
        self.nonces.add(nonce)
        return " ".join(name for name, is_wrong in faults.items() if is_wrong)


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.server.waits)
        if fault := self.server.why_not(self.path, self.headers, body):
            self.send_error(403, fault)
        elif self.server.says == "nonsense":
            self.wfile.write(b"19900000001 042137\r\n\r\n")
        else:
            self.server.got.append(json.loads(body))
            self.send_response(self.server.says)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()

    def log_message(self, *args):
        """Quiet."""


@pytest.fixture
def gateway(settings):
    server = Gateway()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_ADAPTER, settings.SMS_URL = "http", server.address
    settings.SMS_KEY_ID, settings.SMS_SECRET = "k1", SECRET
    yield server
    server.shutdown()
    server.server_close()


def refusal():
    with pytest.raises(sms.NotSent) as refused:
        sms.send(*MESSAGE)
    assert not any(secret in str(refused.value) for secret in (MESSAGE[0], "042137", SECRET))
    assert refused.value.__cause__ is None and refused.value.__suppress_context__ is bool(
        refused.value.__context__
    )
    return str(refused.value)


def test_the_gateway_gets_a_signed_message_with_a_new_nonce_each_time(gateway):
    for _turn in range(2):
        sms.send(*MESSAGE)
    phone, template, parameters = MESSAGE
    assert gateway.got == [{"phone": phone, "template": template, "parameters": parameters}] * 2
    assert len(gateway.nonces) == 2


@pytest.mark.parametrize(
    ("name", "value"), [("SMS_SECRET", "another"), ("SMS_KEY_ID", "k2")], ids=["secret", "key"]
)
def test_a_wrong_key_is_refused_and_told(gateway, settings, name, value):
    setattr(settings, name, value)
    assert (refusal(), gateway.got) == ("the gateway answers 403", [])


@pytest.mark.parametrize("status", [302, 400, 429, 500])
def test_whatever_is_not_a_success_is_a_failure_and_nothing_is_followed(gateway, status):
    gateway.says = status
    assert refusal() == f"the gateway answers {status}"


def test_an_answer_that_is_no_http_is_not_quoted(gateway):
    gateway.says = "nonsense"
    assert refusal() == "the gateway does not answer: BadStatusLine"


def test_a_silent_gateway_is_given_up(gateway, monkeypatch):
    assert http.TIMEOUT == 5
    monkeypatch.setattr(http, "TIMEOUT", 0.1)
    gateway.waits = 0.5
    assert refusal() == "the gateway does not answer: TimeoutError"


def test_a_gateway_that_is_not_there_is_told(settings):
    settings.SMS_ADAPTER, settings.SMS_URL = "http", "http://127.0.0.1:9/"
    assert refusal() == "the gateway does not answer: ConnectionRefusedError"


def test_the_file_is_read_by_its_owner_alone_even_if_it_was_open_to_all(settings, tmp_path):
    settings.SMS_ADAPTER, settings.SMS_FILE = "file", str(tmp_path / "sms.log")
    (tmp_path / "sms.log").touch(0o666)
    for _turn in range(2):
        sms.send(*MESSAGE)
    lines = [json.loads(line) for line in (tmp_path / "sms.log").read_text().splitlines()]
    assert [(m["phone"], m["template"], m["parameters"]) for m in lines] == [MESSAGE] * 2
    assert stat.S_IMODE(os.stat(settings.SMS_FILE).st_mode) == 0o600


def test_an_operator_may_name_an_adapter_of_her_own(settings):
    settings.SMS_ADAPTER = "accounts.tests.test_sms.own"
    with pytest.raises(sms.NotSent, match="by my own"):
        sms.send(*MESSAGE)


def own(phone, template, parameters):
    """An adapter as somebody else would write it."""
    raise sms.NotSent("by my own")
