"""The other side on 127.0.0.1: 微信, 企业微信 and 钉钉 as their documentation describes them, each strict about what it is asked."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from accounts.outside import wecom
from audit.models import AuditEvent
from tests.people import PASSWORD

SECRETS = {"weixin": "weixin secret", "wecom": "wecom secret", "dingtalk": "dingtalk secret"}


class Elsewhere(ThreadingHTTPServer):
    """A code says who it is: `code-of-NAME`. `says` replaces answers by path, `waits` delays them, `asked` keeps the paths."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.says, self.waits, self.drips, self.asked = {}, 0, False, []
        self.tokens = {"the application's token"}
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def environment(self):
        """What whoever runs the house would set."""
        given = self.settings()
        names = {
            "weixin": {"id": "WEIXIN_APP_ID", "secret": "WEIXIN_SECRET", "site": "WEIXIN_SITE", "api": "WEIXIN_API"},
            "wecom": {"id": "WECOM_CORP_ID", "agent": "WECOM_AGENT_ID", "secret": "WECOM_SECRET", "site": "WECOM_SITE",
                      "open": "WECOM_OPEN", "api": "WECOM_API"},
            "dingtalk": {"id": "DINGTALK_CLIENT_ID", "secret": "DINGTALK_SECRET", "site": "DINGTALK_SITE", "api": "DINGTALK_API"},
        }  # fmt: skip
        return {name: given[code][key] for code, of_one in names.items() for key, name in of_one.items()}

    def settings(self):
        """What the house is told of it."""
        places = {"site": self.address + "/site", "api": self.address}
        return {
            "weixin": {"id": "wx1", "secret": SECRETS["weixin"], **places},
            "wecom": {
                "id": "corp1",
                "agent": "1000002",
                "secret": SECRETS["wecom"],
                "open": self.address + "/open",
                **places,
            },
            "dingtalk": {"id": "ding1", "secret": SECRETS["dingtalk"], **places},
        }


class _Answer(BaseHTTPRequestHandler):
    def _answer(self, method):
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(f"{method} {address.path}")
        time.sleep(self.server.waits)
        said = self.server.says.get(address.path)
        if said is None:
            said = ANSWERS.get((method, address.path), _nothing)(self, asked, body)
        status, told = said if isinstance(said, tuple) else (200, said)
        told = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        self.send_header(
            "Content-Type", "text/html" if told.startswith(b"<!doctype") else "text/plain"
        )  # so does 微信
        if 300 <= status < 400:
            self.send_header("Location", self.server.address + "/cgi-bin/gettoken")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        try:
            if not self.server.drips:
                self.wfile.write(told)
            for place in range(len(told) if self.server.drips else 0):
                self.wfile.write(told[place : place + 1])
                time.sleep(0.3)
        except OSError:
            pass  # whoever asked has gone

    def do_GET(self):
        self._answer("GET")

    def do_POST(self):
        self._answer("POST")

    def log_message(self, *args):
        pass


def _nothing(handler, asked, body):
    return 404, {}


def _of(code):
    return code.removeprefix("code-of-") if code.startswith("code-of-") else ""


def _weixin(handler, asked, body):
    is_right = asked.get("appid") == "wx1" and asked.get("secret") == SECRETS["weixin"]
    if not is_right or asked.get("grant_type") != "authorization_code" or not _of(asked.get("code", "")):
        return {"errcode": 40029, "errmsg": "invalid code"}
    return {
        "access_token": "weixin-token",
        "expires_in": 7200,
        "refresh_token": "weixin-refresh",
        "openid": _of(asked["code"]),
        "scope": "snsapi_login",
        "unionid": "union-" + _of(asked["code"]),
    }


def _wecom_token(handler, asked, body):
    if asked != {"corpid": "corp1", "corpsecret": SECRETS["wecom"]}:
        return {"errcode": 40001, "errmsg": "invalid credential"}
    return {
        "errcode": 0,
        "errmsg": "ok",
        "access_token": next(iter(handler.server.tokens)),
        "expires_in": 7200,
    }


