"""The channels' contracts: what each sends to the other side, and what each kind of refusal means."""

import json
import os
import smtplib
import stat
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts import sms
from accounts.sms import http as sms_http
from messaging import channels, kinds
from messaging.channels import Never, NotNow, Route, Unknown, email, wecom
from messaging.channels import sms as by_sms

KIND = "learning.near"


@pytest.fixture
def letter(settings):
    settings.BASE_URL = "https://exam.example.cn"
    return kinds.letter(kinds.KINDS[KIND], kinds.KINDS[KIND].example)


# --- E-mail -----------------------------------------------------------------------------------------------------------------


class Unlucky(EmailBackend):
    """A mail server to which something happens."""

    closed, problem = None, None

    def open(self):
        if self.closed:
            raise self.closed

    def send_messages(self, messages):
        if self.problem:
            raise self.problem
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.Unlucky"
    monkeypatch.setattr(Unlucky, "closed", None)
    monkeypatch.setattr(Unlucky, "problem", None)
    return Unlucky


def test_a_mail_says_what_is_due_where_it_is_done_and_how_to_stop_it(cast, letter):
    email.send(cast.officer, letter)
    [one] = mail.outbox
    assert (one.to, one.subject) == (
        ["officer@example.invalid"],
        "【质考】课程“两个规定与产品质量法”还有 3 天到期",
    )
    assert one.body == (
        "请在 2026-12-01 前学完课程“两个规定与产品质量法”；学完后自动登记考试。\n\n"
        "https://exam.example.cn/courses/general/\n\n"
        "不想再收到邮件提醒，请在“我的”页面关闭：https://exam.example.cn/me/"
    )
    assert one.extra_headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("closed", "problem", "means"),
    [
        (ConnectionRefusedError(), None, NotNow),
        (smtplib.SMTPAuthenticationError(535, b"no"), None, NotNow),
        (None, smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}), Never),
        (None, smtplib.SMTPRecipientsRefused({"a": (450, b"later")}), NotNow),
        (None, smtplib.SMTPDataError(451, b"busy"), NotNow),
        (None, smtplib.SMTPDataError(554, b"spam"), Never),
        (None, smtplib.SMTPServerDisconnected(), Unknown),
        (None, TimeoutError(), Unknown),
    ],
)
def test_what_a_mail_server_says_has_one_meaning(cast, letter, server, closed, problem, means):
    server.closed, server.problem = closed, problem
    with pytest.raises(means) as told:
        email.send(cast.officer, letter)
    assert "example.invalid" not in str(told.value)
    assert mail.outbox == []


# --- Short messages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "means"), [(sms.NOW, NotNow), (sms.EVER, Never), (sms.UNKNOWN, Unknown)])
def test_what_a_gateway_says_has_one_meaning(cast, letter, monkeypatch, how, means):
    def refuse(*message):
        raise sms.NotSent("no luck", how)

    monkeypatch.setattr(sms, "send", refuse)
    with pytest.raises(means, match="no luck"):
        by_sms.send(cast.officer, letter)


def test_a_gateway_gets_the_template_and_what_fills_its_gaps(cast, letter, monkeypatch):
    got = []
    monkeypatch.setattr(sms, "send", lambda *message: got.append(message))
    by_sms.send(cast.officer, letter)
    filled = {"course": "两个规定与产品质量法", "days": "3", "due": "2026-12-01"}
    assert got == [(cast.officer.phone, "learning_near", filled)]


@pytest.mark.parametrize(
    ("status", "how"), [(400, sms.EVER), (403, sms.EVER), (408, sms.NOW), (429, sms.NOW), (500, sms.NOW), (302, sms.NOW)]
)  # fmt: skip
def test_the_status_of_a_gateway_says_whether_it_is_worth_another_try(settings, monkeypatch, status, how):
    line = SimpleNamespace(
        request=lambda *a: None, getresponse=lambda: SimpleNamespace(status=status), close=lambda: None
    )
    monkeypatch.setitem(sms_http.CONNECTIONS, "https", lambda *a, **more: line)
    settings.SMS_URL = "https://gateway.example/"
    with pytest.raises(sms.NotSent) as told:
        sms_http.send("19900000001", "t", {})
    assert told.value.how == how


# --- 企业微信 -------------------------------------------------------------------------------------------------------------------


