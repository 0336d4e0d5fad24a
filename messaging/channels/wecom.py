"""By 企业微信: the application's own message to a member, whom we find by her phone; a sign-in link keeps only a hash of who she is.

An adapter is a function `send(phone, letter)`, as in accounts.sms: `file` writes a line for trials and reaches nobody, `http` is the
documented interface (gettoken, user/getuserid, message/send).
"""

import json
import os
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import monotonic
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from messaging.channels.problems import Never, NotNow, Unknown

ADAPTERS = {"file": "messaging.channels.wecom.write", "http": "messaging.channels.wecom.post"}
CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}
TIMEOUT = 5  # seconds, for each step on the line
EARLY = 300  # seconds before its end a token is fetched anew
WORN_OUT = (40014, 41001, 42001)  # what is said of a token that is good no longer
LATER = (-1, 45009)  # busy; asked too often
LONGEST = {"title": 128, "description": 512}  # what a card holds, in bytes
_tokens = {}  # of this process: application → (token, until when)


def reaches(route):
    """Whoever has a phone, if there is an application to write with."""
    return bool(settings.WECOM_ADAPTER not in ("", "file") and route.person.phone_sealed)


def send(person, letter):
    """Hand a letter to the adapter of the settings."""
    import_string(ADAPTERS.get(settings.WECOM_ADAPTER, settings.WECOM_ADAPTER))(person.phone, letter)


def write(phone, letter):
    """A line in a file that only its owner reads."""
    line = {
        "at": timezone.now().isoformat(),
        "phone": phone,
        "title": letter.title,
        "text": letter.text,
        "url": letter.url,
    }
    file = os.open(settings.WECOM_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(file, 0o600)
        os.write(file, (json.dumps(line, ensure_ascii=False) + "\n").encode())
    finally:
        os.close(file)


def post(phone, letter):
    """Find the member by her phone and send her a card."""
    member = _asked("/cgi-bin/user/getuserid", {"mobile": phone})["userid"]
    told = _asked(
        "/cgi-bin/message/send",
        {
            "touser": member,
            "msgtype": "textcard",
            "agentid": settings.OUTSIDE["wecom"]["agent"],
            "textcard": {
                "title": _cut(letter.title, LONGEST["title"]),
                "description": _cut(letter.text, LONGEST["description"]),
                "url": letter.url or settings.BASE_URL,
            },
        },
        is_last=True,
    )
    if told.get("invaliduser"):
        raise Never("invaliduser")


def _cut(text, most):
    return text.encode()[:most].decode(errors="ignore")


def _asked(path, body, is_last=False):
    """What a page of the other side answers to a post with the application's token; a worn-out token is fetched once more."""
    for turn in (1, 2):
        told = _answer("POST", f"{path}?{urlencode({'access_token': _token()})}", body, is_last)
        if told.get("errcode") not in WORN_OUT or turn == 2:
            return _checked(told)
        _tokens.clear()


def _token():
    app = settings.OUTSIDE["wecom"]
    key = (app["api"], app["id"], app["secret"])
    token, until = _tokens.get(key, ("", 0))
    if monotonic() >= until:
        asked = urlencode({"corpid": app["id"], "corpsecret": app["secret"]})
        told = _checked(_answer("GET", f"/cgi-bin/gettoken?{asked}"))
        token = told["access_token"]
        _tokens[key] = (token, monotonic() + int(told.get("expires_in", 0)) - EARLY)
    return token


def _checked(told):
    code = told.get("errcode", 0)
    if code in LATER or code in WORN_OUT:
        raise NotNow(f"errcode {code}")
    if code:
        raise Never(f"errcode {code}")
    return told


def _answer(method, path, body=None, is_last=False):
    """One step on the line. Only the last one hands the letter over, so only there a broken line leaves a doubt."""
    where = urlsplit(settings.OUTSIDE["wecom"]["api"])
    connection = CONNECTIONS[where.scheme](where.hostname, where.port, timeout=TIMEOUT)
    sent = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
    try:
        connection.connect()
    except OSError as problem:
        raise NotNow(f"no answer: {type(problem).__name__}") from None
    try:
        connection.request(method, path, sent, {"Content-Type": "application/json; charset=utf-8"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise NotNow(f"answer {answer.status}") from None
        return json.loads(answer.read())
    except (OSError, HTTPException, ValueError) as problem:
        raise (Unknown if is_last else NotNow)(f"no answer: {type(problem).__name__}") from None
    finally:
        connection.close()
