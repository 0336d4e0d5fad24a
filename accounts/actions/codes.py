"""Codes by short message: asking for one, and what it is worth.

A number that nobody has, or whose owner may not sign in, goes the same way through the same statements as any other; the
worker alone then sends nothing. How often was asked and failed is counted in the log of acts, as failed passwords are.
"""

import hashlib
import hmac
import json
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import identifiers, vault
from accounts.backends import whose_door
from accounts.models import PhoneCode, User
from audit.context import acting
from audit.log import name_of, record
from audit.models import AuditEvent, Outcome
from audit.transitions import Refused

ASKED, FAILED = "phone_code.asked", "phone_code.failed"
VALID = timedelta(minutes=5)
MOST_TRIES = 5  # of one code
NOBODYS = "0" * 11
N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the refusal does

SOON = N_("刚刚已获取过验证码，请 60 秒后再试。")
LATER = N_("获取验证码过于频繁，请稍后再试，或用密码登录。")
# So many of one number within so long, and of one address, behind which a classroom or a whole enterprise may be.
MOST_OF_NUMBER = (
    (1, timedelta(minutes=1), SOON),
    (5, timedelta(hours=1), LATER),
    (10, timedelta(days=1), LATER),
)
MOST_OF_ADDRESS = ((60, timedelta(minutes=10), LATER), (600, timedelta(days=1), LATER))
# Who knows many numbers could try five codes of each: of a million codes an address may try so few a day.
MOST_FAILED = ((100, timedelta(days=1), N_("验证码输错次数过多，请用密码登录，或明天再试。")),)


@transaction.atomic
def ask(phone, *, now):
    """Send a number a new code, which ends the one before; gives the ticket that the browser must show with the code.

    `now` counts for the code and its limits alike. The row of the number is locked, so that two who ask at once get one.
    """
    phone = identifiers.normalise_phone(phone)
    row, _made = PhoneCode.objects.select_for_update().get_or_create(
        door=_door(phone), defaults={"sent_at": now}
    )
    person = User.objects.by_phone(phone)
    lines = AuditEvent.objects.filter(action=ASKED)
    _bound(lines.filter(target=name_of(whose_door(person, phone))), MOST_OF_NUMBER, now)
    _bound(_of_address(lines), MOST_OF_ADDRESS, now)
    code = f"{secrets.randbelow(1_000_000):06}"
    row.ticket, row.tries, row.sent_at = secrets.token_hex(16), 0, now
    row.digest = _digest(row, person, code)
    row.save()
    leads = person is not None and person.is_active
    record(
        "phone_code.asked",
        whose_door(person, phone),
        by=None,
        phone=identifiers.mask_phone(phone),
        sent=leads,
    )
    _leave_to_worker(phone if leads else NOBODYS, code, until=now + VALID, leads=leads)
    return row.ticket


def redeem(phone, code, *, ticket, now):
    """The person whom a code leads in, or None, which is written down; of two who try at once one is let in.

    A code counts once, for five minutes, for the browser that asked, and for five tries.
    """
    phone = identifiers.normalise_phone(phone)
    _bound(_of_address(AuditEvent.objects.filter(action=FAILED)), MOST_FAILED, now)
    with transaction.atomic():
        row = PhoneCode.objects.select_for_update().filter(door=_door(phone)).first()
        person = User.objects.by_phone(phone)
        is_tried = bool(row and row.digest and row.ticket == ticket and now < row.sent_at + VALID)
        tried = row if is_tried else PhoneCode(door=_door(phone), digest="-" * 64)
        is_right = hmac.compare_digest(_digest(tried, person, code), tried.digest)
        if is_tried:
            row.tries += 1
            if is_right or row.tries >= MOST_TRIES:
                row.digest = ""
            row.save()
        if is_right and person is not None and person.is_active:
            record("phone_code.used", person, by=person)
            return person
        record(
            "phone_code.failed",
            whose_door(person, phone),
            by=None,
            outcome=Outcome.REFUSED,
            phone=identifiers.mask_phone(phone),
        )
    return None


def forget_codes(*, now):
    """Delete the rows of codes that nobody can use any more."""
    return PhoneCode.objects.filter(sent_at__lt=now - timedelta(days=1)).delete()[0]


def _door(phone):
    return vault.fingerprint("phone code", phone)


def _digest(row, person, code):
    """Of whom and which browser a code is, under a key of its own; that there are only a million hides nothing without it."""
    told = f"{row.door}:{row.ticket}:{person.pk if person else 0}:{code}"
    return hmac.new(vault.derived("phone code"), told.encode(), hashlib.sha256).hexdigest()


def _of_address(lines):
    address = acting().address
    return lines.filter(address=address) if address else lines.none()


def _bound(lines, bounds, now):
    """Refuse what happened too often already."""
    for most, span, sentence in bounds:
        if len(lines.filter(at__gt=now - span).order_by().values_list("pk")[:most]) >= most:
            raise Refused(_(sentence))


def _leave_to_worker(phone, code, *, until, leads):
    """Put the message into the queue, sealed and of one length, in the transaction that makes the code."""
    from accounts.tasks import send_code

    message = {"phone": phone, "code": code, "minutes": VALID.seconds // 60, "leads": int(leads)}
    send_code.enqueue(vault.encrypt(json.dumps(message | {"until": int(until.timestamp())})))
