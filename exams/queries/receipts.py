"""The candidate's own copy of the chain: with it even answers removed from a running attempt are missed."""

import hashlib
import hmac
import json
from collections import defaultdict

from django.utils.translation import gettext as _

from accounts import vault
from audit.transitions import Refused
from exams.engine import chain
from exams.engine.chance import digest
from exams.models import Attempt, Intervention
from exams.queries import responses

FORMAT = 1
LARGEST = 20_000_000  # of as many answers as an attempt takes


def receipt(attempt, *, with_payloads):
    """Give the receipt of an attempt: its first link, every event, every intervention, and the close; never a score.

    The payloads as hashed name options by the authors' ids, whose order a running paper must not tell: while she sits, and
    where the terms do not show her answers, they are left out, and the links alone bear witness.
    """
    rows = Intervention.objects.filter(attempt=attempt).order_by("number")
    return _receipt(attempt, responses.events(attempt), rows, with_payloads)


def receipts(attempts, *, with_payloads):
    """Give the receipts of several attempts with their people and papers, by their keys: two queries."""
    said, done = responses.events_of(attempts), defaultdict(list)
    rows = Intervention.objects.filter(attempt__in=[one.pk for one in attempts])
    for row in rows.order_by("attempt_id", "number"):
        done[row.attempt_id].append(row)
    return {one.pk: _receipt(one, said[one.pk], done[one.pk], with_payloads) for one in attempts}


def _receipt(attempt, events, interventions, with_payloads):
    registration = attempt.registration
    facts = {
        "format": FORMAT,
        "attempt": attempt.pk,
        "session": registration.session.code,
        "candidate": registration.candidate_id,
        "name": registration.candidate.name,
        "number": attempt.number,
        "paper": attempt.paper.digest,
        "layout": digest(attempt.layout),
        "started_at": chain.stamp(attempt.started_at),
        "origin": attempt.origin,
        "events": [_event(event, with_payloads) for event in events],
        "interventions": [
            {
                "number": row.number,
                "kind": row.kind,
                "seconds": row.seconds,
                "why": row.why,
                "by": row.by_id,
                "at": chain.stamp(row.at),
                "link": row.link,
            }
            for row in interventions
        ],
    }
    if attempt.state != Attempt.State.IN_PROGRESS:
        facts |= {
            "submitted_at": chain.stamp(attempt.submitted_at),
            "ended_by": attempt.ended_by,
            "deadline": chain.stamp(attempt.deadline),
            "seal": attempt.seal,
        }
    return facts | {"signature": _signature(facts)}


def read(raw):
    """Give (key of the attempt, [(number, link), …]) of a receipt that this house made; Refused for any other file."""
    if len(raw) > LARGEST:
        raise Refused(_("回执文件过大。"))
    try:
        facts = json.loads(raw)
        signature = facts.pop("signature")
        is_ours = hmac.compare_digest(str(signature).encode(), _signature(facts).encode())
        if is_ours:
            return facts["attempt"], [(event["number"], event["link"]) for event in facts["events"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise Refused(_("这不是作答回执文件。")) from problem
    raise Refused(_("回执不是本系统签发的，或已被改动。"))


def _event(event, with_payloads):
    told = {
        "number": event.number,
        "position": event.position,
        "payload": event.payload,
        "flagged": event.flagged,
        "saved_at": chain.stamp(event.saved_at),
        "previous": event.previous,
        "link": event.link,
    }
    if not with_payloads:
        del told["payload"]
    return told


def _signature(facts):
    return hmac.new(vault.derived("receipt"), digest(facts).encode(), hashlib.sha256).hexdigest()