def _wecom_who(handler, asked, body):
    if asked.get("access_token") not in handler.server.tokens:
        return {"errcode": 42001, "errmsg": "access_token expired"}
    name = _of(asked.get("code", ""))
    if not name:
        return {"errcode": 40029, "errmsg": "invalid code"}
    who = {"openid": name} if name.startswith("guest") else {"userid": name}
    return {"errcode": 0, "errmsg": "ok", **who}


def _dingtalk_token(handler, asked, body):
    told = json.loads(body)
    right = {"clientId": "ding1", "clientSecret": SECRETS["dingtalk"], "grantType": "authorization_code"}
    if told != right | {"code": told.get("code")} or not _of(told["code"]):
        return 400, {"code": "invalidParameter.authCode.notFound"}
    token = "dingtalk-token-" + _of(told["code"])
    return {"accessToken": token, "refreshToken": "dingtalk-refresh", "expireIn": 7200}


def _dingtalk_who(handler, asked, body):
    name = handler.headers.get("x-acs-dingtalk-access-token", "").removeprefix("dingtalk-token-")
    return {"nick": "昵称", "avatarUrl": "https://example.invalid/a.png", "openId": name, "unionId": "u"}


def _page(handler, asked, body):
    """Where she would scan or agree: here she is `somebody`, and agrees or not by a link."""
    key = "authCode" if "oauth2/auth" in handler.path else "code"
    back, state = asked["redirect_uri"], urlencode({"state": asked["state"]})
    yes = f"{back}?{key}=code-of-somebody&{state}"
    return f'<!doctype html><title>elsewhere</title><a id="yes" href="{yes}">yes</a> <a id="no" href="{back}?{state}">no</a>'.encode()


ANSWERS = {
    ("GET", "/site/connect/qrconnect"): _page,
    ("GET", "/site/wwlogin/sso/login"): _page,
    ("GET", "/site/oauth2/auth"): _page,
    ("GET", "/sns/oauth2/access_token"): _weixin,
    ("GET", "/cgi-bin/gettoken"): _wecom_token,
    ("GET", "/cgi-bin/auth/getuserinfo"): _wecom_who,
    ("POST", "/v1.0/oauth2/userAccessToken"): _dingtalk_token,
    ("GET", "/v1.0/contact/users/me"): _dingtalk_who,
}


# --- What the stories do --------------------------------------------------------------------------------------------------


@contextmanager
def opened(settings):
    """The other side, and a house that knows of it."""
    wecom._tokens.clear()
    other = Elsewhere()
    settings.OUTSIDE = other.settings()
    yield other
    other.shutdown()
    other.server_close()


def start(client, code, **sent):
    """Press the button; gives where the other side is and what it is told."""
    page = client.post(reverse("outside_begin", args=[code]), sent)
    assert page.status_code == 200, page.status_code
    return told_of(page)


def told_of(page):
    address = urlsplit(page["Refresh"].removeprefix("0; url="))
    assert page.context["address"] == page["Refresh"].removeprefix("0; url=")
    return address, {name: values[0] for name, values in parse_qs(address.query).items()}


def returns(client, code, name, state, **more):
    """Come back as somebody."""
    key = "authCode" if code == "dingtalk" else "code"
    sent = {"state": state} | ({key: f"code-of-{name}"} if name else {}) | more
    return client.get(reverse("outside_back", args=[code]), sent)


def signs_in(client, code, name="somebody", **sent):
    return returns(client, code, name, start(client, code, **sent)[1]["state"])


def links(client, code, name="somebody"):
    """Link an account elsewhere with the one that is signed in, by its pages."""
    page = client.post(reverse("people:outside_connect", args=[code]))
    return returns(client, code, name, told_of(page)[1]["state"])


def signed_in(username="officer"):
    client = Client()
    client.post(reverse("account_login"), {"login": username, "password": PASSWORD})
    return client


def who(client):
    return client.session.get(SESSION_KEY)


def lines(*actions_):
    return list(
        AuditEvent.objects.filter(action__in=actions_)
        .order_by("pk")
        .values_list("action", "outcome", "actor_name")
    )


def refused(answer, sentence):
    assert answer.status_code == 403
    assert sentence in answer.context["sentence"]
    assert answer.context["sentence"] in answer.content.decode()
