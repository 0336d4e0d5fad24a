"""Keeping what a sitting page noticed: bounded, beside the answers, and without any effect on them."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import Error, transaction
from django.utils import timezone

from exams.models import Signal

log = logging.getLogger("exams")

MOST, AT_ONCE = 300, 20  # of one attempt; of one sending
LONGEST = 24 * 3600  # seconds that anything may have lasted
Kind = Signal.Kind
NOTICED = {kind.value for kind in Kind} - {Kind.DEVICE}  # what a page may say


def take(pk, told, *, now=None):
    """Keep what a page of this attempt tells; what cannot be read is left out, and nothing here keeps an answer from being saved."""
    now = now or timezone.now()
    rows = [row for one in told[:AT_ONCE] if (row := _row(pk, one, now))] if type(told) is list else []
    try:
        with transaction.atomic():
            return keep(rows)
    except Error:
        log.exception("what the page of attempt %s noticed could not be kept", pk)
        return 0


def keep(rows):
    """Append the signals of one attempt as far as its bound allows; one that is there already changes nothing."""
    if not rows:
        return 0
    room = MOST - Signal.objects.filter(attempt=rows[0].attempt_id).count()
    return len(Signal.objects.bulk_create(rows[: max(0, room)], ignore_conflicts=True))


def note_device(attempt, now):
    """Another device goes on with the attempt."""
    keep([Signal(attempt_id=attempt.pk, kind=Kind.DEVICE, at=now)])


def _row(pk, one, now):
    if type(one) is not dict or type(one.get("kind")) is not str or one["kind"] not in NOTICED:
        return None
    at, seconds = one.get("at"), one.get("seconds", 0)
    if type(at) is not int or type(seconds) is not int:
        return None
    try:
        at = datetime.fromtimestamp(at / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if not now - timedelta(seconds=LONGEST) < at <= now + timedelta(minutes=1):
        at = now  # a clock that is wrong
    return Signal(attempt_id=pk, kind=one["kind"], at=at, seconds=min(max(seconds, 0), LONGEST))