class Wecom(ThreadingHTTPServer):
    """The other side as its documentation describes it, as far as we ask."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.got, self.tokens, self.says, self.members = [], 0, {}, {"19900000001": "wangyuchen"}

    def answer(self, path, query, body):
        if path in self.says:
            return self.says[path].pop(0) if isinstance(self.says[path], list) else self.says[path]
        if path == "/cgi-bin/gettoken":
            if (query.get("corpid"), query.get("corpsecret")) != (["corp"], ["secret"]):
                return {"errcode": 40001}
            self.tokens += 1
            return {"errcode": 0, "access_token": f"t{self.tokens}", "expires_in": 7200}
        if query.get("access_token") != [f"t{self.tokens}"]:
            return {"errcode": 40014}
        if path == "/cgi-bin/user/getuserid":
            found = self.members.get(body["mobile"])
            return {"errcode": 0, "userid": found} if found else {"errcode": 46004}
        self.got.append((path, body))
        return {"errcode": 0, "msgid": "m1"}


class _Answer(BaseHTTPRequestHandler):
    def _say(self, body):
        where = urlsplit(self.path)
        told = self.server.answer(where.path, parse_qs(where.query), body)
        if isinstance(told, int):
            self.send_error(told)
            return
        if told == "gone":
            self.close_connection = True
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def do_GET(self):
        self._say(None)

    def do_POST(self):
        self._say(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def log_message(self, *args):
        """Quiet."""


@pytest.fixture
def other(settings):
    running = Wecom()
    threading.Thread(target=running.serve_forever, daemon=True).start()
    settings.WECOM_ADAPTER = "http"
    settings.OUTSIDE = {
        "wecom": {
            "id": "corp", "secret": "secret", "agent": "1000002", "site": "", "open": "",
            "api": f"http://127.0.0.1:{running.server_port}",
        }
    }  # fmt: skip
    wecom._tokens.clear()
    yield running
    running.shutdown()
    running.server_close()
    wecom._tokens.clear()


SEND, FIND = "/cgi-bin/message/send", "/cgi-bin/user/getuserid"


def test_a_member_gets_a_card_and_the_token_is_asked_for_once(cast, letter, other):
    for _turn in range(2):
        wecom.send(cast.officer, letter)
    card = {
        "touser": "wangyuchen",
        "msgtype": "textcard",
        "agentid": "1000002",
        "textcard": {
            "title": "课程“两个规定与产品质量法”还有 3 天到期",
            "description": "请在 2026-12-01 前学完课程“两个规定与产品质量法”；学完后自动登记考试。",
            "url": "https://exam.example.cn/courses/general/",
        },
    }
    assert (other.got, other.tokens) == ([(SEND, card)] * 2, 1)


def test_a_token_that_wore_out_before_its_time_is_fetched_once_more(cast, letter, other):
    wecom.send(cast.officer, letter)
    other.tokens = 7
    wecom.send(cast.officer, letter)
    assert (len(other.got), other.tokens) == (2, 8)


@pytest.mark.parametrize(
    ("path", "answer", "means"),
    [
        (FIND, {"errcode": 46004}, Never),
        (FIND, {"errcode": -1}, NotNow),
        (FIND, "gone", NotNow),
        (FIND, 502, NotNow),
        (SEND, {"errcode": 45009}, NotNow),
        (SEND, {"errcode": 60011}, Never),
        (SEND, {"errcode": 0, "invaliduser": "wangyuchen"}, Never),
        (SEND, "gone", Unknown),
        (SEND, {"errcode": 42001}, NotNow),
        ("/cgi-bin/gettoken", {"errcode": 40001}, Never),
    ],
)
def test_what_the_other_side_says_has_one_meaning(cast, letter, other, path, answer, means):
    other.says[path] = answer
    with pytest.raises(means) as told:
        wecom.send(cast.officer, letter)
    assert not any(secret in str(told.value) for secret in (cast.officer.phone, "secret", "wangyuchen"))
    assert other.got == []


def test_nobody_listens_is_for_later(cast, letter, other):
    other.shutdown()
    other.server_close()
    with pytest.raises(NotNow, match="no answer: ConnectionRefusedError"):
        wecom.send(cast.officer, letter)


def test_a_long_text_is_cut_between_letters(other):
    assert wecom._cut("质量" * 40, 128) == "质量" * 21
    assert wecom._cut("abc", 128) == "abc"


def test_the_file_of_a_trial_is_read_by_its_owner_alone(cast, letter, settings, tmp_path):
    settings.WECOM_ADAPTER, settings.WECOM_FILE = "file", str(tmp_path / "wecom.log")
    wecom.send(cast.officer, letter)
    [line] = (tmp_path / "wecom.log").read_text().splitlines()
    assert json.loads(line)["title"] == letter.title
    assert stat.S_IMODE(os.stat(settings.WECOM_FILE).st_mode) == 0o600


# --- Who is reached by what ---------------------------------------------------------------------------------------------------


def test_a_channel_is_tried_only_where_it_reaches_somebody(cast, settings):
    def reached(**more):
        return channels.order(Route(cast.officer, **({"by_mail": True, "has_template": True} | more)))

    settings.MESSAGE_CHANNELS = ["wecom", "email", "sms"]
    settings.WECOM_ADAPTER, settings.SMS_ADAPTER = "http", "http"
    assert reached() == ["wecom", "email", "sms"]
    assert reached(by_mail=False) == ["wecom", "sms"]
    assert reached(has_template=False) == ["wecom", "email"]
    settings.MESSAGE_CHANNELS = ["sms", "email"]
    assert reached() == ["sms", "email"]
    settings.SMS_ADAPTER = "file"
    assert reached() == ["email"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert reached() == []
    cast.officer.email = cast.officer.phone_sealed = ""
    settings.EMAIL_BACKEND, settings.SMS_ADAPTER = "django.core.mail.backends.locmem.EmailBackend", "http"
    assert reached() == []


@pytest.mark.parametrize("code", sorted(kinds.KINDS))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_has_words_in_both_languages_and_leads_somewhere(code, language):
    kind = kinds.KINDS[code]
    told = kinds.letter(kind, kind.example, language)
    assert told.title and told.text and "%(" not in told.whole
    assert bool(told.url) == bool(kind.place and kind.act)
    assert set(told.parameters) == set(kind.sms[1:])
