"""Messages by a gateway: a signed JSON POST, as docs/operations.md tells whoever runs the other end."""

import hashlib
import hmac
import json
import secrets
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import gaierror
from urllib.parse import urlsplit

from django.conf import settings

from accounts.sms import EVER, NOW, UNKNOWN, NotSent

TIMEOUT = 5  # seconds, for each step on the line
NOT_EVEN_BEGUN = (ConnectionRefusedError, gaierror)  # whatever else breaks, the message may have arrived
CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}


def signature(secret, timestamp, nonce, body):
    """What the other end computes again: HMAC-SHA256 over time, nonce and the bytes of the body, a line feed between."""
    signed = f"{timestamp}\n{nonce}\n".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def send(phone, template, parameters):
    """Post the message; whatever is not a 2xx is a failure, and a redirection is not followed."""
    address = urlsplit(settings.SMS_URL)
    message = {"phone": phone, "template": template, "parameters": parameters}
    body = json.dumps(message, ensure_ascii=False).encode()
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Zhikao-Key": settings.SMS_KEY_ID,
        "X-Zhikao-Timestamp": timestamp,
        "X-Zhikao-Nonce": nonce,
        "X-Zhikao-Signature": signature(settings.SMS_SECRET, timestamp, nonce, body),
    }
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    connection = CONNECTIONS[address.scheme](address.hostname, address.port, timeout=TIMEOUT)
    try:
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        # Without the cause: an answer that is no HTTP is quoted in it, and might quote us.
        how = NOW if isinstance(error, NOT_EVEN_BEGUN) else UNKNOWN
        raise NotSent(f"the gateway does not answer: {type(error).__name__}", how) from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        is_final = 400 <= status < 500 and status not in (408, 429)
        raise NotSent(f"the gateway answers {status}", EVER if is_final else NOW)
